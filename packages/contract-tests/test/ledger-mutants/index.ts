import { admissionMutants } from './admission.js';
import { lifetimeMutants } from './lifetime.js';
import type { LedgerMutants } from './mutant.js';
import { recordsMutants } from './records.js';
import { settlementMutants } from './settlement.js';
import { windowsMutants } from './windows.js';

/** Ledgers that are wrong on purpose, named by what they do. */
export const ledgerMutants: LedgerMutants = {
  ...settlementMutants,
  ...admissionMutants,
  ...windowsMutants,
  ...recordsMutants,
  ...lifetimeMutants,
};

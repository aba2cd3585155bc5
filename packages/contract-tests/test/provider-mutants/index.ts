import { cancelMutants } from './cancel.js';
import { errorsMutants } from './errors.js';
import { manifestMutants } from './manifest.js';
import { modalitiesMutants } from './modalities.js';
import type { ProviderMutants } from './mutant.js';
import { protocolMutants } from './protocol.js';
import { usageMutants } from './usage.js';

/** Providers that are wrong on purpose, named by what they do. */
export const providerMutants: ProviderMutants = {
  ...protocolMutants,
  ...errorsMutants,
  ...cancelMutants,
  ...usageMutants,
  ...manifestMutants,
  ...modalitiesMutants,
};

import { batchesMutants } from './batches.js';
import { cancelMutants } from './cancel.js';
import { errorsMutants } from './errors.js';
import { manifestMutants } from './manifest.js';
import { modalitiesMutants } from './modalities.js';
import type { ProviderMutants } from './mutant.js';
import { protocolMutants } from './protocol.js';
import { requestMutants } from './request.js';
import { usageMutants } from './usage.js';

/** Providers that are wrong on purpose, named by what they do. */
export const providerMutants: ProviderMutants = {
  ...protocolMutants,
  ...requestMutants,
  ...batchesMutants,
  ...errorsMutants,
  ...cancelMutants,
  ...usageMutants,
  ...manifestMutants,
  ...modalitiesMutants,
};

export { inBatches } from './batches.js';

import { breaks } from './breaks.mjs';
import { faults } from './faults.mjs';
import { growth } from './growth.mjs';
import { commits, firstToken, holds, latency } from './latency.mjs';
import { idle, load } from './load.mjs';
import { readsPerEvent } from './reads.mjs';
import { calls, streams } from './throughput.mjs';

/** What a client process can be told to do. Each gets the contender and options, and resolves with plain data. */
export const tasks = {
  breaks,
  calls,
  commits,
  faults,
  firstToken,
  growth,
  holds,
  idle,
  latency,
  load,
  readsPerEvent,
  streams,
};

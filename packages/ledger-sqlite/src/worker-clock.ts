import type { WorkerSettings } from './protocol.js';

/** The clock of a worker thread, by which leases are judged: epoch milliseconds. Tests can put it ahead. */
export function workerClock({ clockAheadMs }: WorkerSettings): () => number {
  const ahead = clockAheadMs === undefined ? null : new Float64Array(clockAheadMs);
  return () => Math.floor(Date.now() + (ahead?.[0] ?? 0));
}

import type { WorkerSettings } from './protocol.js';

/** The clock by which leases and rate limits are judged: epoch milliseconds. Tests can put it ahead, or have it stand still. */
export function workerClock({ clockAheadMs }: Pick<WorkerSettings, 'clockAheadMs'>): () => number {
  const ahead = clockAheadMs === undefined ? null : new Float64Array(clockAheadMs);
  return () => ahead?.[1] || Math.floor(Date.now() + (ahead?.[0] ?? 0));
}

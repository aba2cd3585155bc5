import { SimulatorError } from '../simulator-error.js';
import type { SimulatorStats, StatsBoard } from './stats.js';

/**
 * Resolves with the first statistics that satisfy the predicate, at once when they already do. Rejects with the signal's
 * reason, with what the predicate throws, or with a SimulatorError `closed` when the simulator closes first.
 */
export function waitForStats(
  board: StatsBoard,
  closing: AbortSignal,
  predicate: (stats: SimulatorStats) => boolean,
  signal?: AbortSignal,
): Promise<SimulatorStats> {
  return new Promise((resolve, reject) => {
    let stopListening = () => {};
    const stop = () => {
      stopListening();
      signal?.removeEventListener('abort', cancelled);
      closing.removeEventListener('abort', closed);
    };
    const check = () => {
      try {
        const stats = board.snapshot();
        if (!predicate(stats)) return;
        stop();
        resolve(stats);
      } catch (error) {
        stop();
        reject(error);
      }
    };
    const cancelled = () => {
      stop();
      reject(signal?.reason);
    };
    const closed = () => {
      stop();
      reject(new SimulatorError('closed', 'The simulator was closed before its statistics were as awaited.'));
    };
    if (signal?.aborted) return cancelled();
    if (closing.aborted) return closed();
    signal?.addEventListener('abort', cancelled, { once: true });
    closing.addEventListener('abort', closed, { once: true });
    stopListening = board.listen(check);
    check();
  });
}

import { VibeError } from '../errors/vibe-error.js';
import { throwIfAborted } from '../flow/abort.js';
import type { LiveCall, Stage } from '../flow/live-call.js';
import type { Ledger } from '../spec/ledger.js';

/** A call that ends before its hold still leaves a row: refused, without a route, or cancelled. */
export function journal(ledger: Ledger, now: () => number): Stage<LiveCall> {
  return (next) =>
    async function* (call) {
      try {
        throwIfAborted(call.signal);
        yield* next(call);
      } catch (thrown) {
        const error = VibeError.from(thrown);
        if (!call.state.held) await recordBlocked(ledger, call, error, now());
        throw error;
      }
    };
}

async function recordBlocked(ledger: Ledger, call: LiveCall, error: VibeError, nowMs: number): Promise<void> {
  const refused = error.code === 'budget_exceeded' || error.code === 'unpriced' || error.code === 'no_route';
  try {
    await ledger.block?.({
      callId: call.id,
      traceId: call.traceId,
      status: error.code === 'cancelled' ? 'cancelled' : refused ? 'blocked' : 'failed',
      errorCode: error.code,
      errorMessage: error.message,
      target: error.target ?? call.state.target,
      estimatedNanoUsd: call.state.estimatedNanoUsd,
      tags: call.request.tags ?? {},
      waitMs: call.state.waitMs,
      totalMs: nowMs - call.startedAtMs,
    });
  } catch {
    // The call has failed already, and its own error says more than a ledger that cannot record it.
  }
}

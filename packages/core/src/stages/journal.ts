import { VibeError } from '../errors/vibe-error.js';
import { abortError } from '../flow/abort.js';
import { elapsedMs } from '../flow/elapsed.js';
import type { EventHub } from '../flow/event-hub.js';
import type { LiveCall, Stage } from '../flow/live-call.js';
import type { Ledger } from '../spec/ledger.js';

export interface JournalParts {
  readonly ledger: Ledger;
  readonly events: EventHub;
  readonly now: () => number;
}

/** A call that ends before its hold still leaves a row: refused, without a route, or cancelled. */
export function journal(parts: JournalParts): Stage<LiveCall> {
  return (next) => (call) => {
    const { cancellation } = call;
    const answering = cancellation.aborted ? Promise.reject(abortError(cancellation)) : next(call);
    return answering.catch(async (thrown: unknown) => {
      const error = VibeError.from(thrown);
      if (!call.state.held) await recordBlocked(parts, call, error);
      throw error;
    });
  };
}

async function recordBlocked({ ledger, events, now }: JournalParts, call: LiveCall, error: VibeError): Promise<void> {
  const { code, message } = error;
  const refused = code === 'budget_exceeded' || code === 'unpriced' || code === 'no_route';
  const status = code === 'cancelled' ? 'cancelled' : refused ? 'blocked' : 'failed';
  const target = error.target ?? call.state.target;
  events.emit('blocked', { callId: call.id, status, target, errorCode: code, reason: message });
  try {
    await ledger.block?.({
      callId: call.id,
      traceId: call.traceId,
      status,
      errorCode: code,
      errorMessage: message,
      target,
      estimatedNanoUsd: call.state.estimatedNanoUsd,
      tags: call.request.tags ?? {},
      waitMs: call.state.waitMs,
      totalMs: elapsedMs(call.startedAtMs, now()),
    });
  } catch {
    // The call has failed already, and its own error says more than a ledger that cannot record it.
  }
}

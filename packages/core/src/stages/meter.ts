import type { PriceBook } from '../estimate/price-book.js';
import type { Outcome } from '../flow/endings.js';
import type { EventHub } from '../flow/event-hub.js';
import type { ChainEvent, PermittedAttempt, Stage } from '../flow/live-call.js';
import { type AttemptEnd, AttemptMeter } from './attempt-meter.js';

export interface MeterParts {
  readonly prices: PriceBook;
  readonly events: EventHub;
  readonly now: () => number;
}

/** Time to first token, partial usage, and exactly one record per attempt, however it ends. Takes the provider's `usage` events out. */
export function meter(parts: MeterParts): Stage<PermittedAttempt> {
  return (next) => async (call) => {
    const attempt = new AttemptMeter(call, parts.prices, parts.now);
    call.state.dispatched++;
    call.state.endings.push((outcome) => {
      const record = attempt.record(endOf(call, outcome));
      call.state.attempts.push(record);
      parts.events.emit('attempt', { callId: call.id, record });
    });
    const answer = await next(call);
    answer.watch((events) => (events.every(isForCaller) ? seen(attempt, events) : forCaller(attempt, events)));
    await answer.begin();
    return answer;
  };
}

function isForCaller({ type }: ChainEvent): boolean {
  return type !== 'usage';
}

function seen(attempt: AttemptMeter, events: readonly ChainEvent[]): readonly ChainEvent[] {
  for (const event of events) {
    if (event.type === 'usage') attempt.reported(event);
    else if (event.type === 'delta' || event.type === 'tool_call_delta') attempt.saw(event);
  }
  return events;
}

function forCaller(attempt: AttemptMeter, events: readonly ChainEvent[]): readonly ChainEvent[] {
  return seen(attempt, events).filter(isForCaller);
}

function endOf({ state }: PermittedAttempt, outcome: Outcome): AttemptEnd {
  if (outcome.status === 'final') return { status: state.draining ? 'cancelled' : 'ok', result: outcome.result };
  return { status: outcome.status === 'error' ? 'failed' : 'cancelled', error: outcome.error ?? null };
}

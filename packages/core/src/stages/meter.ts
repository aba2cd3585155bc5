import { VibeError } from '../errors/vibe-error.js';
import type { PriceBook } from '../estimate/price-book.js';
import type { EventHub } from '../flow/event-hub.js';
import type { PermittedAttempt, Stage } from '../flow/live-call.js';
import { type AttemptEnd, AttemptMeter } from './attempt-meter.js';

export interface MeterParts {
  readonly prices: PriceBook;
  readonly events: EventHub;
  readonly now: () => number;
}

/** Time to first token, partial usage, and exactly one record per attempt, however it ends. Takes the provider's `usage` events out. */
export function meter(parts: MeterParts): Stage<PermittedAttempt> {
  return (next) =>
    async function* (call) {
      const attempt = new AttemptMeter(call, parts.prices, parts.now);
      call.state.dispatched++;
      let done = false;
      const end = (outcome: AttemptEnd) => {
        if (done) return;
        done = true;
        const record = attempt.record(outcome);
        call.state.attempts.push(record);
        parts.events.emit('attempt', { callId: call.id, record });
      };
      try {
        for await (const event of next(call)) {
          if (event.type === 'usage') {
            attempt.reported(event);
            continue;
          }
          if (event.type === 'final') end({ status: call.state.draining ? 'cancelled' : 'ok', result: event.result });
          else attempt.saw(event);
          yield event;
        }
      } catch (thrown) {
        const error = VibeError.from(thrown);
        end({ status: error.code === 'cancelled' ? 'cancelled' : 'failed', error });
        throw error;
      } finally {
        end({ status: 'cancelled', error: null });
      }
    };
}

import { VibeError } from '../errors/vibe-error.js';
import type { ProviderResult } from '../spec/event.js';
import type { ChainEvent } from './live-call.js';

/** How a stream ended. */
export type Outcome =
  | { readonly status: 'final'; readonly result: ProviderResult }
  | { readonly status: 'error'; readonly error: VibeError }
  | { readonly status: 'cancelled' };

/**
 * Passes `events` on and calls `release` exactly once, whatever ends the stream: the final event, a throw, or the
 * consumer's `break`.
 *
 * `final` is handed on only after `release` has settled, so whoever has seen `final` can rely on the ledger row.
 */
export async function* bracket(
  events: AsyncIterable<ChainEvent>,
  release: (outcome: Outcome) => void | Promise<void>,
): AsyncGenerator<ChainEvent, void, undefined> {
  let released = false;
  try {
    for await (const event of events) {
      if (event.type === 'final' && !released) {
        released = true;
        await release({ status: 'final', result: event.result });
      }
      yield event;
    }
  } catch (thrown) {
    const error = VibeError.from(thrown);
    if (!released) {
      released = true;
      await release(error.code === 'cancelled' ? { status: 'cancelled' } : { status: 'error', error });
    }
    throw error;
  } finally {
    if (!released) {
      released = true;
      await release({ status: 'cancelled' });
    }
  }
}

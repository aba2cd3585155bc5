import { type ProviderEvent, VibeError } from '@vibe/core';
import { type ProviderMutants, streamed } from './mutant.js';

/** Wrong when their reader leaves. */
export const cancelMutants: ProviderMutants = {
  'ignores its signal': {
    caughtBy: 'cancel',
    mutate: streamed((stream, call) => stream({ ...call, signal: new AbortController().signal })),
  },
  'sends although the call is over': {
    caughtBy: 'cancel',
    mutate: streamed(async function* (stream, call) {
      if (call.signal.aborted)
        await stream({ ...call, signal: new AbortController().signal })
          [Symbol.asyncIterator]()
          .next();
      yield* stream(call);
    }),
  },
  'reads on when its reader has left': {
    caughtBy: 'cancel',
    mutate: streamed((stream, call) => withoutReturn(stream(call))),
  },
  'takes an abort for a failure of the service': {
    caughtBy: 'cancel',
    mutate: streamed(async function* (stream, call) {
      try {
        yield* stream(call);
      } catch (error) {
        throw call.signal.aborted ? new VibeError('provider_unavailable', 'the connection broke') : error;
      }
    }),
  },
};

/** An iterator whose `return()` does nothing. */
function withoutReturn(events: AsyncIterable<ProviderEvent>): AsyncIterable<ProviderEvent> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = events[Symbol.asyncIterator]();
      return { next: () => iterator.next(), return: async () => ({ done: true, value: undefined }) };
    },
  };
}

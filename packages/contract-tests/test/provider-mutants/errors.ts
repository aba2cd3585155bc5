import { type ProviderEvent, VibeError } from '@vibe/core';
import { failing, type ProviderMutants, streamed } from './mutant.js';

const emptyFinal: ProviderEvent = {
  type: 'final',
  result: {
    content: [],
    finishReason: 'other',
    rawFinishReason: null,
    usage: null,
    servedModel: null,
    requestId: null,
  },
};

function billedAs({ code, message, retryable, retryAfterMs }: VibeError, mayBeBilled: boolean): VibeError {
  return new VibeError(code, message, { retryable, retryAfterMs, mayBeBilled });
}

/** Wrong when the service fails. */
export const errorsMutants: ProviderMutants = {
  'swallows errors': {
    caughtBy: 'errors',
    mutate: streamed(async function* (stream, call) {
      try {
        yield* stream(call);
      } catch {
        yield emptyFinal;
      }
    }),
  },
  'throws bare errors': {
    caughtBy: 'errors',
    mutate: failing((error) => new Error(error instanceof Error ? error.message : 'failed')),
  },
  'calls every failure the same': {
    caughtBy: 'errors',
    mutate: failing((error) => (VibeError.is(error) ? new VibeError('provider_unavailable', error.message) : error)),
  },
  'takes a wait that nobody named for none': {
    caughtBy: 'errors',
    mutate: failing((error) =>
      VibeError.is(error) ? new VibeError(error.code, error.message, { retryAfterMs: error.retryAfterMs ?? 0 }) : error,
    ),
  },
  'loses the hint of the service': {
    caughtBy: 'errors',
    mutate: failing((error) => (VibeError.is(error) ? new VibeError(error.code, error.message) : error)),
  },
  'shows the key in its messages': {
    caughtBy: 'errors',
    mutate: failing((error, key) =>
      VibeError.is(error) ? new VibeError(error.code, `${error.message} (${key})`) : error,
    ),
  },
  'shows the key in the details of its errors': {
    caughtBy: 'errors',
    mutate: failing((error, key) =>
      VibeError.is(error) ? new VibeError(error.code, error.message, { details: { headers: { key } } }) : error,
    ),
  },
  'lets its users pay for refusals': {
    caughtBy: 'errors',
    mutate: failing((error) => (VibeError.is(error) ? billedAs(error, true) : error)),
  },
  'gives answers away that were cut': {
    caughtBy: 'errors',
    mutate: failing((error) => (VibeError.is(error) ? billedAs(error, false) : error)),
  },
  'retries by itself': {
    caughtBy: 'errors',
    mutate: streamed(async function* (stream, call) {
      let hasBegun = false;
      try {
        for await (const event of stream(call)) {
          hasBegun = true;
          yield event;
        }
      } catch (error) {
        if (hasBegun) throw error;
        yield* stream(call);
      }
    }),
  },
};

import { VibeError } from '../errors/vibe-error.js';
import { abortError, throwIfAborted } from '../flow/abort.js';
import type { ChainHandler, PermittedAttempt } from '../flow/live-call.js';
import { providerError } from '../flow/provider-error.js';
import { describeTarget } from '../policies/target-key.js';
import type { ProviderEvent } from '../spec/event.js';
import type { ProviderCall } from '../spec/provider.js';

/**
 * One physical request. Keeps the first-chunk and chunk timeouts, and lets go of a provider that does not hear its
 * signal: nothing waits for an iterator that hangs.
 */
export function callProvider(): ChainHandler<PermittedAttempt> {
  return async function* (call) {
    throwIfAborted(call.signal);
    const attempt = new AbortController();
    const abort = () => attempt.abort(abortError(call.signal));
    call.signal.addEventListener('abort', abort, { once: true });
    let completed = false;
    try {
      for await (const event of guarded(call, attempt)) {
        completed ||= event.type === 'final';
        yield event;
      }
    } finally {
      call.signal.removeEventListener('abort', abort);
      // Whatever else ended the iteration: the provider's connection must not outlive it.
      if (!completed && !attempt.signal.aborted) attempt.abort(new VibeError('cancelled', 'The attempt is over.'));
    }
  };
}

async function* guarded(
  call: PermittedAttempt,
  attempt: AbortController,
): AsyncGenerator<ProviderEvent, void, undefined> {
  const events = call.candidate.provider.stream(providerCall(call, attempt.signal))[Symbol.asyncIterator]();
  const watch = new Watch(attempt);
  try {
    const streams = call.incremental || call.candidate.option.manifest.streams === 'only';
    let timeoutMs = streams ? call.settings.firstChunkMs : call.settings.unaryMs;
    for (let first = true; ; first = false) {
      const step = await watch.next(events, timeoutMs, () => timedOut(call, first, timeoutMs));
      if (step.done === true) throw withoutFinal(call);
      if (step.value.type === 'final' && !Array.isArray(step.value.result?.content)) throw withoutResult(call);
      yield step.value;
      if (step.value.type === 'final') return;
      timeoutMs = call.settings.chunkMs;
    }
  } finally {
    watch.stop();
    // Not awaited: a provider that ignores its signal would hang here.
    void Promise.resolve(events.return?.()).catch(() => undefined);
  }
}

function providerCall(call: PermittedAttempt, signal: AbortSignal): ProviderCall {
  const { option } = call.candidate;
  const common = {
    endpoint: option.endpoint,
    model: option.manifest,
    incremental: call.incremental,
    signal,
    timeout: { connectMs: call.settings.connectMs },
  };
  if (call.operation !== 'chat') return { ...common, operation: call.operation, request: call.request } as ProviderCall;
  const { maxOutputTokens } = option.cost;
  return {
    ...common,
    operation: 'chat',
    request: maxOutputTokens === null ? call.request : { ...call.request, maxOutputTokens },
  };
}

/** Waits for the next event, for a timeout, or for the abort, whichever comes first. One timer and one listener per attempt. */
class Watch {
  readonly #attempt: AbortController;
  #reject: ((error: VibeError) => void) | null = null;
  readonly #onAbort = () => this.#reject?.(abortError(this.#attempt.signal));
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(attempt: AbortController) {
    this.#attempt = attempt;
    attempt.signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  next<T>(events: AsyncIterator<T>, timeoutMs: number, timedOut: () => VibeError): Promise<IteratorResult<T>> {
    return new Promise((resolve, reject) => {
      if (this.#attempt.signal.aborted) return reject(abortError(this.#attempt.signal));
      this.#reject = reject;
      this.#timer = setTimeout(() => this.#attempt.abort(timedOut()), timeoutMs);
      events
        .next()
        .then(resolve, (thrown: unknown) => reject(providerError(thrown)))
        .finally(() => {
          clearTimeout(this.#timer);
          this.#reject = null;
        });
    });
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#reject = null;
    this.#attempt.signal.removeEventListener('abort', this.#onAbort);
  }
}

function timedOut(call: PermittedAttempt, first: boolean, timeoutMs: number): VibeError {
  const { target } = call.candidate;
  const what = first
    ? `did not begin to answer within ${timeoutMs} ms (timeout.firstChunkMs)`
    : `sent nothing for ${timeoutMs} ms in the middle of its answer (timeout.chunkMs)`;
  return new VibeError('timeout', `${describeTarget(target)} ${what}.`, {
    target,
    details: { timeout: first ? 'firstChunkMs' : 'chunkMs', timeoutMs },
    next: [
      'Raise the timeout if the model needs longer, for example with reasoning.',
      'Allow a second candidate to fail over to.',
    ],
  });
}

function withoutResult({ candidate }: PermittedAttempt): VibeError {
  const { target, provider } = candidate;
  return new VibeError(
    'invalid_response',
    `The provider "${provider.id}" ended with a final event that has no result.`,
    { target },
  );
}

function withoutFinal(call: PermittedAttempt): VibeError {
  const { target, provider } = call.candidate;
  return new VibeError('stream_truncated', `The answer of ${describeTarget(target)} ended without a finish reason.`, {
    target,
    details: { provider: provider.id },
  });
}

import { VibeError } from '../errors/vibe-error.js';
import { abortError, throwIfAborted } from '../flow/abort.js';
import { Answer, type EventSource } from '../flow/answer.js';
import { Cancellation } from '../flow/cancellation.js';
import { withLazySignal } from '../flow/lazy-signal.js';
import type { ChainHandler, PermittedAttempt } from '../flow/live-call.js';
import { providerError } from '../flow/provider-error.js';
import { describeTarget } from '../policies/target-key.js';
import type { ProviderEvent } from '../spec/event.js';
import type { ProviderCall } from '../spec/provider.js';
import type { ChatRequest } from '../spec/request.js';

/** One physical request. */
export function callProvider(): ChainHandler<PermittedAttempt> {
  return async (call) => {
    throwIfAborted(call.cancellation);
    return new Answer(new ProviderAnswer(call), call.state.endings);
  };
}

/** How long a provider may take to say what a timeout means for its work (a task that was accepted goes on without us). */
const lastWordMs = 250;

/**
 * The events of a provider. Keeps the first-chunk and chunk timeouts, and lets go of a provider that does not hear its
 * signal: nothing waits for an iterator that hangs. One timer and one listener at a time.
 */
class ProviderAnswer implements EventSource {
  readonly #call: PermittedAttempt;
  readonly #attempt = new Cancellation();
  readonly #batches: AsyncIterator<readonly ProviderEvent[]>;
  readonly #onCallAbort = () => this.#abort(abortError(this.#call.cancellation));
  #reject: ((error: VibeError) => void) | null = null;
  #isFirst = true;
  #isOver = false;

  constructor(call: PermittedAttempt) {
    this.#call = call;
    call.cancellation.onAbort(this.#onCallAbort);
    this.#batches = this.#open();
  }

  async next(): Promise<readonly ProviderEvent[]> {
    try {
      const step = await this.#step();
      if (step.done === true) throw withoutFinal(this.#call);
      this.#isFirst = false;
      const end = step.value.findIndex(({ type }) => type === 'final');
      if (end === -1) return step.value;
      const final = step.value[end] as Extract<ProviderEvent, { type: 'final' }>;
      if (!Array.isArray(final.result?.content)) throw withoutResult(this.#call);
      this.#stop();
      return step.value.slice(0, end + 1);
    } catch (thrown) {
      this.leave();
      throw providerError(thrown);
    }
  }

  /** The provider's connection must not outlive its answer. */
  leave(): void {
    if (this.#isOver) return;
    this.#stop();
    if (!this.#attempt.aborted) this.#attempt.abort(new VibeError('cancelled', 'The attempt is over.'));
  }

  #open(): AsyncIterator<readonly ProviderEvent[]> {
    const { provider } = this.#call.candidate;
    try {
      const call = providerCall(this.#call, this.#attempt);
      const batches = provider.streamBatches?.(call);
      return batches === undefined ? new Singles(provider.stream(call)) : batches[Symbol.asyncIterator]();
    } catch (thrown) {
      this.#stop();
      throw providerError(thrown);
    }
  }

  #stop(): void {
    this.#isOver = true;
    this.#reject = null;
    this.#call.cancellation.offAbort(this.#onCallAbort);
    // Not awaited: a provider that ignores its signal would hang here.
    void Promise.resolve(this.#batches?.return?.()).catch(() => undefined);
  }

  /** The next events, a timeout, or the abort, whichever comes first. */
  #step(): Promise<IteratorResult<readonly ProviderEvent[]>> {
    const timeoutMs = this.#timeoutMs();
    return new Promise((resolve, reject) => {
      if (this.#attempt.aborted) return reject(abortError(this.#attempt));
      this.#reject = reject;
      const isFirst = this.#isFirst;
      let timeout: VibeError | null = null;
      let timer = setTimeout(() => {
        timeout = timedOut(this.#call, isFirst, timeoutMs);
        this.#attempt.abort(timeout);
        timer = setTimeout(reject, lastWordMs, timeout);
      }, timeoutMs);
      this.#batches.next().then(
        (step) => {
          clearTimeout(timer);
          if (timeout === null) resolve(step);
          else reject(timeout);
        },
        (thrown: unknown) => {
          clearTimeout(timer);
          reject(timeout === null ? providerError(thrown) : lastWordOf(thrown, timeout));
        },
      );
    });
  }

  /** The provider hears it, and whoever waits for it does not wait for the provider. */
  #abort(reason: VibeError): void {
    if (this.#attempt.aborted) return;
    this.#attempt.abort(reason);
    this.#reject?.(reason);
  }

  #timeoutMs(): number {
    const { settings, incremental, candidate } = this.#call;
    if (!this.#isFirst) return settings.chunkMs;
    const streams = incremental || candidate.option.manifest.streams === 'only';
    return streams ? settings.firstChunkMs : settings.unaryMs;
  }
}

/** A provider that hands out its events one by one. */
class Singles implements AsyncIterator<readonly ProviderEvent[]> {
  readonly #events: AsyncIterator<ProviderEvent>;

  constructor(events: AsyncIterable<ProviderEvent>) {
    this.#events = events[Symbol.asyncIterator]();
  }

  async next(): Promise<IteratorResult<readonly ProviderEvent[]>> {
    const step = await this.#events.next();
    return step.done === true ? { done: true, value: undefined } : { done: false, value: [step.value] };
  }

  async return(): Promise<IteratorResult<readonly ProviderEvent[]>> {
    await this.#events.return?.();
    return { done: true, value: undefined };
  }
}

function providerCall(call: PermittedAttempt, attempt: Cancellation): ProviderCall {
  const { option } = call.candidate;
  const fields = {
    operation: call.operation,
    request: call.operation === 'chat' ? capped(call.request, option.cost.maxOutputTokens) : call.request,
    endpoint: option.endpoint,
    model: option.manifest,
    incremental: call.incremental,
    timeout: { connectMs: call.settings.connectMs },
  };
  return withLazySignal(fields, attempt) as ProviderCall;
}

/** The cap that the hold was made for is sent, also when the caller gave none. */
function capped(request: ChatRequest, maxOutputTokens: number | null): ChatRequest {
  if (maxOutputTokens === null || maxOutputTokens === request.maxOutputTokens) return request;
  // Not a spread: one that grows makes a hidden class each time (docs/decisions/0012).
  return Object.assign({}, request, { maxOutputTokens });
}

/** What the provider makes of a timeout; everything else it says then is about the abort. */
function lastWordOf(thrown: unknown, timeout: VibeError): VibeError {
  if (!VibeError.is(thrown, 'timeout')) return timeout;
  thrown.target ??= timeout.target;
  return thrown;
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

import { VibeError } from '../errors/vibe-error.js';
import type { StreamEvent } from '../spec/event.js';
import type { Handler, Middleware } from '../spec/middleware.js';
import { abortError } from './abort.js';
import { type LiveCall, plainCall } from './live-call.js';
import { CallEvents } from './respond.js';

/**
 * The chain inside of its middleware, the first of which is the outermost. It sees a plain Call; what the chain adds to it
 * passes through untouched. However middleware behaves, what it has begun ends with its call: a hand-written iterator
 * without a `return` must not keep a hold for ever.
 */
export function withMiddleware(chain: Handler<LiveCall>, middleware: readonly Middleware[]): Handler<LiveCall> {
  if (middleware.length === 0) return chain;
  const noted: Handler<LiveCall> = (call) => {
    const events = chain(call)[Symbol.asyncIterator]();
    call.state.begun.push(events);
    return { [Symbol.asyncIterator]: () => events };
  };
  const outermost = middleware.reduceRight<Handler<LiveCall>>(
    (next, wrap) => wrap(next as Handler) as Handler<LiveCall>,
    noted,
  );
  return (call) => new MiddlewareEvents(call, outermost);
}

/** The events that the outermost middleware lets through. */
class MiddlewareEvents implements AsyncIterableIterator<StreamEvent> {
  readonly #call: LiveCall;
  readonly #outermost: Handler<LiveCall>;
  #events: AsyncIterator<StreamEvent> | null = null;
  /** It has let a whole answer through. */
  #isComplete = false;
  #leaving: Promise<void> | null = null;

  constructor(call: LiveCall, outermost: Handler<LiveCall>) {
    this.#call = call;
    this.#outermost = outermost;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<StreamEvent>> {
    try {
      this.#events ??= this.#outermost(plainCall(this.#call))[Symbol.asyncIterator]();
      const step = await this.#events.next();
      if (step.done === true) throw this.#withoutFinal();
      if (step.value?.type === 'final') {
        // In plain JavaScript an answer may be made without what the caller is waiting for.
        if (typeof step.value.response !== 'object' || step.value.response === null) throw withoutResponse();
        this.#isComplete = true;
      }
      return step;
    } catch (thrown) {
      await this.#leave();
      throw VibeError.from(thrown);
    }
  }

  async return(): Promise<IteratorResult<StreamEvent>> {
    await this.#leave();
    await this.#events?.return?.();
    return { done: true, value: undefined };
  }

  #withoutFinal(): VibeError {
    const { cancellation } = this.#call;
    if (cancellation.aborted) return abortError(cancellation);
    return new VibeError('internal', 'The middleware ended without a final event.', {
      next: ['Hand on the final event of `next(call)`, or yield one of its own.'],
    });
  }

  /** Ends what middleware has begun and not ended; resolves when it is settled. */
  #leave(): Promise<void> {
    this.#leaving ??= this.#end();
    return this.#leaving;
  }

  async #end(): Promise<void> {
    // Who watches the signal must not take a call that went well for a cancelled one.
    const { begun } = this.#call.state;
    const isOver = this.#isComplete && begun.every((entry) => entry instanceof CallEvents && entry.isOver);
    if (!isOver) this.#call.cancellation.abort(new VibeError('cancelled', 'The call is over.'));
    await Promise.allSettled(begun.map(async (entry) => entry.return?.()));
  }
}

function withoutResponse(): VibeError {
  return new VibeError('internal', 'The middleware yielded a final event without a response.', {
    next: ['Yield { type: "final", response } with a whole GenerationResponse, or hand on the one of `next(call)`.'],
  });
}

import { VibeError } from '../errors/vibe-error.js';
import type { RunningCall } from '../flow/running-call.js';
import type { StreamEvent } from '../spec/event.js';
import type { GenerationResponse } from '../spec/response.js';
import type { GenerationStream } from '../spec/vibe.js';

/** The stream of a call that starts at its first pull. */
export function generationStream(start: () => RunningCall): GenerationStream {
  return new CallStream(start);
}

class CallStream implements GenerationStream {
  readonly #start: () => RunningCall;
  #running: RunningCall | null = null;
  #isTaken = false;

  constructor(start: () => RunningCall) {
    this.#start = start;
  }

  [Symbol.asyncIterator](): AsyncIterator<StreamEvent> {
    this.#take();
    return new EventIterator(
      () => this.#call(),
      () => this.cancel('the consumer left'),
    );
  }

  get text(): AsyncIterable<string> {
    return { [Symbol.asyncIterator]: () => this.#texts() };
  }

  async final(): Promise<GenerationResponse> {
    if (!this.#isTaken) {
      this.#take();
      await this.#call().drain();
    }
    const ending = await this.#call().ended;
    if ('error' in ending) throw ending.error;
    return ending.response;
  }

  async cancel(reason?: unknown): Promise<void> {
    await this.#call().leave(reason, 'abort');
  }

  async *#texts(): AsyncGenerator<string, void, undefined> {
    this.#take();
    const running = this.#call();
    let finished = false;
    try {
      const next = () => running.takeReady() ?? running.pull();
      for (let event = await next(); event !== undefined; event = await next()) {
        if (event.type === 'delta' && event.part.type === 'text') yield event.part.text;
        // Ended by somebody else while this loop wanted more: what it has is not the whole answer.
        if (event.type === 'final' && event.response.status === 'cancelled') throw endedEarly();
      }
      finished = true;
    } catch (error) {
      finished = true;
      throw error;
    } finally {
      if (!finished) await running.leave('the consumer left', running.call.settings.onCancel);
    }
  }

  #take(): void {
    if (this.#isTaken) {
      throw new VibeError(
        'invalid_request',
        'This stream is being read already. Iterate it once; use final() for the whole response.',
      );
    }
    this.#isTaken = true;
  }

  #call(): RunningCall {
    this.#running ??= this.#start();
    return this.#running;
  }
}

/** Written by hand because an `error` event comes before the throw, and `return()` must abort first and unwind second. */
class EventIterator implements AsyncIterator<StreamEvent> {
  readonly #start: () => RunningCall;
  readonly #cancel: () => Promise<void>;
  #running: RunningCall | null = null;
  #failure: unknown;
  #state: 'open' | 'failed' | 'closed' = 'open';

  constructor(start: () => RunningCall, cancel: () => Promise<void>) {
    this.#start = start;
    this.#cancel = cancel;
  }

  next(): Promise<IteratorResult<StreamEvent>> {
    const ready = this.#state === 'open' ? this.#running?.takeReady() : undefined;
    return ready === undefined ? this.#pull() : Promise.resolve({ done: false, value: ready });
  }

  async #pull(): Promise<IteratorResult<StreamEvent>> {
    if (this.#state !== 'open') return this.#end();
    try {
      this.#running ??= this.#start();
      const event = await this.#running.pull();
      if (event !== undefined) return { done: false, value: event };
    } catch (error) {
      this.#failure = error;
      this.#state = 'failed';
      return { done: false, value: { type: 'error', error: VibeError.from(error) } };
    }
    return this.#end();
  }

  #end(): IteratorResult<StreamEvent> {
    const failed = this.#state === 'failed';
    this.#state = 'closed';
    if (failed) throw this.#failure;
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<StreamEvent>> {
    this.#state = 'closed';
    const running = this.#running;
    if (running === null) await this.#cancel();
    else await running.leave('the consumer left', running.call.settings.onCancel);
    return { done: true, value: undefined };
  }
}

function endedEarly(): VibeError {
  return new VibeError(
    'cancelled',
    'The call was cancelled before its answer was complete; final() has what arrived and what it cost.',
  );
}

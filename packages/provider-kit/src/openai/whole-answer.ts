import type { ProviderEvent, VibeError } from '@vibe/core';

/** What an answer that came in one piece has to say. */
export interface WholeEvents {
  readonly events: readonly ProviderEvent[];
  /** Why it is no answer all the same; null when it is one. */
  readonly failure: VibeError | null;
}

/** The one batch of an answer that comes in one piece. Asks at the first `next`; a failure comes behind the events. */
export class WholeAnswer implements AsyncIterableIterator<readonly ProviderEvent[]> {
  #ask: (() => Promise<WholeEvents>) | null;
  #failure: VibeError | null = null;

  constructor(ask: () => Promise<WholeEvents>) {
    this.#ask = ask;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<readonly ProviderEvent[]>> {
    const ask = this.#ask;
    this.#ask = null;
    return ask === null ? this.#end() : ask().then((whole) => this.#given(whole));
  }

  return(): Promise<IteratorResult<readonly ProviderEvent[]>> {
    this.#ask = null;
    this.#failure = null;
    return this.#end();
  }

  #given({ events, failure }: WholeEvents): IteratorResult<readonly ProviderEvent[]> {
    if (failure !== null && events.length === 0) throw failure;
    this.#failure = failure;
    return { done: false, value: events };
  }

  #end(): Promise<IteratorResult<readonly ProviderEvent[]>> {
    const failure = this.#failure;
    this.#failure = null;
    return failure === null ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(failure);
  }
}

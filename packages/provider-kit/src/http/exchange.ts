import type { AbortSource } from '@vibe/core';
import type { Dispatcher } from 'undici';
import { abortError, beforeSending } from './abort.js';
import type { Heard, LoopTurn } from './loop-turn.js';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** The beginning of an answer, and the way to its body. */
export interface ExchangeAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Exchange;
}

interface Asker {
  resolve(answer: ExchangeAnswer): void;
  reject(error: unknown): void;
}

/** Bytes that wait for a reader; with more the connection is not read from until they are taken. */
const MAX_WAITING_BYTES = 64 * 1024;
const over: IteratorResult<Uint8Array> = { done: true, value: undefined };
const utf8 = new TextDecoder();

/**
 * One request and its answer, as undici tells it. What undici makes of this itself (`request`) is a stream of Node, which
 * costs as much as everything else about a small answer. The body is read once: with `text()` or in a loop.
 */
export class Exchange implements Dispatcher.DispatchHandler, Heard {
  readonly #turn: LoopTurn;
  readonly #signal: AbortSource;
  #controller: Dispatcher.DispatchController | null = null;
  #asker: Asker | null = null;
  #answer: ExchangeAnswer | null = null;
  #reader: (() => void) | null = null;
  #chunks: Uint8Array[] = [];
  #waitingBytes = 0;
  #maxWaitingBytes = MAX_WAITING_BYTES;
  #isComplete = false;
  #failure: { readonly error: unknown } | null = null;
  /** It stands in the list of this turn. */
  #isListed = false;

  constructor(turn: LoopTurn, signal: AbortSource) {
    this.#turn = turn;
    this.#signal = signal;
    signal.addEventListener('abort', this, { once: true });
  }

  /** The beginning of the answer. Rejects with what the network failed with, and at once when the signal is aborted. */
  answer(): Promise<ExchangeAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#failure === null) this.#asker = { resolve, reject };
      else reject(this.#failure.error);
    });
  }

  /** The whole body as UTF-8. */
  async text(): Promise<string> {
    this.#maxWaitingBytes = Number.POSITIVE_INFINITY;
    this.#goOn();
    while (!this.#isComplete) {
      if (this.#failure !== null) throw this.#failure.error;
      await this.#more();
    }
    const chunks = this.#chunks;
    this.#chunks = [];
    const [first] = chunks;
    return utf8.decode(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks));
  }

  /** The pieces of the body as they came. What has arrived before a failure comes before it. Leaving the loop closes the connection. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return {
      next: async () => {
        while (this.#chunks.length === 0) {
          if (this.#failure !== null) throw this.#failure.error;
          if (this.#isComplete) return over;
          await this.#more();
        }
        const value = this.#chunks.shift() as Uint8Array;
        this.#waitingBytes -= value.byteLength;
        if (this.#waitingBytes < this.#maxWaitingBytes) this.#goOn();
        return { done: false, value };
      },
      return: async () => {
        this.destroy();
        return over;
      },
    };
  }

  /** Nobody wants the rest. A connection whose answer is not complete is closed. */
  destroy(error: Error = new Error('The answer was left before its end.')): void {
    this.#chunks = [];
    this.#waitingBytes = 0;
    if (!this.#isComplete) this.#fail(error);
  }

  /** The signal was aborted. */
  handleEvent(): void {
    const error = abortError(this.#signal);
    this.destroy(this.#controller === null ? beforeSending(error) : error);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // It may have waited for a connection that nobody needs any more.
    if (this.#failure !== null) controller.abort(asError(this.#failure.error));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    if (status < 200) return;
    this.#answer = { status, headers, body: this };
    this.#hear();
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#waitingBytes += chunk.byteLength;
    if (this.#waitingBytes >= this.#maxWaitingBytes) controller.pause();
    this.#hear();
  }

  onResponseEnd(): void {
    this.#isComplete = true;
    this.#signal.removeEventListener('abort', this);
    this.#hear();
    this.#turn.moveBack();
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: unknown): void {
    this.#fail(error);
  }

  deliver(): void {
    this.#isListed = false;
    const asker = this.#asker;
    if (asker !== null && this.#answer !== null) {
      this.#asker = null;
      asker.resolve(this.#answer);
    }
    this.#tellReader();
  }

  #hear(): void {
    if (this.#isListed) return;
    this.#isListed = true;
    this.#turn.add(this);
  }

  /** The first failure counts. Those who wait hear it at once. */
  #fail(error: unknown): void {
    if (this.#failure !== null) return;
    this.#failure = { error };
    this.#signal.removeEventListener('abort', this);
    this.#controller?.abort(asError(error));
    const asker = this.#asker;
    this.#asker = null;
    // An answer that has begun is one, however it goes on.
    if (this.#answer === null || this.#signal.aborted) asker?.reject(error);
    else asker?.resolve(this.#answer);
    this.#tellReader();
  }

  #tellReader(): void {
    const tell = this.#reader;
    this.#reader = null;
    tell?.();
  }

  /** Resolves when there is more to see: bytes, the end or a failure. */
  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#reader = resolve;
    });
  }

  #goOn(): void {
    if (this.#controller?.paused === true) this.#controller.resume();
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

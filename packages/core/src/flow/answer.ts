import { VibeError } from '../errors/vibe-error.js';
import type { ProviderResult } from '../spec/event.js';
import type { ChainEvent } from './live-call.js';

/** How an answer ended. */
export type Outcome =
  | { readonly status: 'final'; readonly result: ProviderResult }
  | { readonly status: 'error'; readonly error: VibeError }
  | { readonly status: 'cancelled'; readonly error?: VibeError };

/** Where the events of an answer come from. */
export interface EventSource {
  /** The next events that are there, at least one; `final` is the last of all. Failure is a throw. */
  next(): Promise<readonly ChainEvent[]>;
  /** Nobody wants more. Does not wait for a provider that hangs. */
  leave(): void | Promise<void>;
}

export type Release = (outcome: Outcome) => void | Promise<void>;

/**
 * The answer of a call that has begun. Stages wait for it and add what must happen at its end; the events themselves
 * pass none of them, so that a long stream costs the same however many stages there are.
 */
export class Answer {
  readonly #source: EventSource;
  readonly #releases: Release[] = [];
  #see: ((events: readonly ChainEvent[]) => readonly ChainEvent[]) | null = null;
  #within: (<T>(act: () => T) => T) | null = null;
  #first: readonly ChainEvent[] | null = null;
  #ending: Promise<void> | null = null;

  constructor(source: EventSource) {
    this.#source = source;
  }

  /** Shows all events to `see`, which hands on those that go further. */
  watch(see: (events: readonly ChainEvent[]) => readonly ChainEvent[]): void {
    this.#see = see;
  }

  /** Reads inside of `run`: the context of a span. The innermost stage that asks decides. */
  readWithin(run: <T>(act: () => T) => T): void {
    this.#within ??= run;
  }

  /**
   * Runs `release` exactly once, whatever ends the answer: `final`, a throw, or a consumer who leaves. Inner stages come
   * first. `final` is handed out only after all have settled, so whoever has seen it can rely on the ledger row.
   */
  onEnd(release: Release): void {
    this.#releases.push(release);
  }

  /** Waits for the first event. Until then a failure is the failure of whoever asked for the answer. */
  async begin(): Promise<void> {
    this.#first = await this.#read();
  }

  /** The next events. Throws what ended the answer. */
  async next(): Promise<readonly ChainEvent[]> {
    const first = this.#first;
    this.#first = null;
    const events = first ?? (await this.#read());
    const last = events[events.length - 1];
    if (last?.type === 'final') await this.#end({ status: 'final', result: last.result });
    return events;
  }

  /** Ends an answer that nobody wants any more. Resolves when all is released. */
  async leave(): Promise<void> {
    await this.#source.leave();
    // Complete already, but not handed out: then it is what it cost, whoever has left.
    const last = this.#first?.at(-1);
    await this.#end(last?.type === 'final' ? { status: 'final', result: last.result } : { status: 'cancelled' });
  }

  async #read(): Promise<readonly ChainEvent[]> {
    try {
      for (;;) {
        const events = await (this.#within === null ? this.#source.next() : this.#within(() => this.#source.next()));
        const seen = this.#see === null ? events : this.#see(events);
        if (seen.length > 0) return seen;
      }
    } catch (thrown) {
      const error = VibeError.from(thrown);
      await this.#end(outcomeOf(error));
      throw error;
    }
  }

  #end(outcome: Outcome): Promise<void> {
    this.#ending ??= this.#release(outcome);
    return this.#ending;
  }

  async #release(outcome: Outcome): Promise<void> {
    for (const release of this.#releases) {
      const releasing = release(outcome);
      if (releasing !== undefined) await releasing;
    }
  }
}

export function outcomeOf(error: VibeError): Outcome {
  return { status: error.code === 'cancelled' ? 'cancelled' : 'error', error };
}

/** Opens an answer and makes sure that `release` runs exactly once, also when it never begins. */
export async function bracket(open: Promise<Answer>, release: Release): Promise<Answer> {
  let answer: Answer;
  try {
    answer = await open;
  } catch (thrown) {
    const error = VibeError.from(thrown);
    await release(outcomeOf(error));
    throw error;
  }
  answer.onEnd(release);
  return answer;
}

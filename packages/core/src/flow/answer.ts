import { VibeError } from '../errors/vibe-error.js';
import { type Endings, type Outcome, outcomeOf } from './endings.js';
import type { ChainEvent } from './live-call.js';

/** Where the events of an answer come from. */
export interface EventSource {
  /** The next events that are there, at least one; `final` is the last of all. Failure is a throw. */
  next(): Promise<readonly ChainEvent[]>;
  /** Nobody wants more, for the reason that `outcome` tells. Does not wait for a provider that hangs. */
  leave(outcome: Outcome): void | Promise<void>;
}

/**
 * The answer of a call that has begun. Its events pass none of the stages, so that a long stream costs the same however
 * many stages there are; what they have to do at its end stands in the `Endings` of the call.
 */
export class Answer {
  readonly #source: EventSource;
  readonly #endings: Endings;
  #height = 0;
  #see: ((events: readonly ChainEvent[]) => readonly ChainEvent[]) | null = null;
  #within: (<T>(act: () => T) => T) | null = null;
  #first: readonly ChainEvent[] | null = null;
  #ending: Promise<void> | null = null;

  constructor(source: EventSource, endings: Endings) {
    this.#source = source;
    this.#endings = endings;
  }

  /** Shows all events to `see`, which hands on those that go further. */
  watch(see: (events: readonly ChainEvent[]) => readonly ChainEvent[]): void {
    this.#see = see;
  }

  /** Reads inside of `run`: the context of a span. The innermost stage that asks decides. */
  readWithin(run: <T>(act: () => T) => T): void {
    this.#within ??= run;
  }

  /** It is part of a longer answer: its end concerns only what was put above `height`. Default: the whole call. */
  endAt(height: number): void {
    this.#height = height;
  }

  /** Waits for the first event. Until then a failure is that of an attempt, and whoever might try again unwinds it. */
  async begin(): Promise<void> {
    this.#first = await this.#read();
  }

  /** The next events. Throws what ended the answer. `final` comes after all endings, so whoever sees it can rely on the ledger row. */
  async next(): Promise<readonly ChainEvent[]> {
    const events = this.#takeFirst() ?? (await this.#readOrEnd());
    const last = events[events.length - 1];
    if (last?.type === 'final') await this.#end({ status: 'final', result: last.result });
    return events;
  }

  /** Ends an answer that nobody wants any more; `outcome` says why. Resolves when all is released. */
  async leave(outcome: Outcome = { status: 'cancelled' }): Promise<void> {
    await this.#source.leave(outcome);
    // Complete already, but not handed out: then it is what it cost, whoever has left.
    const last = this.#first?.at(-1);
    await this.#end(last?.type === 'final' ? { status: 'final', result: last.result } : outcome);
  }

  #takeFirst(): readonly ChainEvent[] | null {
    const first = this.#first;
    this.#first = null;
    return first;
  }

  async #readOrEnd(): Promise<readonly ChainEvent[]> {
    try {
      return await this.#read();
    } catch (thrown) {
      const error = VibeError.from(thrown);
      await this.#end(outcomeOf(error));
      throw error;
    }
  }

  async #read(): Promise<readonly ChainEvent[]> {
    for (;;) {
      const events = await (this.#within === null ? this.#source.next() : this.#within(() => this.#source.next()));
      const seen = this.#see === null ? events : this.#see(events);
      if (seen.length > 0) return seen;
    }
  }

  #end(outcome: Outcome): Promise<void> {
    this.#ending ??= this.#endings.unwind(this.#height, outcome);
    return this.#ending;
  }
}

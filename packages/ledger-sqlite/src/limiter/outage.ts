import { type PluginHost, type Target, targetKey, type VibeError, windowSpan } from '@vibe/core';
import type { CommandQueue } from '../main/command-queue.js';
import { errorOf } from '../main/failures.js';
import { RetryTimer } from '../main/retry-timer.js';
import type { Outcome } from '../protocol.js';
import type { Flights } from './flights.js';
import { type RateOrder, recordOrder, resyncOrder } from './rate-orders.js';

/** While the file cannot be used it is tried this often, also when no more calls come: others wait for what has ended here. */
const probeEveryMs = 1_000;
/** An outage that comes back so soon is the same one, and not told again. */
const sameOutageMs = 10_000;
/** Requests that are written down one by one later. */
const maxNotes = 10_000;

/** A request that was let go without the file. */
export interface Note {
  readonly target: Target;
  readonly atMs: number;
  readonly requests: number;
  tokens: number;
  readonly timezone: string;
}

/** What the limiter has met, for `llm doctor`. */
export interface RateCounters {
  /** Times the file could not be used. */
  rateOutages: number;
  /** Requests that were decided on the limits of this process alone. */
  decidedAlone: number;
}

export interface OutageSettings {
  readonly queue: CommandQueue;
  readonly flights: Flights;
  readonly host: PluginHost;
  readonly path: string;
  readonly probeMs: number | undefined;
  /** The file failed again while it was told what it had missed. */
  failed(error: VibeError): void;
}

/** Whether the file can be used for rate limits, and what it has to be told when it can again. */
export class Outage {
  readonly counters: RateCounters = { rateOutages: 0, decidedAlone: 0 };
  readonly #settings: OutageSettings;
  #isDown = false;
  #isClosed = false;
  #probing: Promise<void> | null = null;
  readonly #probeMs: number;
  readonly #probeTimer: RetryTimer;
  #probedMs = 0;
  #endedMs = Number.NEGATIVE_INFINITY;
  #notes: Note[] = [];

  constructor(settings: OutageSettings) {
    this.#settings = settings;
    this.#probeMs = settings.probeMs ?? probeEveryMs;
    this.#probeTimer = new RetryTimer(this.#probeMs, () => void this.retry());
  }

  get isDown(): boolean {
    return this.#isDown;
  }

  /** False when it was down already. `isTold` false: the program has closed it by itself. */
  begin(error: VibeError, isTold: boolean): boolean {
    if (this.#isDown) return false;
    this.#isDown = true;
    this.#probedMs = performance.now();
    this.#probeLater();
    if (!isTold || performance.now() - this.#endedMs < sameOutageMs) return true;
    this.counters.rateOutages++;
    const { host, path } = this.#settings;
    const message = `The rate limits cannot be shared through ${path}: until they can, this process keeps them by itself, without the others. ${error.message}`;
    host.warn({ code: 'limiter_unavailable', message, details: { ...error.details, path } });
    return true;
  }

  /** Remembers a request that was let go without the file. */
  note(target: Target, atMs: number, requests: number, tokens: number, timezone: string): Note {
    this.counters.decidedAlone++;
    const note = { target, atMs, requests, tokens, timezone };
    this.#keep(note);
    return note;
  }

  #keep(note: Note): void {
    if (this.#notes.length >= maxNotes)
      this.#notes = [...sumsOfDays(this.#notes.slice(0, maxNotes / 2)), ...this.#notes.slice(maxNotes / 2)];
    this.#notes.push(note);
  }

  /** Forgets it: it was never sent. */
  forget(note: Note): void {
    const index = this.#notes.indexOf(note);
    if (index >= 0) this.#notes.splice(index, 1);
  }

  /** Tries the file, if it was not tried a moment ago. */
  probe(): void {
    if (performance.now() - this.#probedMs >= this.#probeMs) void this.retry();
  }

  /** Tries the file with something that has to be written. Resolves with its answer, whatever that is. */
  retry(): Promise<void> {
    // Without a target that was in use there is nothing to tell.
    const [flight] = this.#settings.flights.all();
    if (!this.#isDown || flight === undefined) return Promise.resolve();
    this.#probing ??= this.#try(flight.target).finally(() => {
      this.#probing = null;
      if (this.#isDown) this.#probeLater();
    });
    return this.#probing;
  }

  /** It is not tried any more by itself. */
  close(): void {
    this.#isClosed = true;
    this.#probeTimer.stop();
  }

  #probeLater(): void {
    if (!this.#isClosed) this.#probeTimer.start();
  }

  #try(target: Target): Promise<void> {
    const { queue, flights } = this.#settings;
    this.#probedMs = performance.now();
    return new Promise((resolve) => {
      queue.rate(target, resyncOrder(flights.of(target)), {
        done: (outcome) => {
          if (outcome?.kind !== 'failed') this.#end();
          resolve();
        },
        failed: () => resolve(),
      });
    });
  }

  /** The file learns the truth: what is in flight, and what was sent meanwhile. */
  #end(): void {
    this.#isDown = false;
    this.#endedMs = performance.now();
    const { flights } = this.#settings;
    const notes = this.#notes;
    this.#notes = [];
    for (const { target, count } of flights.all()) this.#tell(target, resyncOrder(count), () => undefined);
    // Also those of minutes ago: they count on their day.
    for (const note of notes) {
      const { target, atMs, requests, tokens, timezone } = note;
      this.#tell(target, recordOrder(atMs, requests, tokens, timezone), () => this.#keep(note));
    }
  }

  #tell(target: Target, order: RateOrder, missed: () => void): void {
    const failed = (error: VibeError) => {
      missed();
      this.#settings.failed(error);
    };
    const done = (outcome: Outcome) => {
      if (outcome?.kind === 'failed') failed(errorOf(outcome.failure));
    };
    this.#settings.queue.rate(target, order, { done, failed });
  }
}

/** Requests of a target and day in one, dated as the last of them: they count longer that way, never shorter. */
function sumsOfDays(notes: readonly Note[]): Iterable<Note> {
  const sums = new Map<string, Note>();
  for (const { target, atMs, requests, tokens, timezone } of notes) {
    const key = `${targetKey(target)} ${timezone} ${windowSpan('day', timezone, atMs).startMs}`;
    const sum = sums.get(key) ?? { requests: 0, tokens: 0 };
    sums.set(key, {
      target,
      atMs,
      requests: sum.requests + requests,
      tokens: Math.min(Number.MAX_SAFE_INTEGER, sum.tokens + tokens),
      timezone,
    });
  }
  return sums.values();
}

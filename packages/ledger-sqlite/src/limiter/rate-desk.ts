import {
  type LimitDemand,
  type Limits,
  type MemoryLimiter,
  memoryLimiter,
  type Permit,
  type PluginHost,
  type Target,
  TransitMap,
  VibeError,
  zoneOf,
} from '@vibe/core';
import type { CommandQueue, RateListener } from '../main/command-queue.js';
import { errorOf } from '../main/failures.js';
import type { LedgerSeams } from '../main/ledger-parts.js';
import { within } from '../main/within.js';
import type { Outcome, WorkerSettings } from '../protocol.js';
import { workerClock } from '../worker-clock.js';
import { Departures } from './departures.js';
import { Flights } from './flights.js';
import { Outage } from './outage.js';
import { type PendingCall, pendingId } from './pending-call.js';
import {
  correctOrder,
  type RateNews,
  type RateOrder,
  type RateStanding,
  redateOrder,
  releaseOrder,
  stateOrder,
} from './rate-orders.js';

/** How long the writer may take before this process goes on alone; the first answer may have to create the file. */
const patienceMs = 2_000;
const firstPatienceMs = 5_000;
/** While calls wait, a writer that has fallen silent is looked for this often. */
const silenceCheckMs = 1_000;
/** Who only wants to know asks the reader when the writer is busy for so long. */
const standingPatienceMs = 500;
const minuteMs = 60_000;

export interface DeskSettings {
  readonly queue: CommandQueue;
  readonly host: PluginHost;
  readonly path: string;
  readonly seams: Pick<WorkerSettings, 'clockAheadMs' | 'rates'> & Pick<LedgerSeams, 'ratePatienceMs' | 'rateProbeMs'>;
}

/** What the file hears of a permit. */
interface FileOfPermit {
  corrected(tokens: number): void;
  released(dispatched: boolean): void;
}

/**
 * The main thread's side of the limiter: who has asked, who waits, and what is in flight. The writer decides; when it
 * cannot, the limits of this process alone do, which are kept up to date all the time.
 */
export class RateDesk implements RateListener {
  readonly queue: CommandQueue;
  readonly now: () => number;
  /** The limits of this process alone: everything it has sent is counted here too. */
  readonly alone: MemoryLimiter;
  readonly outage: Outage;
  /** Without an answer yet, in order. */
  readonly asking = new TransitMap<PendingCall>();
  /** In line. */
  readonly waiting = new TransitMap<PendingCall>();
  readonly flights = new Flights();
  readonly minuteMs: number;
  isClosed = false;
  #lastTicket = 0;
  #hasAnswered = false;
  #patienceTimer: NodeJS.Timeout | null = null;
  #silenceTimer: NodeJS.Timeout | null = null;
  readonly #patienceMs: number | undefined;
  readonly #departures: Departures;

  constructor({ queue, host, path, seams }: DeskSettings) {
    this.queue = queue;
    this.now = workerClock(seams);
    this.minuteMs = seams.rates?.minuteMs ?? minuteMs;
    this.alone = memoryLimiter(this.now, seams.rates ?? {});
    this.outage = new Outage({
      queue,
      flights: this.flights,
      host,
      path,
      probeMs: seams.rateProbeMs,
      failed: (error) => this.failed(error),
    });
    this.#patienceMs = seams.ratePatienceMs;
    this.#departures = new Departures(this.now, (target, ref, atMs) => this.#tellSoon(target, redateOrder(ref, atMs)));
    queue.rateListener = this;
  }

  nextTicket(): number {
    this.#lastTicket++;
    return this.#lastTicket;
  }

  /** Something the writer should know at once, and nobody waits for. While the file cannot be used it is not told. */
  tell(target: Target | null, order: RateOrder): void {
    if (this.#isHeard) this.queue.rate(target, order, this.#quiet);
  }

  /** The same where a moment does not matter: as long as no call of this process waits for what it frees. */
  #tellSoon(target: Target, order: RateOrder): void {
    if (this.waiting.size > 0) this.tell(target, order);
    else if (this.#isHeard) this.queue.rateLater(target, order, this.#quiet);
  }

  get #isHeard(): boolean {
    return !this.isClosed && !this.outage.isDown;
  }

  readonly #quiet = {
    done: (outcome: Outcome) => {
      if (outcome?.kind === 'failed') this.failed(errorOf(outcome.failure));
    },
    failed: (error: VibeError) => this.failed(error),
  };

  /** What the writer has at hand about a target; null when that is nothing, or it does not say so soon. */
  standing(target: Target, demand: LimitDemand, limits: Limits): Promise<RateStanding> {
    if (!this.queue.started || this.queue.isClosed || !this.queue.hasRoom) return Promise.resolve(null);
    const said = new Promise<RateStanding>((resolve) =>
      this.queue.rate(target, stateOrder(demand, limits), {
        done: (outcome) => resolve(outcome?.kind === 'value' ? (outcome.value as RateStanding) : null),
        failed: () => resolve(null),
      }),
    );
    return within(said, standingPatienceMs, null);
  }

  asked(call: PendingCall, target: Target): void {
    this.flights.see(target);
    this.asking.set(call.id, call);
    this.#patienceTimer ??= setTimeout(() => this.#checkPatience(), this.#patience).unref();
  }

  answered(call: PendingCall): void {
    this.#hasAnswered = true;
    this.asking.delete(call.id);
  }

  waits(call: PendingCall): void {
    this.waiting.set(call.id, call);
    // Also keeps the process alive as long as somebody waits.
    this.#silenceTimer ??= setInterval(() => this.#checkSilence(), silenceCheckMs);
  }

  waitsNoMore(call: PendingCall): void {
    this.waiting.delete(call.id);
    if (this.waiting.size > 0 || this.#silenceTimer === null) return;
    clearInterval(this.#silenceTimer);
    this.#silenceTimer = null;
  }

  news(news: readonly RateNews[]): void {
    for (const each of news) this.waiting.get(pendingId(each.ticket))?.heard(each);
  }

  /** From now on this process decides alone, also about those who wait already. */
  failed(error: VibeError): void {
    if (this.isClosed || !this.outage.begin(error, !this.queue.isClosed)) return;
    for (const call of [...this.waiting.values(), ...this.asking.values()]) call.goAlone();
  }

  /** The writer let a request go at `atMs`. Windows are true when it is dated at the time it really leaves. */
  permit(target: Target, demand: LimitDemand, limits: Limits, ref: number, atMs: number, waitedMs: number): Permit {
    this.#departures.add(target, ref, atMs);
    this.flights.begin(target);
    const alone = this.alone.record(target, demand, limits);
    return this.#permit(target, alone, waitedMs, {
      corrected: (tokens) => this.#tellSoon(target, correctOrder(ref, tokens)),
      released: (dispatched) => this.#tellSoon(target, releaseOrder(ref, dispatched, zoneOf(limits))),
    });
  }

  /** A request that was let go without the file. */
  permitAlone(target: Target, demand: LimitDemand, limits: Limits, alone: Permit, waitedMs: number): Permit {
    this.flights.begin(target);
    const timezone = zoneOf(limits);
    const note = this.outage.note(target, this.now(), demand.requests, demand.tokens, timezone);
    return this.#permit(target, alone, waitedMs, {
      corrected: (tokens) => {
        note.tokens = tokens;
      },
      released: (dispatched) => {
        if (!dispatched) this.outage.forget(note);
        // The file knows of it since it can be used again.
        this.tell(target, releaseOrder(0, true, timezone));
      },
    });
  }

  /** Ends once. `file`: what the file is to know; `alone` has the same in this process. */
  #permit(target: Target, alone: Permit, waitedMs: number, file: FileOfPermit): Permit {
    let corrected = false;
    let released = false;
    return {
      waitedMs,
      correct: (tokens) => {
        corrected = true;
        alone.correct(tokens);
        file.corrected(wholeTokens(tokens));
      },
      release: (outcome) => {
        if (released) return;
        released = true;
        const dispatched = outcome?.dispatched ?? corrected;
        this.flights.end(target);
        alone.release({ dispatched });
        file.released(dispatched);
      },
    };
  }

  close(): void {
    this.#departures.flush();
    this.isClosed = true;
    this.outage.close();
    if (this.#patienceTimer !== null) clearTimeout(this.#patienceTimer);
    if (this.#silenceTimer !== null) clearInterval(this.#silenceTimer);
    this.#silenceTimer = null;
  }

  get #patience(): number {
    return this.#patienceMs ?? (this.#hasAnswered ? patienceMs : firstPatienceMs);
  }

  #checkPatience(): void {
    this.#patienceTimer = null;
    const oldest = this.asking.values()[0];
    if (oldest === undefined) return;
    const leftMs = oldest.sentAtMs + this.#patience - performance.now();
    if (leftMs <= 0) this.failed(silent(this.#patience));
    else this.#patienceTimer = setTimeout(() => this.#checkPatience(), leftMs).unref();
  }

  /** The writer refuses those whose deadline has passed. One that does not is stuck. */
  #checkSilence(): void {
    const overdueMs = this.now() - this.#patience;
    for (const { deadlineMs } of this.waiting.values()) {
      if (deadlineMs >= overdueMs) continue;
      this.failed(silent(this.#patience));
      return;
    }
  }
}

/** The file counts whole tokens, as far as integers reach. */
export function wholeTokens(tokens: number): number {
  return Math.min(2 ** 50, tokens > 0 ? Math.ceil(tokens) : 0);
}

function silent(waitedMs: number): VibeError {
  return new VibeError('ledger_unavailable', `The thread that writes it did not answer for ${waitedMs} ms.`);
}

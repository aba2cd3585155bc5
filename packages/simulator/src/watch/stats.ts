import type { Outcome } from '../http/player.js';
import type { WireName } from '../wire.js';

/** How many of something there were, and how they ended: `total` = running + completed + aborted + broken. */
export interface Tally {
  readonly total: number;
  readonly running: number;
  readonly completed: number;
  /** The client left before the end. */
  readonly aborted: number;
  /** A fault ended it early. */
  readonly broken: number;
}

/** Everything the simulator counted since it started or was last reset. */
export interface SimulatorStats {
  readonly region: string | null;
  /** Requests to provider endpoints, whatever became of them. */
  readonly attempts: Tally;
  /** Those of them that were answered as a stream. */
  readonly streams: Tally;
  readonly byPath: Readonly<Record<string, number>>;
  readonly byModel: Readonly<Record<string, number>>;
  readonly byEndpoint: Readonly<Record<string, number>>;
  /** By HTTP status; a request that never got one is under `none`. */
  readonly byStatus: Readonly<Record<string, number>>;
  /** Replies with a fault, by its kind. */
  readonly byFault: Readonly<Record<string, number>>;
  /** Tokens that were sent, shown or hidden. */
  readonly tokensOut: number;
  /** Bytes of bodies that the system has taken for sending: it takes no more than the client reads and buffers hold. */
  readonly bytesOut: number;
  readonly connections: { readonly open: number; readonly total: number };
  /** Requests that came before a retry hint for their model allowed. */
  readonly retryAfterViolations: number;
}

/** One request, as far as it is known when its body has arrived. */
export interface ArrivedAttempt {
  readonly path: string;
  readonly model: string | null;
  readonly endpoint: string;
  readonly wire: WireName;
  readonly faultKinds: readonly string[];
  readonly stream: boolean;
  readonly status: number | null;
  readonly early: boolean;
}

type MutableTally = { -readonly [K in keyof Tally]: Tally[K] };

/** The most different names one table counts; more are counted together. */
const MAX_NAMES = 1000;
const OTHERS = '(others)';

interface Counters {
  readonly attempts: MutableTally;
  readonly streams: MutableTally;
  readonly byPath: Map<string, number>;
  readonly byModel: Map<string, number>;
  readonly byEndpoint: Map<string, number>;
  readonly byStatus: Map<string, number>;
  readonly byFault: Map<string, number>;
  tokensOut: number;
  bytesOut: number;
  connectionsTotal: number;
  violations: number;
}

/** Counts, and tells its listeners after every change. */
export class StatsBoard {
  readonly #region: string | null;
  readonly #listeners = new Set<() => void>();
  #counters = emptyCounters();
  #connectionsOpen = 0;

  constructor(region: string | null) {
    this.#region = region;
  }

  /** Starts over. What is still running stays counted as running. */
  reset(): void {
    const { attempts, streams } = this.#counters;
    this.#counters = emptyCounters();
    for (const [kept, running] of [
      [this.#counters.attempts, attempts.running],
      [this.#counters.streams, streams.running],
    ] as const) {
      kept.total = running;
      kept.running = running;
    }
    this.#counters.connectionsTotal = this.#connectionsOpen;
    this.#changed();
  }

  connected(): void {
    this.#connectionsOpen += 1;
    this.#counters.connectionsTotal += 1;
    this.#changed();
  }

  disconnected(): void {
    this.#connectionsOpen -= 1;
    this.#changed();
  }

  arrived(attempt: ArrivedAttempt): void {
    const counters = this.#counters;
    for (const tally of this.#tallies(attempt)) {
      tally.total += 1;
      tally.running += 1;
    }
    bump(counters.byPath, attempt.path);
    bump(counters.byEndpoint, attempt.endpoint);
    if (attempt.model !== null) bump(counters.byModel, attempt.model);
    bump(counters.byStatus, attempt.status === null ? 'none' : String(attempt.status));
    for (const kind of attempt.faultKinds) bump(counters.byFault, kind);
    if (attempt.early) counters.violations += 1;
    this.#changed();
  }

  sent(tokens: number): void {
    this.#counters.tokensOut += tokens;
    this.#changed();
  }

  written(bytes: number): void {
    this.#counters.bytesOut += bytes;
    this.#changed();
  }

  ended(attempt: ArrivedAttempt, outcome: Outcome): void {
    for (const tally of this.#tallies(attempt)) {
      tally.running -= 1;
      tally[outcome] += 1;
    }
    this.#changed();
  }

  snapshot(): SimulatorStats {
    const counters = this.#counters;
    return {
      region: this.#region,
      attempts: { ...counters.attempts },
      streams: { ...counters.streams },
      byPath: Object.fromEntries(counters.byPath),
      byModel: Object.fromEntries(counters.byModel),
      byEndpoint: Object.fromEntries(counters.byEndpoint),
      byStatus: Object.fromEntries(counters.byStatus),
      byFault: Object.fromEntries(counters.byFault),
      tokensOut: counters.tokensOut,
      bytesOut: counters.bytesOut,
      connections: { open: this.#connectionsOpen, total: counters.connectionsTotal },
      retryAfterViolations: counters.violations,
    };
  }

  /** Calls back after every change until the returned function is called. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tallies(attempt: ArrivedAttempt): MutableTally[] {
    return attempt.stream ? [this.#counters.attempts, this.#counters.streams] : [this.#counters.attempts];
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

function emptyCounters(): Counters {
  const tally = (): MutableTally => ({ total: 0, running: 0, completed: 0, aborted: 0, broken: 0 });
  return {
    attempts: tally(),
    streams: tally(),
    byPath: new Map(),
    byModel: new Map(),
    byEndpoint: new Map(),
    byStatus: new Map(),
    byFault: new Map(),
    tokensOut: 0,
    bytesOut: 0,
    connectionsTotal: 0,
    violations: 0,
  };
}

function bump(table: Map<string, number>, name: string): void {
  const key = table.has(name) || table.size < MAX_NAMES ? name : OTHERS;
  table.set(key, (table.get(key) ?? 0) + 1);
}

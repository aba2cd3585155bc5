import { within } from '../flow/within.js';
import { ageMs } from '../policies/age.js';
import { targetKey } from '../policies/target-key.js';
import type { Ledger } from '../spec/ledger.js';
import type { TargetStats } from '../spec/report.js';

/** How far back the ledger is asked to look. */
const horizonMs = 24 * 3_600_000;
/** An attempt counts half as much after a minute: what an endpoint does now matters more than what it did today. */
const halfLifeMs = 60_000;
/** The first call of a process waits this long for what others have learned before; no other call ever waits. */
const maxWaitMs = 100;

export type StatsByTarget = ReadonlyMap<string, TargetStats>;

/** What the ledger has seen of each target, at most `maxAgeMs` old. It is asked off the path: a call uses what is there. */
export class StatsCache {
  readonly #ledger: Ledger;
  readonly #maxAgeMs: number;
  readonly #now: () => number;
  #stats: StatsByTarget = new Map();
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | null = null;
  #wasAsked = false;

  constructor(ledger: Ledger, maxAgeMs: number, now: () => number) {
    this.#ledger = ledger;
    this.#maxAgeMs = maxAgeMs;
    this.#now = now;
  }

  /** By `targetKey`. */
  current(nowMs: number): StatsByTarget {
    if (ageMs(this.#askedAtMs, nowMs) >= this.#maxAgeMs) void this.#refresh(nowMs);
    return this.#stats;
  }

  /** Null from the second call on. For the first one it resolves when the ledger has answered, or when that takes too long. */
  ready(): Promise<unknown> | null {
    if (this.#wasAsked) return null;
    this.#wasAsked = true;
    return within(this.#refresh(this.#now()), maxWaitMs);
  }

  /** Resolves when what the ledger knows now is there, for those who are not in a hurry. Never rejects. */
  async fresh(): Promise<void> {
    await this.#asking;
    await this.#refresh(this.#now());
  }

  #refresh(nowMs: number): Promise<void> {
    this.#askedAtMs = nowMs;
    this.#asking ??= this.#ask(nowMs).finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #ask(nowMs: number): Promise<void> {
    try {
      const stats = await this.#ledger.stats({ sinceMs: nowMs - horizonMs, recent: { nowMs, halfLifeMs } });
      this.#stats = new Map(stats.map((entry) => [targetKey(entry), entry]));
    } catch {
      // The old numbers stay; the ledger reports its own trouble where it matters.
    }
  }
}

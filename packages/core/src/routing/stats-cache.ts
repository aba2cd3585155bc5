import { targetKey } from '../policies/target-key.js';
import type { Ledger } from '../spec/ledger.js';
import type { TargetStats } from '../spec/report.js';
import type { Target } from '../spec/target.js';

/** How far back the ledger is asked to look. */
const horizonMs = 24 * 3_600_000;

/** What the ledger has seen of each target, at most `maxAgeMs` old and never waited for: a call uses what is there. */
export class StatsCache {
  readonly #ledger: Ledger;
  readonly #maxAgeMs: number;
  readonly #now: () => number;
  #stats = new Map<string, TargetStats>();
  #askedAtMs = Number.NEGATIVE_INFINITY;

  constructor(ledger: Ledger, maxAgeMs: number, now: () => number) {
    this.#ledger = ledger;
    this.#maxAgeMs = maxAgeMs;
    this.#now = now;
  }

  of(target: Target): TargetStats | null {
    this.#refreshWhenOld();
    return this.#stats.get(targetKey(target)) ?? null;
  }

  #refreshWhenOld(): void {
    const nowMs = this.#now();
    if (nowMs - this.#askedAtMs < this.#maxAgeMs) return;
    this.#askedAtMs = nowMs;
    this.#ledger.stats({ sinceMs: nowMs - horizonMs }).then(
      (stats) => {
        this.#stats = new Map(stats.map((entry) => [targetKey(entry), entry]));
      },
      // The old numbers stay; the ledger reports its own trouble where it matters.
      () => undefined,
    );
  }
}

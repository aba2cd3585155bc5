import { within } from '../flow/within.js';
import { ageMs } from '../policies/age.js';
import { type CircuitNews, Circuits } from '../policies/circuits.js';
import type { EndpointHealth, Ledger } from '../spec/ledger.js';
import type { Target } from '../spec/target.js';
import type { Reachability } from './reachability.js';

/** A call decides by what other processes have told up to this long ago. */
const maxAgeMs = 1_000;
/** A ledger that is slow to tell does not hold a call longer than this. */
const maxWaitMs = 100;
/** A probe of a process that died blocks the next one for so long. */
const probeLeaseMs = 60_000;

/** What processes that share a ledger tell each other about endpoints. Without such a ledger nobody tells anything. */
export class HealthBoard {
  readonly #health: Ledger['health'];
  readonly #circuits: Circuits;
  readonly #reachability: Reachability;
  readonly #now: () => number;
  #readAtMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | null = null;

  constructor(ledger: Ledger, circuits: Circuits, reachability: Reachability, now: () => number) {
    this.#health = ledger.health;
    this.#reachability = reachability;
    this.#circuits = circuits;
    this.#now = now;
  }

  /** Null when what is known is young enough; otherwise resolves when it is, or when it took too long. Never rejects. */
  refresh(): Promise<unknown> | null {
    const nowMs = this.#now();
    if (this.#health === undefined || ageMs(this.#readAtMs, nowMs) < maxAgeMs) return null;
    this.#reading ??= this.#read(this.#health).then(() => {
      this.#readAtMs = nowMs;
      this.#reading = null;
    });
    return within(this.#reading, maxWaitMs);
  }

  async #read(health: NonNullable<Ledger['health']>): Promise<void> {
    try {
      const entries = await health.read();
      this.#circuits.learn(newsOf(entries));
      this.#reachability.learn(entries);
    } catch {
      // The ledger tells its own trouble where it matters; until then this process knows what it has seen itself.
    }
  }

  /** Tells others that a circuit has opened or closed. */
  tell(target: Target, state: 'open' | 'closed', openUntilMs: number | null): void {
    const key = Circuits.keyOf(target);
    try {
      this.#health?.write([{ key, state, untilMs: openUntilMs, latencyMs: null, updatedAtMs: this.#now() }]);
    } catch {
      // A paid answer must not be lost because others cannot be told that the endpoint is back.
    }
  }

  /** Asks for one of the probes of all processes. Null: they are all out. Otherwise what gives it back. */
  async claimProbe(target: Target): Promise<(() => void) | null> {
    const claim = this.#health?.claim;
    if (claim === undefined) return () => undefined;
    try {
      return await claim.call(this.#health, Circuits.keyOf(target), this.#circuits.probes, probeLeaseMs);
    } catch {
      // A ledger that is down must not keep an endpoint from coming back.
      return () => undefined;
    }
  }
}

function newsOf(entries: readonly EndpointHealth[]): ReadonlyMap<string, CircuitNews> {
  const news = new Map<string, CircuitNews>();
  for (const { key, state, untilMs, updatedAtMs } of entries) {
    if (state === 'open' || state === 'closed')
      news.set(key, { state, openUntilMs: untilMs ?? updatedAtMs, atMs: updatedAtMs });
  }
  return news;
}

import type { Rule, Simulator } from '@vibe/simulator';
import type { FaultName, RegionState } from '../wire.js';

/** What each fault is on the simulator's side: the replies the real services give at such times. */
const rules: Readonly<Record<FaultName, Rule>> = {
  rate_limit: { fault: { kind: 'status', status: 429, retryAfterMs: 8_000, hints: ['retry-after', 'retry-info'] } },
  outage: { fault: { kind: 'status', status: 503 } },
  slow: { fault: { kind: 'slow', delayMs: 2_500, perDeltaMs: 350 } },
  truncated: { fault: { kind: 'truncate', afterDeltas: 4 } },
};

/** Breaks the simulators, one fault per region at a time. */
export class Faults {
  readonly #simulators: ReadonlyMap<string, Simulator>;
  readonly #active = new Map<string, { readonly fault: FaultName; readonly withdraw: () => void }>();

  constructor(simulators: ReadonlyMap<string, Simulator>) {
    this.#simulators = simulators;
  }

  states(): readonly RegionState[] {
    return [...this.#simulators.keys()].map((region) => ({ region, fault: this.#active.get(region)?.fault ?? null }));
  }

  /** Null mends the region. False: there is no such region, or real services answer. */
  set(region: string, fault: FaultName | null): boolean {
    const simulator = this.#simulators.get(region);
    if (simulator === undefined) return false;
    this.#active.get(region)?.withdraw();
    this.#active.delete(region);
    if (fault !== null) this.#active.set(region, { fault, withdraw: simulator.script(rules[fault]) });
    return true;
  }
}

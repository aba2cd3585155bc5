import { type Target, targetKey } from '@vibe/core';

/** More targets than a process ever has in use. */
const maxTargets = 10_000;

/** How many requests of this process are in flight, by target. */
export class Flights {
  readonly #flights = new Map<string, { readonly target: Target; count: number }>();

  /** From now on the target is one that was in use. */
  see(target: Target): { count: number } {
    const key = targetKey(target);
    let flight = this.#flights.get(key);
    if (flight === undefined) {
      if (this.#flights.size >= maxTargets) this.#forgetIdle();
      flight = { target, count: 0 };
      this.#flights.set(key, flight);
    }
    return flight;
  }

  begin(target: Target): void {
    this.see(target).count++;
  }

  end(target: Target): void {
    const flight = this.#flights.get(targetKey(target));
    if (flight !== undefined) flight.count--;
  }

  of(target: Target): number {
    return this.#flights.get(targetKey(target))?.count ?? 0;
  }

  /** Every target that was ever in use, also those with nothing in flight. */
  all(): Iterable<{ readonly target: Target; readonly count: number }> {
    return this.#flights.values();
  }

  #forgetIdle(): void {
    for (const [key, { count }] of this.#flights) if (count <= 0) this.#flights.delete(key);
  }
}

/** Where one reply waits until it is released. */
export interface Gate {
  /** Resolves when it is released, also when that happened before anybody waited. */
  readonly released: Promise<void>;
  /** The reply has ended: nobody waits any more. */
  leave(): void;
}

const openGate: Gate = { released: Promise.resolve(), leave: () => undefined };

/** Holds the rest of replies back until somebody lets them go on. */
export class Gates {
  readonly #waiting = new Set<() => void>();

  /** A gate for one reply; an open one when it holds nothing back. */
  enter(holds: boolean): Gate {
    if (!holds) return openGate;
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.#waiting.add(release);
    return { released, leave: () => this.#waiting.delete(release) };
  }

  /** Lets every reply that is held go on; how many there are. */
  release(): number {
    const count = this.#waiting.size;
    for (const release of this.#waiting) release();
    this.#waiting.clear();
    return count;
  }
}

/** The most things that are kept; the oldest are forgotten first. */
const MAX_THINGS = 1_000;

/** What the simulator remembers from one request to the next: tasks, uploads. By names that say whose they are. */
export class Shelf {
  readonly #things = new Map<string, unknown>();

  put(name: string, thing: unknown): void {
    this.#things.delete(name);
    this.#things.set(name, thing);
    if (this.#things.size > MAX_THINGS) this.#things.delete(this.#things.keys().next().value ?? name);
  }

  /** Undefined when it was never there, or is there no more. */
  get(name: string): unknown {
    return this.#things.get(name);
  }

  clear(): void {
    this.#things.clear();
  }
}

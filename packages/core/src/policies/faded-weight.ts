/** A weight that halves with time. */
export class FadedWeight {
  #weight = 0;
  #atMs = 0;
  readonly #halfLifeMs: number;

  constructor(halfLifeMs: number) {
    this.#halfLifeMs = halfLifeMs;
  }

  add(weight: number, nowMs: number): void {
    this.#weight = this.at(nowMs) + weight;
    this.#atMs = nowMs;
  }

  at(nowMs: number): number {
    if (this.#weight === 0) return 0;
    return this.#weight * 0.5 ** (Math.max(0, nowMs - this.#atMs) / this.#halfLifeMs);
  }

  clear(): void {
    this.#weight = 0;
  }
}

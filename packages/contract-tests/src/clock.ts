/** A clock that stands still until a test moves it. */
export class TestClock {
  #nowMs: number;
  /** Called with the new time whenever it is moved. */
  onMove: (nowMs: number) => void = () => undefined;

  /** `iso` with its offset, such as `2026-03-10T12:00:00Z`. */
  constructor(iso: string) {
    this.#nowMs = Date.parse(iso);
  }

  readonly now = (): number => this.#nowMs;

  set(iso: string): void {
    this.#nowMs = Date.parse(iso);
    this.onMove(this.#nowMs);
  }

  advance(ms: number): void {
    this.#nowMs += ms;
    this.onMove(this.#nowMs);
  }
}

/** A clock that runs with the real one, from where it is set to. For waits that really have to pass. */
export class RunningClock {
  #aheadMs: number;
  /** Called with the new time whenever it is moved. */
  onMove: (nowMs: number) => void = () => undefined;

  constructor(iso: string) {
    this.#aheadMs = Date.parse(iso) - performance.now();
  }

  readonly now = (): number => Math.floor(performance.now() + this.#aheadMs);

  advance(ms: number): void {
    this.#aheadMs += ms;
    this.onMove(this.now());
  }
}

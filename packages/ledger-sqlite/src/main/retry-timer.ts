/** Tries something again later: once however often it is asked for meanwhile, and without keeping the process alive. */
export class RetryTimer {
  readonly #afterMs: number;
  readonly #retry: () => void;
  #timer: NodeJS.Timeout | null = null;

  constructor(afterMs: number, retry: () => void) {
    this.#afterMs = afterMs;
    this.#retry = retry;
  }

  start(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#retry();
    }, this.#afterMs).unref();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}

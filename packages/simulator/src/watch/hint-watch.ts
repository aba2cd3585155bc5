/** Timers may fire this much too early without being wrong: the event loop rounds. */
const TIMER_TOLERANCE_MS = 2;

/** The most models whose hints are remembered; the oldest are forgotten first. */
const MAX_MODELS = 1000;

/** Remembers until when clients were asked to wait, by wire and model, and notices those who do not. */
export class HintWatch {
  readonly #notBeforeMs = new Map<string, number>();

  /** A hint goes out at this moment. A shorter one never takes back a longer one. */
  sent(target: string, atMs: number, retryAfterMs: number): void {
    const known = this.#notBeforeMs.get(target) ?? 0;
    this.#notBeforeMs.delete(target);
    if (this.#notBeforeMs.size >= MAX_MODELS) this.#notBeforeMs.delete(this.#notBeforeMs.keys().next().value ?? '');
    this.#notBeforeMs.set(target, Math.max(known, atMs + retryAfterMs));
  }

  /** By how much a request is too early; 0 when it is not. */
  earlyByMs(target: string, atMs: number): number {
    const leftMs = (this.#notBeforeMs.get(target) ?? 0) - atMs;
    return leftMs > TIMER_TOLERANCE_MS ? leftMs : 0;
  }

  clear(): void {
    this.#notBeforeMs.clear();
  }
}

/** What calls that wait for a rate limit in this process are waiting for. */
export interface RateLine {
  readonly waits: boolean;
  /** When time alone brings something; Infinity when it does not. */
  readonly nextMs: number;
}

export interface WatchSettings {
  readonly now: () => number;
  line(): RateLine;
  /** Whether another process has changed something. Takes no lock. */
  needsLook(): boolean;
  /** Lets those go whose turn has come. */
  look(): void;
}

/** While calls wait, other processes are looked at this often: their slots and tokens may become free at any time. */
const pollMs = 25;
/** A look that changed nothing is not repeated at once. */
const minDelayMs = 1;
/** The longest delay a timer can keep. */
const maxTimerMs = 2_147_483_647;

/** Wakes the writer for those who wait: one timer for the next turn, and a look at the file from time to time. */
export class RateWatch {
  readonly #settings: WatchSettings;
  #timer: NodeJS.Timeout | null = null;
  #timerAtMs = Number.POSITIVE_INFINITY;
  #poll: NodeJS.Timeout | null = null;

  constructor(settings: WatchSettings) {
    this.#settings = settings;
  }

  /** After everything that may have changed the line. */
  update(): void {
    const { waits, nextMs } = this.#settings.line();
    this.#pollWhile(waits);
    if (nextMs === this.#timerAtMs && this.#timer !== null) return;
    this.#stopTimer();
    if (!waits || nextMs === Number.POSITIVE_INFINITY) return;
    this.#timerAtMs = nextMs;
    const delayMs = Math.min(maxTimerMs, Math.max(minDelayMs, Math.ceil(nextMs - this.#settings.now())));
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#settings.look();
    }, delayMs);
  }

  stop(): void {
    this.#pollWhile(false);
    this.#stopTimer();
  }

  #pollWhile(waits: boolean): void {
    if (!waits) {
      if (this.#poll !== null) clearInterval(this.#poll);
      this.#poll = null;
    } else {
      this.#poll ??= setInterval(() => {
        if (this.#settings.needsLook()) this.#settings.look();
      }, pollMs);
    }
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#timerAtMs = Number.POSITIVE_INFINITY;
  }
}

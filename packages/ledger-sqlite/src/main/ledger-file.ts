import { systemTimezone, VibeError } from '@vibe/core';
import type { CommandQueue } from './command-queue.js';
import type { Notices } from './notices.js';
import { within } from './within.js';

/** The first call of a process may have to start a thread and to create or migrate the file. */
const bestEffortOpenMs = 5_000;
/** While the file cannot be opened, best effort does not try it for every call. */
const retryAfterMs = 1_000;

/** Knows whether the file is open, and the zone its budgets are counted in. */
export class LedgerFile {
  readonly #queue: CommandQueue;
  readonly #notices: Notices;
  readonly #wantedTimezone: string | null;
  /** Null until the file has told. */
  timezone: string | null = null;
  #opening: Promise<void> | null = null;
  #failedAtMs = Number.NEGATIVE_INFINITY;
  #failure: VibeError | null = null;

  constructor(queue: CommandQueue, notices: Notices, wantedTimezone: string | null) {
    this.#queue = queue;
    this.#notices = notices;
    this.#wantedTimezone = wantedTimezone;
  }

  /** The zone to count in while the file cannot tell. */
  get likelyTimezone(): string {
    return this.timezone ?? this.#wantedTimezone ?? systemTimezone();
  }

  /** Rejects with `ledger_unavailable`; the next call tries again. */
  open(): Promise<void> {
    this.#opening ??= this.#queue.task('open', null).then(
      ({ timezone, networkFileSystem }) => {
        this.timezone = this.#wantedTimezone ?? timezone;
        this.#tellAbout(timezone, networkFileSystem);
      },
      (error: unknown) => {
        this.#opening = null;
        throw error;
      },
    );
    return this.#opening;
  }

  /** Null when it is open. Waits only a little, and not at all shortly after a failure. */
  async openInTime(): Promise<VibeError | null> {
    if (this.timezone !== null) return null;
    if (this.#failure !== null && performance.now() - this.#failedAtMs < retryAfterMs) return this.#failure;
    this.#failure = await within(
      this.open().then(
        () => null,
        (error: unknown) => VibeError.from(error, 'ledger_unavailable'),
      ),
      bestEffortOpenMs,
      new VibeError('ledger_unavailable', `The ledger could not be opened within ${bestEffortOpenMs} ms.`),
    );
    if (this.#failure !== null) this.#failedAtMs = performance.now();
    return this.#failure;
  }

  #tellAbout(fileTimezone: string, networkFileSystem: string | null): void {
    if (this.#wantedTimezone !== null && this.#wantedTimezone !== fileTimezone) {
      const message = `This program counts budgets in ${this.#wantedTimezone}, the ledger was made for ${fileTimezone}: budgets without a zone of their own are counted apart from those of programs that use the ledger's.`;
      this.#notices.warn('ledger_timezone', message);
    }
    if (networkFileSystem !== null) {
      const message = `The ledger is on a network file system (${networkFileSystem}). Use it from one host only, or move it to a local disk.`;
      this.#notices.warn('ledger_network_file_system', message);
    }
  }
}

import type { CommandQueue } from './command-queue.js';
import { RetryTimer } from './retry-timer.js';

/** Holds that could not be given up are tried again this often. */
const retryEveryMs = 5_000;

/**
 * Holds of which nobody knows whether they were recorded, and for which nothing was sent. Until the file knows, this
 * process would renew them for ever.
 */
export class AbandonedHolds {
  readonly #queue: CommandQueue;
  readonly #callIds = new Set<string>();
  readonly #timer = new RetryTimer(retryEveryMs, () => this.retry());

  constructor(queue: CommandQueue) {
    this.#queue = queue;
  }

  add(callId: string): void {
    this.#callIds.add(callId);
    this.#post([callId]);
  }

  /** It is asked for again, so it will be wanted. */
  wanted(callId: string): void {
    if (this.#callIds.size > 0) this.#callIds.delete(callId);
  }

  /** Before a barrier, which is where a failure is told. */
  retry(): void {
    if (this.#callIds.size > 0) this.#post([...this.#callIds]);
  }

  stop(): void {
    this.#timer.stop();
  }

  #post(callIds: readonly string[]): void {
    this.#queue.task('abandon', callIds).then(
      () => {
        for (const callId of callIds) this.#callIds.delete(callId);
      },
      () => {
        if (!this.#queue.isClosed && this.#callIds.size > 0) this.#timer.start();
      },
    );
  }
}

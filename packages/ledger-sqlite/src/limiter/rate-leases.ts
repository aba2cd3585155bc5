import type { RateBooks } from './rate-books.js';

/** How long a process that says nothing keeps its places and slots. */
const leaseMs = 15_000;
/** It is renewed when so much is left. */
const renewMs = 10_000;
/** Dead processes are looked for this often. */
const reapEveryMs = 1_000;

/** Who is alive: a process says so while it waits or has requests in flight. What belongs to the dead goes back. */
export class RateLeases {
  readonly #books: RateBooks;
  #untilMs = 0;
  #reapedMs = 0;
  #hasLeft = false;

  constructor(books: RateBooks) {
    this.#books = books;
  }

  get isHeld(): boolean {
    return this.#untilMs > 0;
  }

  /** After something was written for this process. */
  keep(nowMs: number): void {
    if (this.#hasLeft) return;
    const leftMs = this.#untilMs - nowMs;
    if (leftMs > renewMs && leftMs <= leaseMs) return;
    this.#untilMs = nowMs + leaseMs;
    this.#books.file.saveOwner(this.#books.owner, this.#untilMs);
  }

  /** Whether this process has something to lose, and not much time left. Takes no lock. */
  isDue(nowMs: number): boolean {
    const leftMs = this.#untilMs - nowMs;
    if (leftMs > renewMs && leftMs <= leaseMs) return false;
    return this.#books.file.targetsOf(this.#books.owner).length > 0;
  }

  /** Without anything else to write. */
  renew(nowMs: number): void {
    if (this.isDue(nowMs)) this.keep(nowMs);
  }

  /** For the rest of the transaction: what is still written is for others. */
  end(): void {
    this.#hasLeft = true;
    this.#untilMs = 0;
    this.#books.file.forgetOwner(this.#books.owner);
  }

  /** Takes the places and slots of the dead away. */
  reap(nowMs: number): void {
    this.#hasLeft = false;
    if (nowMs - this.#reapedMs < reapEveryMs && nowMs >= this.#reapedMs) return;
    this.#reapedMs = nowMs;
    const { file, owner: self } = this.#books;
    file.ownersUntil(nowMs + leaseMs);
    for (const owner of file.deadOwners(nowMs)) {
      // Late itself, for example after a standstill of the machine: nobody has taken anything away yet.
      if (owner === self) continue;
      for (const targetId of file.targetsOf(owner)) {
        const mirror = this.#books.mirror(targetId, nowMs);
        for (const call of [...mirror.line.values()]) {
          if (call.owner !== owner) continue;
          mirror.limits.leave(call);
          this.#books.waitedEnough(mirror, call, true, nowMs);
        }
        const [slots] = file.slots(targetId).filter((row) => row.owner === owner);
        mirror.limits.inFlight -= slots?.taken ?? 0;
        file.saveSlots(targetId, owner, 0);
        this.#books.changed(mirror);
      }
      file.forgetOwner(owner);
    }
  }
}

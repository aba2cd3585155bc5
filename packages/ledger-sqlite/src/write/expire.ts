import { clockSlackMs } from '../clock-slack.js';
import type { Books } from './books.js';
import { type EndingHold, holdEnder } from './end-hold.js';

/** Bounds the work of one transaction; the rest is taken by the next one. */
const maxExpiredPerBatch = 1_000;

/** Own holds that have used a third of their lease; and whosever holds that would outlive theirs, because the clock was set back. */
const due = `(owner = :owner AND expires_at_ms <= :nowMs + lease_ms * 2 / 3)
  OR expires_at_ms > :nowMs + lease_ms + ${clockSlackMs}`;

interface LeasedHold extends EndingHold {
  readonly strict: number;
}

/** Leases: the holds of a living process are renewed, those of a dead one are ended by any other process. */
export class Leases {
  readonly #owner: string;
  readonly #books: Books;
  readonly #endHold;
  readonly #sql;

  constructor(books: Books, owner: string) {
    const { db } = books;
    this.#books = books;
    this.#owner = owner;
    this.#endHold = holdEnder(books);
    this.#sql = {
      anyExpired: db.prepare('SELECT 1 FROM hold WHERE expires_at_ms <= ? LIMIT 1').pluck(),
      expired: db.prepare('SELECT * FROM hold WHERE expires_at_ms <= ? ORDER BY expires_at_ms LIMIT ?'),
      anyDue: db.prepare(`SELECT 1 FROM hold WHERE ${due} LIMIT 1`).pluck(),
      renew: db.prepare(`UPDATE hold SET expires_at_ms = :nowMs + lease_ms WHERE ${due}`),
    };
  }

  /** A cheap look that takes no lock. */
  anyExpired(nowMs: number): boolean {
    return this.#sql.anyExpired.get(nowMs) !== undefined;
  }

  /** Whether a hold of this process has used a third of its lease, or the clock was set back. Takes no lock. */
  anyDue(nowMs: number): boolean {
    return this.#sql.anyDue.get({ owner: this.#owner, nowMs }) !== undefined;
  }

  renew(nowMs: number): void {
    if (this.#sql.renew.run({ owner: this.#owner, nowMs }).changes > 0) this.#books.touched = true;
  }

  /**
   * Ends what expired. Strict holds fail closed: their process died in mid-call, so the held amount counts as spent
   * until a late settlement says better. Best effort releases them.
   */
  reap(nowMs: number): void {
    for (const hold of this.#sql.expired.all(nowMs, maxExpiredPerBatch) as LeasedHold[]) {
      const strict = hold.strict === 1;
      const bookedNanoUsd = strict ? hold.amount_nano : 0;
      this.#endHold(
        hold,
        { kind: 'expire', bookedNanoUsd, actualNanoUsd: strict ? bookedNanoUsd : null, note: null },
        nowMs,
      );
    }
  }
}

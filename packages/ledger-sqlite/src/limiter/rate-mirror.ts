import { type Admission, type Limits, type RateCall, TargetLimits, type TargetLimitsOptions } from '@vibe/core';
import { clockSlackMs } from '../clock-slack.js';
import { type EntryRow, entryState, type RateReading } from './rate-tables.js';

/** A call in the line of all processes. */
export interface MirroredCall extends RateCall {
  readonly ticket: number;
  readonly owner: string;
  readonly askedAtMs: number;
}

/**
 * What the file says about one target, in memory. Up to date while the target's `rev` is the one it has seen; otherwise
 * it reads what has changed since.
 */
export class RateMirror {
  readonly targetId: number;
  readonly limits: TargetLimits<MirroredCall>;
  /** Those of the last minute, by ref. */
  readonly admissions = new Map<number, Admission>();
  readonly line = new Map<number, MirroredCall>();
  /** The newest change it knows. */
  rev = -1;
  /** How many calls of this process are in the line, and how many of its requests are in flight. */
  ownWaiting = 0;
  ownTaken = 0;
  /** So many of its slots were taken away by another process that took this one for dead. */
  lostSlots = 0;
  /** When time alone changes something for this process. */
  nextMs = Number.POSITIVE_INFINITY;
  readonly #owner: string;
  #syncedMs = 0;

  /** `ownTaken` is what the mirror before this one knew. */
  constructor(targetId: number, owner: string, options: TargetLimitsOptions, ownTaken = 0) {
    this.targetId = targetId;
    this.#owner = owner;
    this.ownTaken = ownTaken;
    this.limits = new TargetLimits({ ...options, onForget: ({ id }) => this.admissions.delete(id) });
  }

  /**
   * Whether it can still be brought up to date. Rows are purged when they are a window old: who has not looked for so
   * long may have missed some.
   */
  isFresh(nowMs: number): boolean {
    return this.rev >= 0 && nowMs - this.#syncedMs < this.limits.log.keepMs && nowMs >= this.#syncedMs;
  }

  /** Reads what has changed. Returns own calls that another process has taken out of the line. */
  sync(file: RateReading, nowMs: number): readonly MirroredCall[] {
    const lost: MirroredCall[] = [];
    const [rev, closedUntilMs] = file.target(this.targetId) ?? [0, 0];
    this.#syncedMs = nowMs;
    if (rev === this.rev) return lost;
    for (const row of file.entries(this.targetId, this.rev)) this.#apply(row, nowMs, lost);
    this.limits.closeUntil(closedUntilMs);
    let inFlight = 0;
    const wasTaken = this.ownTaken;
    this.ownTaken = 0;
    for (const { owner, taken } of file.slots(this.targetId)) {
      inFlight += taken;
      if (owner === this.#owner) this.ownTaken = taken;
    }
    this.limits.inFlight = inFlight;
    this.lostSlots = Math.max(0, wasTaken - this.ownTaken);
    for (const { timezone, day_start_ms: startMs, requests } of file.days(this.targetId))
      this.limits.days.set(timezone, startMs, requests);
    this.rev = rev;
    return lost;
  }

  /** Puts a call in the line that stands there in the file. */
  join(call: MirroredCall): void {
    this.line.set(call.id, call);
    if (call.mine) this.ownWaiting++;
  }

  /** Takes a call out of the books; the line of `limits` is the caller's. */
  leave(call: MirroredCall): void {
    if (this.line.delete(call.id) && call.mine) this.ownWaiting--;
  }

  #apply(row: EntryRow, nowMs: number, lost: MirroredCall[]): void {
    const { ref, state, requests, tokens } = row;
    const atMs = row.at_ms > nowMs + clockSlackMs ? nowMs : row.at_ms;
    if (state === entryState.waiting) {
      const call = this.#callOf(row);
      this.join(call);
      this.limits.join(call);
      return;
    }
    const waiting = this.line.get(ref);
    if (waiting !== undefined) {
      this.limits.leave(waiting);
      this.leave(waiting);
      if (waiting.mine) lost.push(waiting);
    }
    if (state === entryState.gone) return;
    const known = this.admissions.get(ref);
    if (known !== undefined) this.limits.amend(known, atMs, requests, tokens);
    else if (atMs + this.limits.log.keepMs > nowMs)
      this.admissions.set(ref, this.limits.restore(ref, atMs, requests, tokens));
  }

  #callOf({ ref, at_ms, requests, tokens, owner, ticket, deadline_ms, limits_json }: EntryRow): MirroredCall {
    return {
      id: ref,
      requests,
      tokens,
      limits: JSON.parse(limits_json ?? '{}') as Limits,
      deadlineMs: deadline_ms ?? 0,
      mine: owner === this.#owner,
      ticket: ticket ?? 0,
      owner: owner ?? '',
      askedAtMs: at_ms,
    };
  }
}

import { closedUntilMs, type Target, type TargetLimitsOptions, zoneOf } from '@vibe/core';
import type { Database } from 'better-sqlite3';
import type { Outcome } from '../protocol.js';
import type { Targets } from '../write/targets.js';
import { RateBooks } from './rate-books.js';
import { RateLeases } from './rate-leases.js';
import type { MirroredCall, RateMirror } from './rate-mirror.js';
import {
  orderNumber,
  type RateCommand,
  type RateDecision,
  type RateNews,
  type RateOrder,
  type RateStanding,
  readAcquire,
  readHint,
  readStateOrder,
} from './rate-orders.js';

/**
 * The rate limits of all processes on the file, inside the writer's transactions. Everything is decided on what the file
 * says at that moment; the mirrors in memory only save reading it again.
 */
export class Rates {
  readonly #books: RateBooks;
  readonly #leases: RateLeases;
  readonly #targets: Targets;
  /** Where calls of this process wait; kept over a rollback. */
  readonly #lines: Set<number>;
  /** Told when the transaction is committed: what is certain, and what the running command has brought. */
  #news: RateNews[] = [];
  #latest: RateNews[] = [];
  #nowMs = 0;
  #dataVersion = 0;
  /** Whether something was written since `begin`. */
  written = false;

  constructor(db: Database, targets: Targets, owner: string, options: TargetLimitsOptions) {
    this.#books = new RateBooks(db, owner, options);
    this.#leases = new RateLeases(this.#books);
    this.#targets = targets;
    this.#lines = new Set(this.#books.file.linesOf(owner));
  }

  begin(): void {
    this.written = false;
    this.#books.begin();
    this.#news = [];
    this.#latest = [];
    this.#nowMs = 0;
  }

  /** After a rollback, of everything or of one command. */
  discard(): void {
    this.#books.discard();
    this.#latest = [];
  }

  run({ target, order }: RateCommand, nowMs: number): Outcome {
    if (this.#nowMs === 0) this.#leases.reap(nowMs);
    this.#nowMs = nowMs;
    if (order[0] === orderNumber.advance) {
      for (const targetId of this.#lines) this.#books.mirror(targetId, nowMs);
      this.#leases.renew(nowMs);
      return null;
    }
    if (order[0] === orderNumber.end) return this.#end(nowMs);
    if (order[0] === orderNumber.state) return { kind: 'value', value: this.#state(target, order, nowMs) };
    const mirror = this.#books.mirror(this.#targets.idOf(target), nowMs);
    if (order[0] === orderNumber.acquire) return { kind: 'value', value: this.#acquire(mirror, order, nowMs) };
    this.#change(mirror, order, nowMs);
    return null;
  }

  /** Before the commit: lets those go whose turn has come, and writes what was changed. */
  flush(): void {
    if (this.#nowMs === 0) return;
    const nowMs = this.#nowMs;
    for (const { ticket } of this.#books.lost) this.#latest.push({ kind: 'lost', ticket });
    this.#books.lost = [];
    for (const mirror of this.#books.seen) {
      if (mirror.ownWaiting > 0) this.#advance(mirror, nowMs);
      if (mirror.ownWaiting > 0) this.#lines.add(mirror.targetId);
      else this.#lines.delete(mirror.targetId);
    }
    if (this.#books.flush(nowMs)) {
      this.#leases.keep(nowMs);
      this.written = true;
    }
    this.#news.push(...this.#latest);
    this.#latest = [];
  }

  /** After the commit. */
  takeNews(): readonly RateNews[] {
    const news = this.#news;
    this.#news = [];
    return news;
  }

  /** Whether other processes see anything of this one. */
  get isPresent(): boolean {
    return this.#leases.isHeld || this.#books.file.targetsOf(this.#books.owner).length > 0;
  }

  get hasLine(): boolean {
    return this.#lines.size > 0;
  }

  /** When time alone changes something for calls of this process; Infinity when it does not. */
  get nextMs(): number {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const targetId of this.#lines) nextMs = Math.min(nextMs, this.#books.peek(targetId)?.nextMs ?? 0);
    return nextMs;
  }

  /** Whether another process has changed anything where calls of this one wait. Takes no lock. */
  sawChange(): boolean {
    const version = this.#books.file.dataVersion();
    if (version === this.#dataVersion) return false;
    this.#dataVersion = version;
    for (const targetId of this.#lines) {
      const [rev] = this.#books.file.target(targetId) ?? [0];
      if (rev !== this.#books.peek(targetId)?.rev) return true;
    }
    return false;
  }

  /** Whether the lease of this process has to be renewed. Takes no lock. */
  isLeaseDue(nowMs: number): boolean {
    return this.#leases.isDue(nowMs);
  }

  #acquire(mirror: RateMirror, order: RateOrder, nowMs: number): RateDecision {
    // First come, first served: also when nobody has looked since their turn came.
    if (mirror.ownWaiting > 0) this.#advance(mirror, nowMs);
    const { ticket, requests, tokens, maxWaitMs, limits } = readAcquire(order);
    const { owner } = this.#books;
    const ref = this.#books.nextRef(mirror);
    const deadlineMs = nowMs + maxWaitMs;
    const ask = { id: ref, mine: true, ticket, owner, requests, tokens, limits, askedAtMs: nowMs, deadlineMs };
    const answer = mirror.limits.ask(ask, nowMs);
    if (answer.kind === 'refused') {
      const { why, waitMs } = answer;
      return { kind: 'refused', why, waitMs, isClosed: mirror.limits.closedUntilMs > nowMs };
    }
    if (answer.kind === 'admitted') {
      this.#books.admitted(mirror, answer.admission, zoneOf(limits));
      return { kind: 'admitted', ref, atMs: nowMs };
    }
    this.#books.waits(mirror, ask);
    return { kind: 'waiting', ref, waitMs: answer.waitMs, place: answer.place };
  }

  /** Of targets in use only: to read the whole minute of another one would keep the calls of this process waiting. */
  #state(target: Target | null, order: RateOrder, nowMs: number): RateStanding {
    const targetId = this.#targets.find(target);
    if (targetId === undefined || this.#books.peek(targetId)?.isFresh(nowMs) !== true) return null;
    return this.#books.mirror(targetId, nowMs).limits.state(readStateOrder(order), nowMs);
  }

  #advance(mirror: RateMirror, nowMs: number): void {
    const { admitted, refused, nextMs } = mirror.limits.advance(nowMs);
    for (const { call, admission } of admitted) {
      this.#books.waitedEnough(mirror, call, false, nowMs);
      this.#books.admitted(mirror, admission, zoneOf(call.limits));
      this.#latest.push({ kind: 'admitted', ticket: call.ticket, ref: call.id, atMs: nowMs });
    }
    for (const call of refused) {
      this.#books.waitedEnough(mirror, call, true, nowMs);
      this.#latest.push(refusalOf(mirror, call, nowMs));
    }
    mirror.nextMs = nextMs;
  }

  #change(mirror: RateMirror, order: RateOrder, nowMs: number): void {
    const [number, first] = order;
    const ref = first as number;
    if (number === orderNumber.correct) this.#correct(mirror, ref, order[2] as number);
    else if (number === orderNumber.release) this.#release(mirror, ref, order[2] === 1, order[3] as string);
    else if (number === orderNumber.redate) this.#redate(mirror, ref, order[2] as number);
    else if (number === orderNumber.leave) this.#leave(mirror, ref, order[2] as string, nowMs);
    else if (number === orderNumber.learn) this.#learn(mirror, order, nowMs);
    else if (number === orderNumber.resync) this.#resync(mirror, first as number, nowMs);
    else if (number === orderNumber.record) this.#record(mirror, order);
  }

  #learn(mirror: RateMirror, order: RateOrder, nowMs: number): void {
    const before = mirror.limits.closedUntilMs;
    mirror.limits.closeUntil(closedUntilMs(readHint(order), nowMs));
    if (mirror.limits.closedUntilMs !== before) this.#books.changed(mirror);
  }

  #correct(mirror: RateMirror, ref: number, tokens: number): void {
    const admission = mirror.admissions.get(ref);
    if (admission === undefined || admission.tokens === tokens) return;
    mirror.limits.correct(admission, tokens);
    this.#books.amended(mirror, admission);
  }

  #release(mirror: RateMirror, ref: number, isSent: boolean, timezone: string): void {
    mirror.limits.inFlight--;
    this.#books.changedSlots(mirror, -1);
    const admission = mirror.admissions.get(ref);
    if (isSent || admission === undefined) return;
    mirror.limits.giveBack(admission, timezone);
    this.#books.amended(mirror, admission);
    this.#books.changedDay(mirror, timezone, admission.atMs);
  }

  #redate(mirror: RateMirror, ref: number, atMs: number): void {
    const admission = mirror.admissions.get(ref);
    if (admission === undefined || admission.atMs >= atMs) return;
    mirror.limits.redate(admission, atMs);
    this.#books.amended(mirror, admission);
  }

  #leave(mirror: RateMirror, ref: number, timezone: string, nowMs: number): void {
    const call = mirror.line.get(ref);
    // It was let go while it gave up: then it was never sent.
    if (call === undefined) {
      if (mirror.admissions.has(ref)) this.#release(mirror, ref, false, timezone);
      return;
    }
    mirror.limits.leave(call);
    this.#books.waitedEnough(mirror, call, true, nowMs);
  }

  #resync(mirror: RateMirror, inFlight: number, nowMs: number): void {
    for (const call of [...mirror.line.values()]) {
      if (!call.mine) continue;
      mirror.limits.leave(call);
      this.#books.waitedEnough(mirror, call, true, nowMs);
    }
    mirror.limits.inFlight += inFlight - mirror.ownTaken;
    this.#books.changedSlots(mirror, inFlight - mirror.ownTaken);
  }

  #record(mirror: RateMirror, [, atMs, requests, tokens, timezone]: RateOrder): void {
    const ref = this.#books.nextRef(mirror);
    const admission = mirror.limits.restore(ref, atMs as number, requests as number, tokens as number);
    mirror.limits.days.add(admission.requests, timezone as string, admission.atMs);
    this.#books.recorded(mirror, admission);
    this.#books.changedDay(mirror, timezone as string, admission.atMs);
  }

  /** Others need not wait for the lease of a process that says goodbye. */
  #end(nowMs: number): null {
    for (const targetId of this.#books.file.targetsOf(this.#books.owner))
      this.#resync(this.#books.mirror(targetId, nowMs), 0, nowMs);
    this.#leases.end();
    return null;
  }
}

/** Its turn did not come in time: others took more than they had asked for, a 429 came, or no request ended. */
function refusalOf({ limits }: RateMirror, call: MirroredCall, nowMs: number): RateNews {
  const isClosed = limits.closedUntilMs > nowMs;
  const noSlot = limits.inFlight >= (call.limits.concurrency ?? Number.POSITIVE_INFINITY) && !isClosed;
  const waitMs = noSlot ? null : limits.state(call, nowMs).nextFreeInMs;
  return { kind: 'refused', ticket: call.ticket, why: noSlot ? 'slots' : 'late', waitMs, isClosed };
}

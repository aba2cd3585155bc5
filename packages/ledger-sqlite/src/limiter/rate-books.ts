import type { Admission, TargetLimitsOptions } from '@vibe/core';
import type { Database } from 'better-sqlite3';
import { type MirroredCall, RateMirror } from './rate-mirror.js';
import { entryState, RateWriting } from './rate-tables.js';

/** More targets than a program uses; past it mirrors are read anew. */
const maxMirrors = 1_000;
/** Counts of days that nobody asks for any more. */
const dayRowsMs = 3 * 86_400_000;
/** Rows are purged when a window has passed, four times per window. */
const purgesPerWindow = 4;

/** What a transaction has still to write about a target. New entries are written at once. */
interface Unwritten {
  slots: boolean;
  /** Each is written once, however often it was changed: a call dates its request, and then says what it used. */
  readonly amended: Set<Admission>;
  /** Begins of days by zone. */
  readonly days: Map<string, Set<number>>;
}

/** The mirrors of all targets in use, and the way back into the file: what was changed in a transaction is written by its end. */
export class RateBooks {
  readonly file: RateWriting;
  readonly owner: string;
  /** Own calls that another process has taken out of the line, seen since `begin`. */
  lost: MirroredCall[] = [];
  readonly #options: TargetLimitsOptions;
  readonly #mirrors = new Map<number, RateMirror>();
  readonly #synced = new Set<RateMirror>();
  readonly #unwritten = new Map<RateMirror, Unwritten>();
  readonly #purgedMs = new Map<number, number>();

  constructor(db: Database, owner: string, options: TargetLimitsOptions) {
    this.file = new RateWriting(db);
    this.owner = owner;
    this.#options = options;
  }

  /** Of a transaction: mirrors may be out of date again. */
  begin(): void {
    this.#synced.clear();
    this.#unwritten.clear();
    this.lost = [];
  }

  /** After a rollback mirrors know what was never written. */
  discard(): void {
    this.#mirrors.clear();
    this.begin();
  }

  /** Those that were looked at since `begin`. */
  get seen(): Iterable<RateMirror> {
    return this.#synced;
  }

  /** A mirror as it was left by the last transaction; for a look from outside. */
  peek(targetId: number): RateMirror | undefined {
    return this.#mirrors.get(targetId);
  }

  /** Up to date within this transaction. */
  mirror(targetId: number, nowMs: number): RateMirror {
    let mirror = this.#mirrors.get(targetId);
    if (mirror !== undefined && this.#synced.has(mirror)) return mirror;
    if (mirror?.isFresh(nowMs) !== true) {
      if (this.#mirrors.size >= maxMirrors) this.#mirrors.clear();
      mirror = new RateMirror(targetId, this.owner, this.#options, mirror?.ownTaken);
      this.#mirrors.set(targetId, mirror);
      this.file.noFuture(targetId, nowMs);
    }
    this.lost.push(...mirror.sync(this.file, nowMs));
    this.#synced.add(mirror);
    this.#takeBack(mirror);
    return mirror;
  }

  /** After a standstill of this process: its requests are in flight, whoever took it for dead. */
  #takeBack(mirror: RateMirror): void {
    const lost = mirror.lostSlots;
    if (lost === 0) return;
    mirror.lostSlots = 0;
    mirror.limits.inFlight += lost;
    this.changedSlots(mirror, lost);
  }

  /** The ref of the next call that appears. */
  nextRef(mirror: RateMirror): number {
    return mirror.rev + 1;
  }

  /** Somebody was let go, now or out of the line. */
  admitted(mirror: RateMirror, admission: Admission, timezone: string): void {
    this.recorded(mirror, admission);
    this.changedSlots(mirror, 1);
    this.changedDay(mirror, timezone, admission.atMs);
  }

  /** Somebody went without being asked for. Written at once: its ref is the next change of its target. */
  recorded(mirror: RateMirror, admission: Admission): void {
    mirror.admissions.set(admission.id, admission);
    this.#writeAdmission(mirror, admission);
  }

  /** Tokens, requests or the time of an admission have changed. */
  amended(mirror: RateMirror, admission: Admission): void {
    this.changed(mirror).amended.add(admission);
  }

  waits(mirror: RateMirror, call: MirroredCall): void {
    mirror.join(call);
    this.file.addWaiting(mirror.targetId, this.#rev(mirror), call);
  }

  /** Somebody waits no more; `gone`: without having been let go. */
  waitedEnough(mirror: RateMirror, call: MirroredCall, gone: boolean, nowMs: number): void {
    mirror.leave(call);
    this.file.endWaiting(mirror.targetId, call.id);
    if (gone) this.file.addEntry(mirror.targetId, this.#rev(mirror), call.id, entryState.gone, nowMs, 0, 0);
  }

  /** So many more requests of this process are in flight. */
  changedSlots(mirror: RateMirror, more: number): void {
    mirror.ownTaken = Math.max(0, mirror.ownTaken + more);
    this.changed(mirror).slots = true;
  }

  changedDay(mirror: RateMirror, timezone: string, atMs: number): void {
    const { days } = this.changed(mirror);
    const starts = days.get(timezone) ?? new Set<number>();
    days.set(timezone, starts.add(mirror.limits.days.dayOf(timezone, atMs)));
  }

  changed(mirror: RateMirror): Unwritten {
    let unwritten = this.#unwritten.get(mirror);
    if (unwritten === undefined) {
      unwritten = { slots: false, days: new Map(), amended: new Set() };
      this.#unwritten.set(mirror, unwritten);
      // Others look at the rev only, so there is a new one for every change.
      mirror.rev++;
    }
    return unwritten;
  }

  /** Writes what was only counted. True when there was anything. */
  flush(nowMs: number): boolean {
    for (const [mirror, { slots, days, amended }] of this.#unwritten) {
      for (const admission of amended) this.#writeAdmission(mirror, admission);
      const { targetId, rev, limits, ownTaken } = mirror;
      this.file.saveTarget(targetId, rev, limits.closedUntilMs);
      if (slots) this.file.saveSlots(targetId, this.owner, ownTaken);
      for (const [timezone, starts] of days)
        for (const startMs of starts) this.file.saveDay(targetId, timezone, startMs, limits.days.on(timezone, startMs));
      this.#purge(mirror, nowMs);
    }
    const wrote = this.#unwritten.size > 0;
    this.#unwritten.clear();
    return wrote;
  }

  #writeAdmission(mirror: RateMirror, { id, atMs, requests, tokens }: Admission): void {
    this.file.addEntry(mirror.targetId, this.#rev(mirror), id, entryState.admitted, atMs, requests, tokens);
  }

  /** A new one for every row. */
  #rev(mirror: RateMirror): number {
    if (this.#unwritten.has(mirror)) return ++mirror.rev;
    this.changed(mirror);
    return mirror.rev;
  }

  #purge({ targetId, limits }: RateMirror, nowMs: number): void {
    const { keepMs } = limits.log;
    const lastMs = this.#purgedMs.get(targetId) ?? 0;
    if (nowMs - lastMs < keepMs / purgesPerWindow && nowMs >= lastMs) return;
    this.#purgedMs.set(targetId, nowMs);
    this.file.purge(targetId, nowMs - keepMs, nowMs - dayRowsMs);
  }
}

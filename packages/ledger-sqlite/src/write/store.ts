import { type Failure, failureOf, isUnavailable, lostFile } from '../database/failure.js';
import { lockDeadlineMs, retryBusy } from '../database/retry-busy.js';
import { endCommand, type RateNews } from '../limiter/rate-orders.js';
import type { RateLine } from '../limiter/rate-watch.js';
import type { BlockCommand, Command, Outcome, WorkerSettings } from '../protocol.js';
import type { Charge } from './charge.js';
import { inodeOf, type OpenFile, openFile } from './open-file.js';

/** What a batch has come to. */
export interface BatchResult {
  readonly outcomes: readonly Outcome[];
  /** How the rows of blocked calls fared that rode along; null when they have to wait for another batch. */
  readonly blocks: { readonly failure: Failure | null } | null;
  /** What has become of calls that waited for a rate limit. */
  readonly rates: readonly RateNews[];
}

/**
 * The file, written by one thread of this process and by other processes. Every batch is one transaction. Opens at the
 * first batch and again after the file could not be used.
 */
export class Store {
  readonly #settings: WorkerSettings;
  readonly #now: () => number;
  #file: OpenFile | null = null;
  /** The inode of a file that was taken away while it was open. It is not silently replaced by an empty one. */
  #lostInode: string | null = null;
  #durable = true;
  /** Whether the running transaction may only read. */
  #reading = false;
  /** How long the last commit took that had something to write. */
  lastCommitMs = 0;
  /** Committed, but not yet forced to the disk. */
  #unsynced = false;

  constructor(settings: WorkerSettings, now: () => number) {
    this.#settings = settings;
    this.#now = now;
  }

  /**
   * Runs commands in one transaction, in order. `blocks` ride along when the transaction writes anyway, or when
   * `writeBlocks` says so. Never throws; nothing of it is durable before it returns.
   */
  run(commands: readonly Command<Charge>[], blocks: readonly BlockCommand[], writeBlocks: boolean): BatchResult {
    try {
      const file = this.#open();
      this.#begin(file, commands);
      try {
        return this.#apply(file, commands, blocks, writeBlocks);
      } catch (error) {
        this.#rollBack(file);
        if (isUnavailable(error)) throw error;
      }
      this.#begin(file, commands);
      return this.#applyOneByOne(file, commands, blocks);
    } catch (error) {
      const failure = failureOf(error, this.#settings.path);
      if (this.#file !== null) this.#rollBack(this.#file);
      if (isUnavailable(error)) this.close();
      return { outcomes: commands.map(() => ({ kind: 'failed', failure })), blocks: { failure }, rates: [] };
    }
  }

  /** Whether commits of the kind of the last batch are forced to the disk. */
  get isDurable(): boolean {
    return this.#file?.db.pragma('synchronous', { simple: true }) === 2;
  }

  get isOpen(): boolean {
    return this.#file !== null;
  }

  /** Whether a batch without commands would have leases to end. Takes no lock. */
  hasExpired(): boolean {
    try {
      return this.#file?.leases.anyExpired(this.#now()) ?? false;
    } catch {
      // Locked for a moment: the next look will tell.
      return false;
    }
  }

  /** What the calls that wait for a rate limit here are waiting for. */
  get line(): RateLine {
    const rates = this.#file?.books.rates;
    return { waits: rates?.hasLine ?? false, nextMs: rates?.nextMs ?? Number.POSITIVE_INFINITY };
  }

  /** Whether that may have changed, or the lease of this process runs out. Takes no lock. */
  lineNeedsLook(): boolean {
    try {
      const rates = this.#file?.books.rates;
      return rates !== undefined && ((rates.hasLine && rates.sawChange()) || rates.isLeaseDue(this.#now()));
    } catch {
      // Locked for a moment: the next look will tell.
      return false;
    }
  }

  /** Before it closes: tells other processes that this one leaves. */
  leaveLines(): void {
    if (this.#file?.books.rates.isPresent === true) this.run([endCommand], [], false);
  }

  /** Renews the leases of this process that have run for a third of their time. */
  renew(): void {
    const file = this.#file;
    if (file === null) return;
    try {
      if (!file.leases.anyDue(this.#now())) return;
      this.#begin(file, []);
      file.leases.renew(this.#now());
      file.commit.run();
    } catch {
      // The next batch meets the same trouble and tells it; until then nothing is known to be lost.
      this.#rollBack(file);
    }
  }

  close(): void {
    const file = this.#file;
    this.#file = null;
    this.#durable = true;
    try {
      file?.db.close();
    } catch {
      // What was committed is in the file; a failing last checkpoint leaves it in the WAL.
    }
  }

  #open(): OpenFile {
    const { path } = this.#settings;
    if (this.#file !== null) return this.#file;
    if (this.#lostInode !== null && inodeOf(path) === null) throw lostFile(path);
    this.#file = this.#patiently(() => openFile(this.#settings));
    this.#lostInode = null;
    return this.#file;
  }

  /** A batch with a strict command is durable; setting the level is not free, so only changes are made. */
  #begin({ db, books, leases, begin, beginReading }: OpenFile, commands: readonly Command<Charge>[]): void {
    const durable = commands.some(isDurable);
    if (durable !== this.#durable) {
      db.pragma(`synchronous = ${durable ? 'FULL' : 'NORMAL'}`);
      this.#durable = durable;
    }
    const onlyReads = commands.length > 0 && commands.every(isReading);
    this.#patiently(() => {
      this.#reading = onlyReads && !leases.anyExpired(this.#now());
      (this.#reading ? beginReading : begin).run();
      try {
        // The first read takes the snapshot, and may find the file locked like a write does.
        if (this.#reading) leases.anyExpired(0);
      } catch (error) {
        db.exec('ROLLBACK');
        throw error;
      }
    });
    books.begin();
  }

  #patiently<T>(act: () => T): T {
    return retryBusy(this.#settings.path, this.#settings.lockDeadlineMs ?? lockDeadlineMs, act);
  }

  #apply(
    file: OpenFile,
    commands: readonly Command<Charge>[],
    blocks: readonly BlockCommand[],
    writeBlocks: boolean,
  ): BatchResult {
    const { books, commands: handlers } = file;
    const nowMs = this.#reading ? this.#now() : this.#endExpired(file);
    const outcomes = commands.map((command) => handlers.run(command, nowMs));
    const withBlocks = blocks.length > 0 && (writeBlocks || books.changed);
    if (withBlocks) for (const block of blocks) handlers.run(block, nowMs);
    books.flush();
    this.#commit(file, commands);
    return { outcomes, blocks: withBlocks ? { failure: null } : null, rates: books.rates.takeNews() };
  }

  /** After a batch has failed: each command in a savepoint of its own, so that one bad command fails alone. */
  #applyOneByOne(file: OpenFile, commands: readonly Command<Charge>[], blocks: readonly BlockCommand[]): BatchResult {
    let nowMs = this.#now();
    this.#alone(file, () => {
      nowMs = this.#endExpired(file);
      return null;
    });
    const outcomes = commands.map((command) => this.#alone(file, () => file.commands.run(command, nowMs)));
    const written = blocks.map((block) => this.#alone(file, () => file.commands.run(block, nowMs)));
    this.#commit(file, commands);
    const failed = written.find((outcome) => outcome?.kind === 'failed');
    const failure = failed?.kind === 'failed' ? failed.failure : null;
    return { outcomes, blocks: { failure }, rates: file.books.rates.takeNews() };
  }

  #alone({ db, books }: OpenFile, act: () => Outcome): Outcome {
    const { changed } = books;
    db.exec('SAVEPOINT command');
    try {
      const outcome = act();
      books.flush();
      db.exec('RELEASE command');
      return outcome;
    } catch (error) {
      books.discard();
      // Some errors end the whole transaction: then nothing of this batch was written.
      if (!db.inTransaction) throw error;
      db.exec('ROLLBACK TO command; RELEASE command');
      // What came before it in this transaction is written all the same.
      books.touched ||= changed;
      return { kind: 'failed', failure: failureOf(error, this.#settings.path) };
    }
  }

  /** Leases are judged inside the transaction and before its commands, so that an expired hold never refuses a new one. */
  #endExpired({ leases }: OpenFile): number {
    const nowMs = this.#now();
    if (leases.anyExpired(nowMs)) {
      leases.renew(nowMs);
      leases.reap(nowMs);
    }
    return nowMs;
  }

  #commit(file: OpenFile, commands: readonly Command<Charge>[]): void {
    const { db, books } = file;
    const { path } = this.#settings;
    if (books.changed && inodeOf(path) !== file.inode) {
      this.#lostInode = file.inode;
      throw lostFile(path);
    }
    if (this.#unsynced && commands.some((command) => command.kind === 'barrier' && command.durable)) {
      // Forcing one small write forces everything before it.
      db.exec("INSERT OR REPLACE INTO meta (key, value) VALUES ('flushed_at', strftime('%Y-%m-%dT%H:%M:%fZ'))");
      books.touched = true;
    }
    const { changed } = books;
    const startedAtMs = performance.now();
    file.commit.run();
    if (!changed) return;
    this.lastCommitMs = performance.now() - startedAtMs;
    this.#unsynced = !this.#durable;
  }

  #rollBack({ db, books }: OpenFile): void {
    try {
      if (db.inTransaction) db.exec('ROLLBACK');
    } catch {
      // SQLite has rolled back by itself.
    }
    books.discard();
  }
}

/** What a person does. */
const durableTasks: ReadonlySet<string> = new Set(['resolve', 'correct', 'rebuild']);

function isDurable(command: Command<Charge>): boolean {
  if (command.kind === 'barrier') return command.durable;
  if (command.kind === 'task') return durableTasks.has(command.name);
  // A lost row of a rate limit lets at most one request too many go: not worth an fsync.
  if (command.kind === 'rate') return false;
  return command.kind !== 'block' && command.strict;
}

/** Needs no write lock. */
function isReading(command: Command<Charge>): boolean {
  return command.kind === 'task' && command.name === 'balances';
}

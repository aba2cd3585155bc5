import { type Target, VibeError } from '@vibe/core';
import { Encoder, type ExtendOrder, type HoldOrder, type IndexedCharge, type SettleOrder } from '../encode.js';
import type { RateNews, RateOrder } from '../limiter/rate-orders.js';
import type { BlockCommand, FromWriter, TaskName, WorkerSettings, WriterTasks } from '../protocol.js';
import { closedError, errorOf, queueFullError } from './failures.js';
import { LaterOrders } from './later-orders.js';
import { type Waiter, Waiters } from './waiters.js';
import { WorkerLink } from './worker-link.js';

/** Commands in flight; beyond it callers wait. About 20 MB at the worst. */
const defaultCapacity = 100_000;

/** The most that calls which follow each other send at a time: hold and permit, and how the request before them went. */
const ofOneCall = 5;

/** Who hears of calls that wait for a rate limit. */
export interface RateListener {
  news(news: readonly RateNews[]): void;
  /** They cannot be served: the file cannot be used, or the writer has died. */
  failed(error: VibeError): void;
}

export interface QueueSettings {
  readonly worker: WorkerSettings;
  readonly writerUrl: URL;
  readonly capacity?: number | undefined;
}

/** What the queue has met, for `llm doctor`. */
export interface QueueCounters {
  /** Times a writer thread died and was replaced. */
  writerRestarts: number;
  /** Rows of blocked calls that could not be written. */
  blocksLost: number;
}

/**
 * The way to the writer thread. Commands of one microtask turn (of one turn of the event loop, while the writer is busy)
 * travel in one message, outcomes come back in order after COMMIT. The thread starts with the first command, and again after it died.
 */
export class CommandQueue {
  readonly counters: QueueCounters = { writerRestarts: 0, blocksLost: 0 };
  rateListener: RateListener | null = null;
  readonly #settings: QueueSettings;
  readonly #blocksFailed: (error: VibeError, count: number) => void;
  readonly #capacity: number;
  #link: WorkerLink<FromWriter> | null = null;
  #encoder = new Encoder();
  readonly #waiters = new Waiters();
  /** Commands that were sent and not answered. */
  #atWriter = 0;
  /** How many commands were sent last. */
  #latest = 0;
  #blocks = 0;
  #flushing = false;
  readonly #later = new LaterOrders((target, order, waiter) => this.#send(target, order, waiter));
  #started = false;
  #closed: Promise<void> | null = null;
  #onClosed: (() => void) | null = null;
  readonly #roomSeekers: (() => void)[] = [];

  constructor(settings: QueueSettings, blocksFailed: (error: VibeError, count: number) => void) {
    this.#settings = settings;
    this.#blocksFailed = blocksFailed;
    this.#capacity = settings.capacity ?? defaultCapacity;
  }

  /** Commands without an outcome. */
  get pending(): number {
    return this.#waiters.count + this.#later.count + this.#blocks;
  }

  get hasRoom(): boolean {
    return this.pending < this.#capacity;
  }

  hold(order: HoldOrder, waiter: Waiter): void {
    if (this.#ready(waiter)) this.#encoder.hold(order);
  }

  extend(order: ExtendOrder, waiter: Waiter): void {
    if (this.#ready(waiter)) this.#encoder.extend(order);
  }

  settle(order: SettleOrder, waiter: Waiter): void {
    if (this.#ready(waiter)) this.#encoder.settle(order);
  }

  balances(charges: readonly IndexedCharge[], waiter: Waiter): void {
    if (this.#ready(waiter)) this.#encoder.balances(charges);
  }

  rate(target: Target | null, order: RateOrder, waiter: Waiter): void {
    this.#later.send();
    this.#send(target, order, waiter);
  }

  /** The same for what nobody waits for. */
  rateLater(target: Target | null, order: RateOrder, waiter: Waiter): void {
    this.#later.add({ target, order, waiter });
  }

  get isClosed(): boolean {
    return this.#closed !== null;
  }

  /** Whether anything was ever sent. */
  get started(): boolean {
    return this.#started;
  }

  /** Rides on the next batch; nobody waits for it. */
  block(command: BlockCommand): void {
    try {
      if (!this.hasRoom) throw queueFullError(this.#settings.worker.path, 0);
      this.#start();
    } catch (error) {
      this.#loseBlocks(VibeError.from(error, 'ledger_unavailable'), 1);
      return;
    }
    this.#blocks += 1;
    this.#encoder.block(command);
  }

  /** Resolves when everything before it is written; `durable`: and forced to the disk. */
  barrier(durable: boolean): Promise<void> {
    this.#later.send();
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        done: (outcome) => (outcome?.kind === 'failed' ? reject(errorOf(outcome.failure)) : resolve()),
        failed: reject,
      };
      if (this.#ready(waiter)) this.#encoder.barrier({ kind: 'barrier', durable });
    });
  }

  task<Name extends TaskName>(name: Name, payload: WriterTasks[Name]['payload']): Promise<WriterTasks[Name]['result']> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        done: (outcome) => {
          if (outcome?.kind === 'failed') reject(errorOf(outcome.failure));
          else resolve((outcome?.kind === 'value' ? outcome.value : null) as WriterTasks[Name]['result']);
        },
        failed: reject,
      };
      if (this.#ready(waiter)) this.#encoder.task({ kind: 'task', name, payload });
    });
  }

  /** Resolves with true when there is room, with false after `maxWaitMs`. First come, first served. */
  room(maxWaitMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const seeker = () => {
        clearTimeout(timer);
        resolve(true);
      };
      const timer = setTimeout(() => {
        this.#roomSeekers.splice(this.#roomSeekers.indexOf(seeker), 1);
        resolve(false);
      }, maxWaitMs);
      this.#roomSeekers.push(seeker);
    });
  }

  /** Starts the thread, which opens the file at its first command. Throws what the first command would be told. */
  prepare(): void {
    if (this.#closed === null) this.#open();
  }

  /** Everything sent so far is written first. Commands after it are refused. */
  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#onClosed = resolve;
      this.#later.send();
      const link = this.#link;
      if (link === null) return resolve();
      this.#flush();
      link.close('close');
    });
    return this.#closed;
  }

  #send(target: Target | null, order: RateOrder, waiter: Waiter): void {
    if (this.#ready(waiter)) this.#encoder.rate(target, order);
  }

  /** False when the command cannot be sent: its waiter was told. */
  #ready(waiter: Waiter): boolean {
    try {
      this.#start();
    } catch (error) {
      waiter.failed(VibeError.from(error, 'ledger_unavailable'));
      return false;
    }
    this.#waiters.push(waiter);
    return true;
  }

  #open(): void {
    if (this.#link !== null) return;
    this.#link = new WorkerLink<FromWriter>(this.#settings.writerUrl, this.#settings.worker, {
      message: (message) => this.#answered(message),
      ended: (error) => this.#ended(error),
    });
    this.#encoder = new Encoder();
  }

  #start(): void {
    if (this.#closed !== null) throw closedError(this.#settings.worker.path);
    this.#open();
    this.#started = true;
    if (this.#flushing) return;
    this.#flushing = true;
    // A writer that has nothing to do hears of a single call at once. One that is busy would not begin yet, and of many
    // calls more will follow: what this turn of the event loop still brings travels along.
    if (this.#atWriter === 0 && this.#latest <= ofOneCall) queueMicrotask(() => this.#flush());
    else setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#flushing = false;
    if (this.#link === null || this.#encoder.isEmpty) return;
    this.#link.busy = true;
    this.#latest = this.#waiters.count - this.#atWriter;
    this.#atWriter += this.#latest;
    this.#link.post(this.#encoder.take());
  }

  #answered({ done, outcomes, blocks, blocksFailed, rates, ratesFailed }: FromWriter): void {
    let next = 0;
    for (let index = 0; index < done; index++) {
      const waiter = this.#waiters.shift();
      const said = outcomes[next];
      const isThis = said !== undefined && said[0] === index;
      if (isThis) next += 1;
      waiter?.done(isThis ? said[1] : null);
    }
    this.#atWriter -= done;
    this.#blocks -= blocks;
    if (blocksFailed !== null && blocks > 0) this.#loseBlocks(errorOf(blocksFailed), blocks);
    if (rates !== undefined) this.rateListener?.news(rates);
    if (ratesFailed !== undefined) this.rateListener?.failed(errorOf(ratesFailed));
    // A closing thread keeps the process alive until it has ended.
    if (this.#link !== null && this.#closed === null) this.#link.busy = this.pending > 0;
    this.#letIn();
  }

  #letIn(): void {
    let free = this.#capacity - this.pending;
    while (free > 0 && this.#roomSeekers.length > 0) {
      this.#roomSeekers.shift()?.();
      free -= 1;
    }
  }

  #ended(error: VibeError | null): void {
    const waiters = this.#waiters.takeAll();
    const blocks = this.#blocks;
    this.#link = null;
    this.#encoder = new Encoder();
    this.#atWriter = 0;
    this.#blocks = 0;
    const reason = error ?? closedError(this.#settings.worker.path);
    if (error !== null) this.counters.writerRestarts += 1;
    for (const waiter of waiters) waiter.failed(reason);
    if (blocks > 0) this.#loseBlocks(reason, blocks);
    this.rateListener?.failed(reason);
    this.#letIn();
    this.#onClosed?.();
  }

  #loseBlocks(error: VibeError, count: number): void {
    this.counters.blocksLost += count;
    this.#blocksFailed(error, count);
  }
}

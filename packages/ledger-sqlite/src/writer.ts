import { availableParallelism } from 'node:os';
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { Decoder } from './decode.js';
import { advanceCommand } from './limiter/rate-orders.js';
import { RateWatch } from './limiter/rate-watch.js';
import type { BlockCommand, Command, FromWriter, Outcome, ToWriter, WorkerSettings } from './protocol.js';
import { workerClock } from './worker-clock.js';
import { Charge } from './write/charge.js';
import { Store } from './write/store.js';

/** The thread that writes. Drains its messages, runs them as one transaction, answers after COMMIT. */

/** Bounds one transaction, so that others get their turn at the file. */
const maxBatch = 4_096;
/** Small enough that the program works on the answers to one batch while the next one is written. */
const minBatch = 512;
/** A disk that is slow to commit gets larger batches: this many commands per millisecond of the last commit. */
const commandsPerCommitMs = 256;
/** Rows of blocked calls wait this long for a batch to ride on. */
const lazyDelayMs = 200;
/** How often leases are looked after; more often when a lease is shorter than three times this. */
const tickMs = 5_000;
const minTickMs = 20;

/** Commands that follow an answer this closely come from a loop; then the thread waits awake for the next one, for so long. */
const hotGapMs = 0.25;
const spinMs = availableParallelism() > 1 ? 0.1 : 0;

const port = parentPort;
if (port === null) throw new Error('writer.js is a worker thread of @vibe/ledger-sqlite, not a program.');

const settings = workerData as WorkerSettings;
const now = workerClock(settings);

const store = new Store(settings, now);
const watch = new RateWatch({
  now,
  line: () => store.line,
  needsLook: () => store.lineNeedsLook(),
  look: serveLine,
});
const decoder = new Decoder((definition) => new Charge(definition));
const commands: Command<Charge>[] = [];
let blocks: BlockCommand[] = [];
let blocksTimer: NodeJS.Timeout | null = null;
let ticker = setInterval(tick, tickMs);
let currentTickMs = tickMs;
let lastAnswerMs = Number.NEGATIVE_INFINITY;

port.on('message', (message: ToWriter) => {
  const isHot = performance.now() - lastAnswerMs < hotGapMs;
  let closing = take(message) || takeWaiting();
  while (commands.length > 0) {
    runBatch(commands.splice(0, batchSize()));
    if (isHot && !closing && commands.length === 0) closing = takeNext();
  }
  if (closing) close();
  else if (blocks.length >= maxBatch) writeBlocks();
  else if (blocks.length > 0) blocksTimer ??= setTimeout(writeBlocks, settings.lazyDelayMs ?? lazyDelayMs);
});

/** Takes all that was sent meanwhile. True when the last message is among it. */
function takeWaiting(): boolean {
  while (commands.length < maxBatch) {
    const more = receiveMessageOnPort(port as MessagePort);
    if (more === undefined) return false;
    if (take(more.message as ToWriter)) return true;
  }
  return false;
}

/** A caller that sends one call after the other is heard at once: waking a sleeping thread would cost it more than this. */
function takeNext(): boolean {
  const untilMs = lastAnswerMs + spinMs;
  do {
    const more = receiveMessageOnPort(port as MessagePort);
    if (more !== undefined) return take(more.message as ToWriter) || takeWaiting();
  } while (performance.now() < untilMs);
  return false;
}

/** True when this was the last message. */
function take(message: ToWriter): boolean {
  if (message === 'close') return true;
  const received: Command<Charge>[] = [];
  decoder.read(message, received);
  for (const command of received) {
    if (command.kind === 'block') blocks.push(command);
    else commands.push(command);
    if (command.kind === 'hold') tickFor(command.leaseMs);
  }
  return false;
}

function batchSize(): number {
  return Math.min(maxBatch, Math.max(minBatch, Math.ceil(store.lastCommitMs * commandsPerCommitMs)));
}

function runBatch(batch: readonly Command<Charge>[]): void {
  const waiting = blocks;
  const result = store.run(
    batch,
    waiting,
    batch.some((command) => command.kind === 'barrier'),
  );
  const outcomes: [number, Outcome][] = [];
  for (const [index, outcome] of result.outcomes.entries()) if (outcome !== null) outcomes.push([index, outcome]);
  if (result.blocks !== null) forgetBlocks();
  answer({
    done: batch.length,
    outcomes,
    blocks: result.blocks === null ? 0 : waiting.length,
    blocksFailed: result.blocks?.failure ?? null,
    ...(result.rates.length === 0 ? {} : { rates: result.rates }),
  });
  watch.update();
}

/** Without a command of the program: a turn has come, or another process has changed something. */
function serveLine(): void {
  const { outcomes, rates } = store.run([advanceCommand], [], false);
  const [outcome] = outcomes;
  if (outcome?.kind === 'failed') answer({ ...nothingDone, ratesFailed: outcome.failure });
  else if (rates.length > 0) answer({ ...nothingDone, rates });
  watch.update();
}

const nothingDone = { done: 0, outcomes: [], blocks: 0, blocksFailed: null };

function writeBlocks(): void {
  const waiting = blocks;
  forgetBlocks();
  const { blocks: result } = store.run([], waiting, true);
  answer({ done: 0, outcomes: [], blocks: waiting.length, blocksFailed: result?.failure ?? null });
}

function forgetBlocks(): void {
  blocks = [];
  if (blocksTimer !== null) clearTimeout(blocksTimer);
  blocksTimer = null;
}

function answer(message: FromWriter): void {
  port?.postMessage(message);
  lastAnswerMs = performance.now();
}

function tick(): void {
  store.renew();
  if (store.hasExpired()) store.run([], [], false);
  // Renews the lease of those who wait or are in flight, and takes away what belongs to dead processes.
  if (store.line.waits || store.lineNeedsLook()) serveLine();
}

/** A lease is looked after several times while it runs. */
function tickFor(leaseMs: number): void {
  const wantedMs = Math.max(minTickMs, Math.min(tickMs, leaseMs / 6));
  if (wantedMs >= currentTickMs) return;
  clearInterval(ticker);
  currentTickMs = wantedMs;
  ticker = setInterval(tick, wantedMs);
}

function close(): void {
  clearInterval(ticker);
  watch.stop();
  if (blocks.length > 0) writeBlocks();
  store.leaveLines();
  store.close();
  port?.close();
}

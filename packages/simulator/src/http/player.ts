import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { makeFramer } from './framing.js';
import type { Reply, Step } from './reply.js';

/** How fast a simulated model answers. */
export interface Pace {
  /** Time to the first token. */
  readonly ttftMs: number;
  /** Tokens per second after the first event; null: as fast as the client reads. */
  readonly tokensPerSecond: number | null;
}

/**
 * How a reply ended. `completed`: all of it was sent; `aborted`: the client left, or the server was closed; `broken`: a fault
 * ended it before the client had everything.
 */
export type Outcome = 'completed' | 'aborted' | 'broken';

/** What the player tells while it plays. `ended` comes before the last bytes leave, so that who has them can rely on it. */
export interface Audience {
  sent(step: Step): void;
  /** The system has taken bytes of the body; one that the client does not read it does not take. */
  written(bytes: number): void;
  ended(outcome: Outcome): void;
  /** Resolves when what is held back may go on. */
  readonly released: Promise<void>;
}

/** The longest wait a timer can hold. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Plays a reply, at its pace, until its end or until the signal: the client has left. Never rejects. */
export async function playReply(
  reply: Reply,
  response: ServerResponse,
  pace: Pace,
  audience: Audience,
  signal: AbortSignal,
): Promise<void> {
  const player = new Player(reply, response, signal, (bytes) => audience.written(bytes));
  const end = (outcome: Outcome) => audience.ended(outcome);
  let shownTokens = 0;
  let events = 0;
  await player.waitUntil(player.startedMs + reply.delayMs);
  for (const step of reply.steps) {
    if (signal.aborted) return end('aborted');
    if (step.do === 'reset') return player.reset(() => end('broken'));
    if (step.do === 'stall') return player.waitForLeave().then(() => end('aborted'));
    if (step.do === 'hold') {
      await player.waitFor(audience.released);
      continue;
    }
    if (step.do === 'event' || step.do === 'body') {
      const before = step.do === 'body' ? step.tokens : shownTokens;
      if (step.tokens > 0) events += 1;
      if (reply.paced) await player.waitUntil(player.dueMs(pace, before, events));
      shownTokens += step.tokens;
    }
    if (signal.aborted) return end('aborted');
    await player.write(step, () => audience.sent(step));
  }
  if (signal.aborted) return end('aborted');
  end(reply.broken ? 'broken' : 'completed');
  player.finish();
}

class Player {
  readonly startedMs = performance.now();
  readonly #reply: Reply;
  readonly #response: ServerResponse;
  readonly #signal: AbortSignal;
  readonly #framer;
  readonly #written: Audience['written'];
  /** The last text, kept back so that the end of a JSON document and of its reply leave together. */
  #pending = '';

  constructor(reply: Reply, response: ServerResponse, signal: AbortSignal, written: Audience['written']) {
    this.#written = written;
    this.#reply = reply;
    this.#response = response;
    this.#signal = signal;
    this.#framer = makeFramer(reply.framing);
  }

  /** When a step is due that comes after `tokens` others and is the `events`-th one with tokens. */
  dueMs(pace: Pace, tokens: number, events: number): number {
    const perTokenMs = pace.tokensPerSecond === null ? 0 : 1000 / pace.tokensPerSecond;
    const { delayMs, perDeltaMs } = this.#reply;
    return this.startedMs + delayMs + pace.ttftMs + tokens * perTokenMs + events * perDeltaMs;
  }

  async waitUntil(dueMs: number): Promise<void> {
    const leftMs = dueMs - performance.now();
    if (leftMs <= 0 || this.#signal.aborted) return;
    await sleep(Math.min(leftMs, MAX_TIMER_MS), undefined, { signal: this.#signal }).catch(() => undefined);
  }

  /** Sends one step; `sent` is called when its bytes are on their way. */
  async write(step: Step, sent: () => void): Promise<void> {
    this.#sendHead();
    if (step.do === 'head') {
      this.#response.flushHeaders();
      return;
    }
    if (step.do === 'bytes') {
      sent();
      return this.#flush(Buffer.from(step.bytes));
    }
    const text = this.#framer.write(step);
    sent();
    if (step.do === 'body' && !this.#reply.framing.splitUtf8) {
      this.#pending = text;
      return;
    }
    for (const bytes of this.#pieces(text)) await this.#flush(bytes);
    // One event per turn of the loop: only then is a client that has left noticed between two of them.
    await nextTurn();
  }

  finish(): void {
    this.#sendHead();
    const last = Buffer.from(this.#pending + this.#framer.end());
    this.#written(last.length);
    this.#response.end(last);
  }

  async reset(before: () => void): Promise<void> {
    before();
    const { socket } = this.#response;
    if (socket) socket.resetAndDestroy();
    else this.#response.destroy();
  }

  waitForLeave(): Promise<void> {
    const signal = this.#signal;
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  }

  /** Until the promise resolves or the client has left. */
  waitFor(promise: Promise<void>): Promise<void> {
    return Promise.race([promise, this.waitForLeave()]);
  }

  #sendHead(): void {
    if (!this.#response.headersSent) this.#response.writeHead(this.#reply.status, this.#reply.headers);
  }

  /** What is written at once; every write is an HTTP chunk of its own, which parsers hand on one by one. */
  #pieces(text: string): Buffer[] {
    const bytes = Buffer.from(text);
    if (!this.#reply.framing.splitUtf8 || bytes.length < 2) return [bytes];
    const multiByte = bytes.findIndex((byte) => byte >= 0xc0);
    const cut = multiByte >= 0 ? multiByte + 1 : bytes.length >> 1;
    return [bytes.subarray(0, cut), bytes.subarray(cut)];
  }

  /** Resolves when the bytes were handed to the system, or when nobody will read them. */
  #flush(bytes: Buffer): Promise<void> {
    const signal = this.#signal;
    if (signal.aborted || bytes.length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        signal.removeEventListener('abort', done);
        resolve();
      };
      signal.addEventListener('abort', done, { once: true });
      this.#response.write(bytes, (error) => {
        if (!error) this.#written(bytes.length);
        done();
      });
    });
  }
}

// A process that asks for permits on a shared file: PATH, pattern, requests per window, window in ms, duration in ms.
// Prints the time of every permit, as its caller sees it.
import { sqliteLedger } from '../dist/index.js';

const [path, pattern, perWindow, window, duration] = process.argv.slice(2);
const limit = Number(perWindow);
const windowMs = Number(window);
const warnings = [];
const host = { now: Date.now, random: Math.random, warn: (warning) => warnings.push(warning) };
const [ledger, limiter] = sqliteLedger({ path, timezone: 'UTC' }).create(host);
const target = { provider: 'qwen', profile: 'default', endpoint: 'sg', region: 'sg', model: 'qwen-plus' };
const permits = [];

const limits = { burst: { windowMs, requests: limit } };
/** The longest that an answer of the limiter took, and that this thread stood still. */
let slowestMs = 0;
let stalledMs = 0;
async function ask(maxWaitMs) {
  const askedAt = performance.now();
  let hasAnswered = false;
  const answered = () => {
    if (!hasAnswered) slowestMs = Math.max(slowestMs, performance.now() - askedAt);
    hasAnswered = true;
  };
  try {
    const { signal } = new AbortController();
    const options = { limits, maxWaitMs, signal, onWait: answered };
    const permit = await limiter.acquire(target, { requests: 1, tokens: 10 }, options);
    permits.push(Date.now());
    answered();
    permit.correct(5);
    permit.release({ dispatched: true });
    return true;
  } catch (error) {
    answered();
    if (error.code !== 'rate_limited') throw error;
    return false;
  }
}
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const untilMs = () => startedAtMs + Number(duration);
let startedAtMs = 0;

const patterns = {
  // Many callers that never wait and ask again at once.
  async hammer() {
    const caller = async () => {
      while (Date.now() < untilMs()) if (!(await ask(0))) await sleep(1);
    };
    await Promise.all(Array.from({ length: 40 }, caller));
  },
  // Random arrivals, together at three times the limit.
  async poisson() {
    const open = new Set();
    let atMs = performance.now();
    while (Date.now() < untilMs()) {
      atMs += (-Math.log(1 - Math.random()) * windowMs * 4) / (3 * limit);
      if (atMs > performance.now()) await sleep(atMs - performance.now());
      const asked = ask(0).finally(() => open.delete(asked));
      open.add(asked);
    }
    await Promise.all(open);
  },
  // Bursts of the whole limit on both sides of every full window of the clock.
  async edge() {
    while (Date.now() < untilMs()) {
      const toEdgeMs = windowMs - (Date.now() % windowMs);
      await sleep(Math.max(0, toEdgeMs - 4));
      await Promise.all(Array.from({ length: limit }, () => ask(0)));
      await sleep(8);
      await Promise.all(Array.from({ length: limit }, () => ask(0)));
    }
  },
  // Everybody waits for a turn.
  async wait() {
    const caller = async () => {
      while (Date.now() < untilMs()) await ask(5_000);
    };
    await Promise.all(Array.from({ length: Math.ceil(limit / 4) }, caller));
  },
};

// Everybody starts together.
process.stdout.write('ready\n');
await new Promise((resolve) => process.stdin.once('data', resolve));
process.stdin.pause();
// The file is made before, so that only answers are measured.
const warmUp = { limits: {}, maxWaitMs: 0, signal: new AbortController().signal };
await limiter.acquire({ ...target, model: 'other' }, { requests: 1, tokens: 0 }, warmUp);
startedAtMs = Date.now();
let lastBeat = performance.now();
const heart = setInterval(() => {
  stalledMs = Math.max(stalledMs, performance.now() - lastBeat);
  lastBeat = performance.now();
}, 5);
await patterns[pattern]();
clearInterval(heart);
await limiter.close();
await ledger.close();
process.stdout.write(`done ${JSON.stringify({ permits, warnings, slowestMs, stalledMs })}\n`);

import { describe, expect, it } from 'vitest';
import type { RateCall } from './rate-call.js';
import { TargetLimits } from './target-limits.js';

const minuteMs = 60_000;
/** Numbers that look random and are the same in every run, uniform in [0, 1): mulberry32. */
function randomSource(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const random = randomSource(7);

/** Gaps between arrivals, in ms. `rate` is the limit per minute. */
const arrivals: Readonly<Record<string, (rate: number) => () => number>> = {
  'random arrivals at three times the limit': (rate) => () =>
    Math.round((-Math.log(1 - random()) * minuteMs) / (3 * rate)),
  'bursts of twice the limit at random times': (rate) => {
    let left = 0;
    return () => {
      if (left-- > 0) return 0;
      left = 2 * rate;
      return Math.round(random() * 1.5 * minuteMs);
    };
  },
  // Everything at the end of a minute of the clock and everything again at the begin of the next.
  'bursts on both sides of every full minute': (rate) => {
    let left = rate;
    let isBefore = true;
    return () => {
      if (left-- > 0) return 0;
      left = rate;
      isBefore = !isBefore;
      return isBefore ? minuteMs - 2 : 2;
    };
  },
};

interface Run {
  readonly admittedAt: readonly number[];
  readonly overMs: number;
}

/** One caller after the other for some minutes; the timer of the waiting is up to `latenessMs` late. */
function run(rate: number, gap: () => number, maxWaitMs: number, latenessMs: number): Run {
  const target = new TargetLimits<RateCall>();
  const limits = { rpm: rate };
  const admittedAt: number[] = [];
  let nowMs = minuteMs - 1;
  let wakeMs = Number.POSITIVE_INFINITY;
  const advance = () => {
    const { admitted, nextMs } = target.advance(nowMs);
    for (const _ of admitted) admittedAt.push(nowMs);
    wakeMs = nextMs + Math.floor(random() * latenessMs);
  };
  const untilMs = nowMs + 20 * minuteMs;
  for (let atMs = nowMs; atMs < untilMs; atMs += gap()) {
    while (wakeMs <= atMs) {
      nowMs = wakeMs;
      advance();
    }
    nowMs = atMs;
    advance();
    const call = { id: 0, mine: true, requests: 1, tokens: 0, limits, deadlineMs: nowMs + maxWaitMs };
    if (target.ask(call, nowMs).kind === 'admitted') admittedAt.push(nowMs);
    advance();
  }
  return { admittedAt, overMs: nowMs - minuteMs + 1 };
}

/** The most within any stretch of a minute, wherever it begins. */
function mostInAMinute(admittedAt: readonly number[]): number {
  let most = 0;
  let oldest = 0;
  for (const [index, atMs] of admittedAt.entries()) {
    while ((admittedAt[oldest] ?? atMs) <= atMs - minuteMs) oldest++;
    most = Math.max(most, index - oldest + 1);
  }
  return most;
}

describe.each(Object.entries(arrivals))('%s', (_, gapsOf) => {
  it.each([
    ['nobody waits', 0, 1],
    ['everybody waits up to 30 s', 30_000, 1],
    ['everybody waits up to 90 s and timers are late', 90_000, 40],
  ])('never put more than the limit into any true minute: %s', (_name, maxWaitMs, latenessMs) => {
    for (const rate of [60, 1_000]) {
      const { admittedAt, overMs } = run(rate, gapsOf(rate), maxWaitMs, latenessMs);
      expect(mostInAMinute(admittedAt)).toBe(rate);
      // And it wastes nothing: what may go does go.
      expect(admittedAt.length).toBeGreaterThan((overMs / minuteMs) * rate * (latenessMs > 1 ? 0.9 : 0.5));
    }
  });
});

it('a window that is fixed to the clock would let twice the limit through (negative control)', () => {
  const gap = (arrivals['bursts on both sides of every full minute'] as (rate: number) => () => number)(60);
  const admittedAt: number[] = [];
  const counts = new Map<number, number>();
  for (let atMs = minuteMs - 1; atMs < 20 * minuteMs; atMs += gap()) {
    const bucket = Math.floor(atMs / minuteMs);
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
    if ((counts.get(bucket) ?? 0) <= 60) admittedAt.push(atMs);
  }
  expect(mostInAMinute(admittedAt)).toBeGreaterThan(100);
});

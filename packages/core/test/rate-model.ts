import type { Limits } from '../src/spec/limiter.js';

/** What went, or is to go, at a time. */
export interface Went {
  atMs: number;
  requests: number;
  tokens: number;
}

/** The limits of a window, written down plainly: what may be in it, and whether a single larger one is let through. */
function rulesOf({ rpm, tpm, burst }: Limits, minuteMs: number) {
  return [
    { unit: 'requests', limit: rpm, windowMs: minuteMs, alone: false },
    { unit: 'tokens', limit: tpm, windowMs: minuteMs, alone: false },
    { unit: 'requests', limit: burst?.requests, windowMs: burst?.windowMs ?? 0, alone: false },
    { unit: 'tokens', limit: burst?.tokens, windowMs: burst?.windowMs ?? 0, alone: true },
  ] as const;
}

/** Whether `next` may go at its time, given what went before: a sum over every window, no cleverness. */
export function fits(went: readonly Went[], next: Went, limits: Limits, minuteMs: number): boolean {
  return rulesOf(limits, minuteMs).every(({ unit, limit, windowMs, alone }) => {
    if (limit === undefined) return true;
    const used = went.filter(({ atMs }) => atMs > next.atMs - windowMs).reduce((sum, each) => sum + each[unit], 0);
    return used + next[unit] <= limit || (alone && used === 0);
  });
}

/** The earliest time from `fromMs` on, by trying every millisecond. */
export function earliestMs(
  went: readonly Went[],
  { requests, tokens }: { readonly requests: number; readonly tokens: number },
  limits: Limits,
  minuteMs: number,
  fromMs: number,
): number {
  for (let atMs = fromMs; ; atMs++) if (fits(went, { atMs, requests, tokens }, limits, minuteMs)) return atMs;
}

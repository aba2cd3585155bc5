import type { RankedRoute } from '../spec/router.js';
import type { Scored } from './score.js';

/** What fails more often than this is down rather than unlucky. */
const maxFailRate = 0.5;
/** Of fewer calls lately nobody knows which of the two it is. */
const minCalls = 3;
/** What has less than this part of its rate limits left fails because of them, and would again. */
const minFreeShare = 0.2;
/** Where the next one costs as many times as much, or less, there is nothing to be saved. */
const minCostFactor = 1.1;

/**
 * Who wants it cheap asks twice where a failure is bad luck: a failed attempt is hardly ever billed, and the next candidate
 * costs more.
 */
export function patient(ranked: readonly Scored[]): readonly RankedRoute[] {
  return ranked.map(({ option: { own = null, headroom = null }, expected, route }, index) => {
    const next = ranked[index + 1]?.expected.nanoUsd ?? null;
    if (next === null || expected.nanoUsd === null || next < expected.nanoUsd * minCostFactor) return route;
    if (own === null || own.calls < minCalls || own.failRate > maxFailRate) return route;
    if (headroom !== null && (headroom.waitMs > 0 || headroom.freeShare < minFreeShare)) return route;
    return { ...route, attempts: 2 };
  });
}

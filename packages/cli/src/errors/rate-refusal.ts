import type { Limits, VibeError } from '@vibe/core';
import { count } from '../output/numbers.js';
import { seconds } from '../output/time.js';
import { routeName } from '../routes.js';
import type { NumberLine } from './error-text.js';
import type { LimitOrigins } from './limit-origins.js';

const names = [
  ['rpm', 'requests per minute'],
  ['tpm', 'tokens per minute'],
  ['rpd', 'requests per day'],
  ['concurrency', 'at the same time'],
] as const;

/** What our own limiter says about a refusal; see `rateLimited` in @vibe/core. */
export function rateNumbers(
  { code, details, target }: VibeError,
  origins: LimitOrigins = new Map(),
): readonly NumberLine[] {
  const limits = details['limits'];
  if (code !== 'rate_limited' || typeof limits !== 'object' || limits === null) return [];
  const allowed = names.flatMap(([key, words]): readonly NumberLine[] => {
    const limit = (limits as Limits)[key];
    const origin = origins.get(key);
    return limit === undefined
      ? []
      : [['limit', `${count(limit)} ${words}${origin === undefined ? '' : `   ${origin}`}`]];
  });
  const { requests, tokens, waitMs, maxWaitMs } = details;
  const asked = [
    ...(isNumber(requests) ? [`${count(requests)} request${requests === 1 ? '' : 's'}`] : []),
    ...(isNumber(tokens) && tokens > 0 ? [`up to ${count(tokens)} tokens`] : []),
  ];
  return [
    ...(target === undefined ? [] : ([['route', routeName(target)]] as const)),
    ...allowed,
    ...(asked.length === 0 ? [] : ([['this call', asked.join(', ')]] as const)),
    ...(isNumber(waitMs) ? ([['next slot', `in ${seconds(waitMs)}`]] as const) : []),
    ...(isNumber(maxWaitMs) ? ([['may wait', seconds(maxWaitMs)]] as const) : []),
  ];
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

import type { EndpointHealth, ReportGrouping } from '@vibe/core';

/** What keeps calls away from a place at the moment; `half-open`: the next call tries it. */
export type BreakerState = 'closed' | 'half-open' | 'open' | 'unreachable';

/** From the best to the worst. */
const states: readonly BreakerState[] = ['closed', 'half-open', 'open', 'unreachable'];

/** By endpoint (`qwen/cn`) or provider: the worst that is known of its models; null for rankings of other things. */
export function breakersOf(
  health: readonly EndpointHealth[],
  by: ReportGrouping,
  nowMs: number,
): ReadonlyMap<string, BreakerState> | null {
  if (by !== 'endpoint' && by !== 'provider') return null;
  const worst = new Map<string, BreakerState>();
  for (const entry of health) {
    const state = stateOf(entry, nowMs);
    const key = placeOf(entry.key, by);
    if (states.indexOf(state) > states.indexOf(worst.get(key) ?? 'closed')) worst.set(key, state);
  }
  return worst;
}

function stateOf({ state, untilMs }: EndpointHealth, nowMs: number): BreakerState {
  const isOver = untilMs !== null && untilMs <= nowMs;
  if (state === 'half_open') return 'half-open';
  if (state === 'open') return isOver ? 'half-open' : 'open';
  return state === 'unreachable' && !isOver ? 'unreachable' : 'closed';
}

/** `qwen-plus @ qwen:team/cn` of a breaker, `qwen:team/cn` of a probe. */
function placeOf(key: string, by: 'endpoint' | 'provider'): string {
  const place = key.split(' @ ').at(-1) ?? key;
  const at = place.lastIndexOf('/');
  const provider = place.slice(0, at).replace(/:.*$/s, '');
  return by === 'provider' ? provider : `${provider}${place.slice(at)}`;
}

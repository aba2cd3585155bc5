import type { Target } from '@vibe/core';

/** A route that may not serve a call. */
export interface RefusedRoute {
  readonly target: Target;
  readonly reason: string;
}

/** `qwen-plus @ qwen/cn`, with the profile where there are several. */
export function routeName({ model, provider, endpoint, profile }: Target): string {
  return `${model} @ ${provider}/${endpoint}${profile === 'default' ? '' : ` (${profile})`}`;
}

/** One entry per reason, because the same key is missing for many models: who, and why. */
export function groupedByReason(routes: readonly RefusedRoute[]): readonly (readonly [who: string, why: string])[] {
  const byReason = new Map<string, string[]>();
  for (const { target, reason } of routes) {
    byReason.set(reason, [...(byReason.get(reason) ?? []), routeName(target)]);
  }
  return [...byReason].map(([reason, names]) => [
    names.length > 1 ? `${names.length} routes` : (names[0] ?? ''),
    reason,
  ]);
}

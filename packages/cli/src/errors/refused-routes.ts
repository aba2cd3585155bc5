import type { VibeError } from '@vibe/core';
import { groupedByReason, type RefusedRoute } from '../routes.js';
import type { NumberLine } from './error-text.js';
import type { Step } from './next-steps.js';

/** The routes that a plan refused, where the error is about a plan; see `noRoute` in @vibe/core. */
export function refusedRoutes({ details }: VibeError): readonly RefusedRoute[] {
  const routes = details['routes'];
  return Array.isArray(routes) ? (routes as readonly RefusedRoute[]) : [];
}

/** The first sentence of the message: the reasons are listed below it. */
export function routesHeadline(error: VibeError): string | null {
  if (refusedRoutes(error).length === 0) return null;
  const end = error.message.indexOf('nothing was sent.');
  return end < 0 ? null : error.message.slice(0, end + 'nothing was sent.'.length);
}

/** More would bury the first; `--dry-run` has all of them. */
const maxReasons = 10;

export function routeReasons(error: VibeError): readonly NumberLine[] {
  const reasons = groupedByReason(refusedRoutes(error));
  if (reasons.length <= maxReasons) return reasons;
  const shown = reasons.slice(0, maxReasons - 1);
  return [...shown, [`${reasons.length - shown.length} more`, 'llm generate … --dry-run']];
}

/** The variable to set for each provider: that of the endpoint it would use first. */
export function keySteps(error: VibeError): readonly Step[] {
  const byProvider = new Map<string, Step>();
  for (const { target, reason } of refusedRoutes(error)) {
    const variable = /^([A-Z][A-Z0-9_]+) is not set/.exec(reason)?.[1];
    if (variable === undefined || byProvider.has(target.provider)) continue;
    byProvider.set(target.provider, [`export ${variable}=…`, `for ${target.provider}/${target.endpoint}`]);
  }
  return [...byProvider.values()];
}

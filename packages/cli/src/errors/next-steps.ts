import type { VibeError } from '@vibe/core';
import { refusalIn } from './budget-refusal.js';
import { keySteps, refusedRoutes } from './refused-routes.js';

/** What to type or to do, and what it is good for. */
export type Step = readonly [what: string, why?: string];

/** What to type next. The errors of the library speak of options in code; here they are flags. */
export function nextSteps(error: VibeError): readonly Step[] {
  const given = error.next.map((step): Step => [step]);
  switch (error.code) {
    case 'budget_exceeded':
      return budgetSteps(error);
    case 'auth':
      return [...authSteps(error, given), ['llm generate … --simulate', 'try it without a key']];
    case 'rate_limited':
      return [
        ['llm generate … --max-wait 120', 'wait longer for a free slot'],
        ['llm limits', 'see what is used, and the next free slot'],
        ...given,
      ];
    case 'unpriced':
      return [['llm generate … --max-tokens 500', 'give the cost a bound'], ...given];
    case 'no_route':
      return routeSteps(error);
    default:
      return given;
  }
}

function authSteps(error: VibeError, given: readonly Step[]): readonly Step[] {
  const steps = keySteps(error);
  return steps.length > 0 ? steps : given;
}

function budgetSteps(error: VibeError): readonly Step[] {
  const refusal = refusalIn(error);
  if (refusal === null) return [['llm generate … --max-cost USD', 'allow a dearer call']];
  const { origin, resetsAt, budget } = refusal;
  const raise = `raise the limit: ${origin}`;
  // A budget without an id that counts a part of the calls has no name to type.
  const set: Step = /^[\w-]+$/.test(budget.id) ? [`llm budget set ${budget.id} USD`, raise] : [raise];
  return [
    ['llm generate … --max-tokens 200', 'hold less: the longest answer counts'],
    ['llm generate … --route cheap', 'let the cheapest model answer'],
    ['llm budget top --by model', 'see what has used it'],
    set,
    ...(resetsAt === null ? [] : [['or wait until it resets'] as const]),
  ];
}

/** `-m` instead of `model:`. */
function routeSteps(error: VibeError): readonly Step[] {
  if (refusedRoutes(error).length > 0) return [['llm generate … --dry-run', 'see every route with its reason']];
  const { suggestions } = error.details;
  return Array.isArray(suggestions) ? suggestions.map((name): Step => [`llm generate … -m ${name}`]) : [];
}

import type { ErrorCode, VibeError } from '@vibe/core';
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
        ['llm config show', 'see which line of which file sets the limit'],
        ...given,
      ];
    case 'unpriced':
      return [['llm generate … --max-tokens 500', 'give the cost a bound'], ...given];
    case 'no_route':
      return routeSteps(error);
    default:
      return [...given, ...(ownSteps[error.code] ?? [])];
  }
}

/** What helps with errors that the library and the providers cannot give a command line for. */
const ownSteps: Partial<Record<ErrorCode, readonly Step[]>> = {
  invalid_request: [['llm generate … --dry-run', 'see what would be sent, without sending it']],
  config: [['llm config validate', 'check all files again']],
  provider_rate_limited: [
    ['llm generate … --route fast', 'another model or endpoint may have room'],
    ['llm limits', 'see how long it is closed'],
  ],
  provider_quota: [
    ['llm generate … --route cheap', 'another model or endpoint may have quota left'],
    ['llm doctor keys', 'see which key was used'],
  ],
  circuit_open: [['llm doctor breaker', 'see what calls are kept away from, and for how long']],
  provider_unavailable: [
    ['llm doctor endpoints', 'see what can be reached'],
    ['llm generate … --route fast', 'let another model or endpoint answer'],
  ],
  provider_rejected: [['llm generate … --dry-run --json', 'see the request that was refused']],
  model_not_found: [['llm models', 'see which models there are']],
  context_length: [
    ['llm estimate …', 'count the tokens first'],
    ['llm models', 'see how much each model takes'],
  ],
  content_filtered: [['llm generate … -m MODEL', 'another model may answer it']],
  region_blocked: [['llm providers list', 'see which endpoints are in which region']],
  invalid_response: [['llm providers test', 'see whether the service still speaks as it did']],
  stream_truncated: [['llm generate …', 'once more; what was received is paid for']],
  timeout: [
    ['llm doctor endpoints', 'see how long each takes to answer'],
    ['llm generate … --max-tokens 500', 'ask for a shorter answer'],
  ],
  schema_mismatch: [['llm generate … -m MODEL', 'a larger model keeps to a schema more often']],
  ledger_unavailable: [['llm doctor ledger', 'see what is wrong with the file']],
  internal: [['llm … -v', 'once more, with the stack, for a report']],
};

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
  const meant = Array.isArray(suggestions) ? suggestions.map((name): Step => [`llm generate … -m ${name}`]) : [];
  return meant.length > 0 ? meant : [['llm models', 'see which models there are']];
}

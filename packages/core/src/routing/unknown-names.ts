import type { Budget } from '../spec/budget.js';
import type { VibeOptions } from '../spec/options.js';
import type { Warning } from '../spec/response.js';
import type { Target } from '../spec/target.js';

import { namesTarget } from './downgrade.js';
import { patternsOfNobody } from './resolve-limits.js';
import { defaultWeights } from './score.js';

/**
 * Names in the options that stand for nobody: most likely slips of the pen, and then a limit limits nothing and a budget
 * counts nothing. Only told, because providers serve models that no manifest names.
 */
export function unknownNames(options: VibeOptions, targets: readonly Target[], hasOwnRouter: boolean): Warning[] {
  const { limits = {}, budgets = [], router = {} } = options;
  const { order = [], downgrade: { steps = [] } = {}, weights = {} } = router;
  const isKnown = (reference: string) =>
    reference === 'auto' || targets.some((target) => namesTarget(reference, target));
  return [
    ...patternsOfNobody(Object.keys(limits), targets).map((pattern) => ({
      code: 'unknown_limit',
      message: `limits["${pattern}"] names no model, provider or endpoint that is configured: it limits nothing.`,
    })),
    ...budgets.flatMap((budget, index) => budgetOfNobody(budget, `budgets[${index}]`, targets)),
    ...order.flatMap((name, index) =>
      isKnown(name)
        ? []
        : [unknown(`router.order[${index}]`, name, 'is no model that is configured: it is passed over')],
    ),
    ...steps.flatMap((name, index) =>
      isKnown(name)
        ? []
        : [
            unknown(
              `router.downgrade.steps[${index}]`,
              name,
              'is no model that is configured: nothing steps down to it',
            ),
          ],
    ),
    // Another router may have parts of its own.
    ...(hasOwnRouter ? [] : Object.entries(weights).flatMap(([policy, parts]) => unknownParts(policy, parts ?? {}))),
  ];
}

function unknown(path: string, name: string, what: string): Warning {
  return { code: 'unknown_name', message: `${path}: "${name}" ${what}.` };
}

/** Here stand plain names, unlike in a request: `qwen-plus`, not `qwen/qwen-plus`. */
function budgetOfNobody(budget: Budget, path: string, targets: readonly Target[]): Warning[] {
  const parts = (['provider', 'endpoint', 'model'] as const).filter((part) => budget[part] !== undefined);
  if (parts.length === 0) return [];
  if (targets.some((target) => parts.every((part) => budget[part] === target[part]))) return [];
  const names = parts.map((part) => `${part} "${budget[part]}"`).join(', ');
  return [{ code: 'unknown_budget', message: `${path}: nothing that is configured has ${names}: it counts nothing.` }];
}

function unknownParts(policy: string, parts: Readonly<Record<string, number>>): Warning[] {
  const known = Object.keys(defaultWeights.smart);
  return Object.keys(parts)
    .filter((part) => !known.includes(part))
    .map((part) => unknown(`router.weights.${policy}`, part, `is no part of a score; there are ${known.join(', ')}`));
}

import { type BudgetRef, describeScope, type VibeError } from '@vibe/core';
import { usd } from '../output/money.js';
import { clock, duration } from '../output/time.js';
import type { Session } from '../session.js';
import type { NumberLine } from './error-text.js';

/** What a ledger says about a refusal; see `budgetExceeded` in @vibe/core. Amounts in nano-USD. */
interface Refusal {
  readonly budget: BudgetRef;
  readonly spent: number;
  readonly held: number;
  readonly asked: number;
  readonly limit: number;
  readonly shortfall: number;
  readonly resetsAt: string | null;
  readonly origin: string;
}

/** Null for every other error, and for a refusal by `maxCostUsd`, which is no budget. */
export function refusalIn({ code, details }: VibeError): Refusal | null {
  const amounts = ['spent', 'held', 'asked', 'limit', 'shortfall'];
  const isComplete =
    amounts.every((name) => Number.isSafeInteger(details[name])) && typeof details['budget'] === 'object';
  return code === 'budget_exceeded' && isComplete ? (details as unknown as Refusal) : null;
}

/** One sentence without the numbers: those are in the table below it. */
export function budgetHeadline(error: VibeError): string | null {
  const refusal = refusalIn(error);
  if (refusal === null) return null;
  const { id, window } = refusal.budget;
  const name = id === window ? `the ${window} budget` : `the ${window} budget "${id}"`;
  return `${name} would be passed; nothing was sent.`;
}

export function budgetNumbers(error: VibeError, { world, timezone }: Session): readonly NumberLine[] {
  const refusal = refusalIn(error);
  if (refusal === null) return [];
  const { budget, spent, held, asked, limit, shortfall, resetsAt, origin } = refusal;
  const target =
    error.target === undefined ? '' : `: ${error.target.model} @ ${error.target.provider}/${error.target.endpoint}`;
  const perCall = budget.window === 'call';
  return [
    ['budget', `${budget.id} (${describeScope(budget.scope)})   ${origin}`],
    ...(perCall
      ? []
      : ([
          ['spent', usd(spent)],
          ['held', `${usd(held)}${held > 0 ? '   (calls in flight)' : ''}`],
        ] as const)),
    ['this call', `${usd(asked)}   (worst case${target})`],
    ['limit', `${usd(limit)}   → short by ${usd(shortfall)}`],
    ...(resetsAt === null ? [] : [resetLine(resetsAt, world.now(), timezone)]),
  ];
}

function resetLine(resetsAt: string, nowMs: number, timezone: string): NumberLine {
  const atMs = Date.parse(resetsAt);
  return ['resets', `in ${duration(atMs - nowMs)} (${clock(atMs, timezone)} ${timezone})`];
}

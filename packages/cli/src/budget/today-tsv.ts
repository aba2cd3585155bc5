import { exactUsd } from '../output/money.js';
import { tsv } from '../output/table.js';
import { gaugeName, levelOf } from './gauge.js';
import type { Today } from './today.js';

const header = [
  'scope',
  'window',
  'timezone',
  'spent_usd',
  'held_usd',
  'limit_usd',
  'remaining_usd',
  'state',
  'resets_at',
];

/** The same for other programs of a pipe: a line per budget, and one for all calls of the day. */
export function todayTsv({ endMs, timezone, budgets, hours }: Today): string {
  const rows = budgets.map((budget) => [
    gaugeName(budget),
    budget.window,
    budget.timezone,
    exactUsd(budget.spentNanoUsd),
    exactUsd(budget.heldNanoUsd),
    exactUsd(budget.limitNanoUsd),
    exactUsd(budget.remainingNanoUsd),
    levelOf(budget),
    budget.resetsAt,
  ]);
  const spent = exactUsd(hours.totals.costNanoUsd);
  const all = ['(all calls)', 'day', timezone, spent, null, null, null, null, new Date(endMs).toISOString()];
  return tsv(header, [...rows, all]);
}

import type { BudgetState } from '@vibe/core';
import { bar } from '../output/bars.js';
import { usd } from '../output/money.js';
import { count, percent } from '../output/numbers.js';
import { clock } from '../output/time.js';
import type { Session } from '../session.js';
import { usedShare } from './gauge.js';
import { paceNanoUsd } from './hours.js';
import { failText } from './report-text.js';
import type { Today } from './today.js';

const barCells = 13;

/** One line for a shell prompt, tmux or an editor: `vibe $3.41/$5.00 68% ▕█████░░▏ 412 calls 2.2% fail · ~$4.88 by 00:00`. */
export function statusline({ bars }: Session, now: Today): string {
  const { totals } = now.hours;
  const budget = tightest(now.budgets);
  const pace = paceNanoUsd(now);
  const [left, right] = bars.full === '#' ? ['[', ']'] : ['▕', '▏'];
  const gauge =
    budget === null
      ? `${usd(totals.costNanoUsd)} today`
      : `${usd(budget.spentNanoUsd)}/${usd(budget.limitNanoUsd)} ${percent(usedShare(budget))} ${left}${bar(
          budget.spentNanoUsd,
          budget.heldNanoUsd,
          budget.limitNanoUsd,
          barCells,
          bars,
        )}${right}`;
  const fail = totals.failed > 0 ? ` ${failText(totals)} fail` : '';
  const forecast = pace === null ? '' : ` · ~${usd(pace)} by ${clock(now.endMs, now.timezone)}`;
  return `vibe ${gauge} ${count(totals.calls)} calls${fail}${forecast}\n`;
}

/** The budget of all calls of the day, else the one that is used most. */
function tightest(budgets: readonly BudgetState[]): BudgetState | null {
  const counting = budgets.filter(({ window, shadow }) => window !== 'call' && !shadow);
  const daily = counting.find(({ window, scope }) => window === 'day' && scope === 'all');
  return daily ?? [...counting].sort((left, right) => usedShare(right) - usedShare(left))[0] ?? null;
}

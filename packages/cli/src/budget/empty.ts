import type { LoadedConfig } from '@vibe/config';
import { ledgerPathOf, tildePath } from '../ledger-path.js';
import { usd } from '../output/money.js';
import type { Session } from '../session.js';
import { gaugeName } from './gauge.js';
import type { Today } from './today.js';

/** What to say on a day without calls: where was looked, what is set, how to begin. */
export function emptyText(session: Session, { budgets }: Today, config: LoadedConfig): string {
  const path = ledgerPathOf(session, config);
  const limits = budgets.map((budget) => `${gaugeName(budget)} ${usd(budget.limitNanoUsd)}`);
  return [
    `No calls recorded today${path === null ? '' : ` (ledger: ${tildePath(path)})`}.`,
    limits.length === 0
      ? 'No budgets are set. Set one: llm budget set day 5usd'
      : `Budgets are set: ${limits.join(', ')}.`,
    session.flags.simulate === true
      ? 'Try: llm generate "hello" --simulate'
      : 'Try: llm generate "hello" --simulate      (no API key needed; see llm budget --simulate afterwards)',
  ].join('\n');
}

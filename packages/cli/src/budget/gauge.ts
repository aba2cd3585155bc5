import { type BudgetState, describeScope } from '@vibe/core';

/** Shares of the limit from which a gauge warns and from which it is nearly used up. */
const warnFrom = 0.7;
const highFrom = 0.9;

export type GaugeLevel = 'ok' | 'warn' | 'high' | 'blocked' | 'over';

/** Spent and held as a share of the limit. A limit of 0 is always used up. */
export function usedShare({ limitNanoUsd, spentNanoUsd, heldNanoUsd }: BudgetState): number {
  return limitNanoUsd === 0 ? 1 : (spentNanoUsd + heldNanoUsd) / limitNanoUsd;
}

/** `blocked`: nothing more is admitted. A shadow budget blocks nothing, it can only be over. */
export function levelOf(budget: BudgetState): GaugeLevel {
  const used = usedShare(budget);
  if (used >= 1) return budget.shadow ? 'over' : 'blocked';
  if (used >= highFrom) return 'high';
  return used >= warnFrom ? 'warn' : 'ok';
}

const words: Readonly<Record<GaugeLevel, string>> = {
  ok: 'ok',
  warn: 'warn >70%',
  high: 'warn >90%',
  blocked: 'blocked',
  over: 'over',
};

/** The level in words, so that no colour is needed to read it. */
export function stateText(budget: BudgetState): string {
  const word = words[levelOf(budget)];
  return budget.shadow ? `shadow ${word}` : word;
}

/** What a budget counts: its id where somebody gave it one, the window and the scope. */
export function gaugeName({ id, window, scope }: BudgetState): string {
  const isNamed = id !== window && !id.startsWith(`${window} `);
  const name = isNamed ? id : window;
  return scope === 'all' ? name : `${name} · ${describeScope(scope)}`;
}

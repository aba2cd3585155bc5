import type { BudgetRef } from '@vibe/core';
import type { Failure } from '../wire.js';
import { type Child, h } from './dom.js';
import { duration, usd, usdOfDollars } from './format.js';

/** What an error of code `budget_exceeded` says; see the error's page in docs/errors. */
interface BudgetDetails {
  readonly budget: BudgetRef;
  readonly spent: number;
  readonly held: number;
  readonly asked: number;
  readonly limit: number;
  readonly shortfall: number;
  readonly resetsAt: string | null;
  readonly cheaperRoutes?: readonly { readonly model: string; readonly worstCaseUsd: number }[];
}

/** A call that ended without an answer: what happened, what it cost, and what can be done. */
export function refusalCard(failure: Failure, retryWith: (model: string) => void): HTMLElement {
  return failure.code === 'budget_exceeded' && 'budget' in failure.details
    ? budgetCard(failure, failure.details as unknown as BudgetDetails, retryWith)
    : errorCard(failure);
}

function budgetCard(failure: Failure, details: BudgetDetails, retryWith: (model: string) => void): HTMLElement {
  const { budget, spent, held, asked, limit, shortfall, resetsAt, cheaperRoutes = [] } = details;
  const rows: readonly (readonly [string, string])[] = [
    ['Spent', usd(spent)],
    ['Held by running calls', usd(held)],
    ['This call, at most', usd(asked)],
    ['Limit', usd(limit)],
    ['Missing', usd(shortfall)],
    ['Resets', resetsAt === null ? 'never: this budget belongs to the conversation' : resetText(resetsAt)],
  ];
  return card(
    'blocked',
    `Blocked by the budget "${budget.id}"`,
    h('p', {}, failure.attempts === 0 ? 'Nothing was sent, and nothing was charged.' : failure.message),
    h('dl', {}, ...rows.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)])),
    ...cheaper(cheaperRoutes, retryWith),
  );
}

function cheaper(
  routes: NonNullable<BudgetDetails['cheaperRoutes']>,
  retryWith: (model: string) => void,
): readonly Child[] {
  if (routes.length === 0) return [h('p', {}, 'No route is cheap enough now.')];
  const buttons = routes.map(({ model, worstCaseUsd }) =>
    h(
      'button',
      { type: 'button', onclick: () => retryWith(model) },
      `Send with ${model}, at most ${usdOfDollars(worstCaseUsd)}`,
    ),
  );
  return [h('p', {}, 'These fit:'), h('div', { class: 'choices' }, ...buttons)];
}

function errorCard({ code, message, next, costNanoUsd, attempts, retryAfterMs }: Failure): HTMLElement {
  const spent = attempts === 0 ? 'Nothing was charged.' : spentText(costNanoUsd);
  const wait = retryAfterMs === null ? '' : ` It may work again in ${duration(retryAfterMs)}.`;
  const title = code === 'cancelled' ? 'Stopped' : `Failed: ${code}`;
  const steps = next.length > 0 && code !== 'cancelled' && h('ul', {}, ...next.map((step) => h('li', {}, step)));
  return card(
    code === 'cancelled' ? 'stopped' : 'failed',
    title,
    h('p', {}, message),
    h('p', {}, `${spent}${wait}`),
    steps,
  );
}

function spentText(costNanoUsd: number | null): string {
  return costNanoUsd === null ? 'What it cost is unknown.' : `It cost ${usd(costNanoUsd)} all the same.`;
}

function resetText(resetsAt: string): string {
  const at = new Date(resetsAt);
  return `in ${duration(at.getTime() - Date.now())} (${at.toLocaleString([], { dateStyle: 'short', timeStyle: 'short' })})`;
}

function card(kind: string, title: string, ...children: readonly Child[]): HTMLElement {
  return h('section', { class: `card ${kind}`, role: 'alert', 'aria-label': title }, h('h3', {}, title), ...children);
}

import type { AttemptRecord, RankedRoute, VibeEvents } from '@vibe/core';
import { type Child, h } from './dom.js';
import { count, seconds, targetName, usd } from './format.js';

/** Candidates that are listed; the rest is counted. */
const maxListed = 6;

/** Why this route: who could have served, with scores, who could not, with reasons, and what each attempt did. */
export function routeDetails(plan: VibeEvents['plan'], attempts: readonly AttemptRecord[]): HTMLElement {
  const { candidates, rejected, policy, model } = plan;
  const asked = model === null || model === 'auto' ? 'any model' : model;
  return h(
    'div',
    { class: 'routes' },
    h('p', {}, `Asked for ${asked}, ranked by "${policy}". The hold covers the first one that fits the budget.`),
    table(
      'Candidates, best first',
      ['Rank', 'Route', 'Score', 'Made of'],
      candidates.slice(0, maxListed).map(candidateRow),
    ),
    candidates.length > maxListed &&
      h('p', { class: 'quiet' }, `And ${count(candidates.length - maxListed, 'more candidate')}.`),
    ...refused(rejected),
    attempts.length > 0 &&
      table('Attempts', ['Attempt', 'Route', 'Outcome', 'First token', 'Cost'], attempts.map(attemptRow)),
  );
}

function candidateRow({ target, score, scoreParts }: RankedRoute, index: number): readonly string[] {
  const parts = Object.entries(scoreParts).map(([name, value]) => `${name} ${value.toFixed(2)}`);
  return [String(index + 1), targetName(target), score.toFixed(3), parts.join(', ')];
}

function attemptRow(record: AttemptRecord): readonly string[] {
  const { attempt, target, status, errorCode, httpStatus, ttftMs, actualNanoUsd } = record;
  const outcome =
    errorCode === null ? status : `${status}: ${errorCode}${httpStatus === null ? '' : ` (${httpStatus})`}`;
  return [String(attempt), targetName(target), outcome, ttftMs === null ? '–' : seconds(ttftMs), usd(actualNanoUsd)];
}

/** By reason: forty models without a key are one line. */
function refused(rejected: VibeEvents['plan']['rejected']): readonly Child[] {
  if (rejected.length === 0) return [];
  const byReason = new Map<string, string[]>();
  for (const { reason, target } of rejected)
    byReason.set(reason, [...(byReason.get(reason) ?? []), targetName(target)]);
  const lines = [...byReason].map(([reason, targets]) => {
    const more = targets.length > 2 ? ` and ${targets.length - 2} more` : '';
    return h('li', {}, `${targets.slice(0, 2).join(', ')}${more}: ${reason}`);
  });
  return [h('h4', {}, 'Could not serve'), h('ul', {}, ...lines)];
}

function table(name: string, head: readonly string[], rows: readonly (readonly string[])[]): HTMLElement {
  const headings = head.map((text) => h('th', { scope: 'col' }, text));
  const lines = rows.map((cells) => h('tr', {}, ...cells.map((text) => h('td', {}, text))));
  return h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': name },
    h('table', {}, h('caption', {}, name), h('thead', {}, h('tr', {}, ...headings)), h('tbody', {}, ...lines)),
  );
}

import type { Estimate, RouteEstimate } from '@vibe/core';
import { moneyText, verdictText } from '../generate/dry-run.js';
import { printable } from '../output/printable.js';
import { type Column, table, tsv } from '../output/table.js';
import { routeName } from '../routes.js';
import type { Session } from '../session.js';

/** Parts of a score in the order in which they are shown, with a short title, and how soon they are left out. */
const knownParts: Readonly<Record<string, readonly [title: string, dropOrder: number]>> = {
  cost: ['COST', 0],
  latency: ['SPEED', 2],
  tail: ['TAIL', 4],
  firstToken: ['FIRST', 6],
  reliability: ['OK', 1],
  quality: ['TIER', 3],
  headroom: ['ROOM', 7],
};

/** Every candidate with the parts of its score, then every other one with the reason why it may not serve. */
export function explainText(session: Session, estimate: Estimate): string {
  if (!session.tables) return explainTsv(estimate);
  const eligible = estimate.routes.filter((route) => route.eligible);
  const refused = estimate.routes.filter((route) => !route.eligible);
  const policy = estimate.policy === undefined ? '' : `, policy ${estimate.policy}`;
  const lines = [
    `${eligible.length} of ${estimate.routes.length} routes may serve it${policy}; up to ${estimate.inputTokens} input tokens. Nothing was sent.`,
    '',
    ...(eligible.length === 0 ? ['  No route may serve it.'] : scoreLines(eligible, session)),
    ...(refused.length === 0 ? [] : ['', 'Refused']),
    ...refused.map(({ target, reasons }) => `  ${routeName(target)}: ${reasons.join('; ')}`),
    '',
    `Verdict  ${verdictText(estimate)}`,
    '',
    'A part of a score is 1.00 for the best of the candidates; the policy weighs them.',
  ];
  return printable(`${lines.join('\n')}\n`);
}

function scoreLines(routes: readonly RouteEstimate[], { bars, out }: Session): readonly string[] {
  const parts = partNames(routes).map(
    (name): Column => ({
      title: knownParts[name]?.[0] ?? name.toUpperCase(),
      align: 'right',
      dropOrder: knownParts[name]?.[1] ?? 0,
      cells: routes.map(({ scoreParts }) => scoreParts[name]?.toFixed(2) ?? '–'),
    }),
  );
  return table(
    [
      { title: '#', align: 'right', cells: routes.map((_, index) => String(index + 1)) },
      { title: 'ROUTE', cells: routes.map(({ target }) => routeName(target)) },
      { title: 'REGION', dropOrder: 8, cells: routes.map(({ target }) => target.region) },
      { title: 'SCORE', align: 'right', cells: routes.map(({ score }) => score?.toFixed(3) ?? '–') },
      ...parts,
      { title: 'ESTIMATE', align: 'right', cells: routes.map(({ estimatedUsd }) => moneyText(estimatedUsd)) },
      {
        title: 'WORST CASE',
        align: 'right',
        dropOrder: 5,
        cells: routes.map((route) => moneyText(route.worstCaseUsd)),
      },
    ],
    out.columns,
    bars.rule,
  );
}

/** The known parts first; a router of somebody else may have others. */
function partNames(routes: readonly RouteEstimate[]): readonly string[] {
  const used = new Set(routes.flatMap(({ scoreParts }) => Object.keys(scoreParts)));
  const known = Object.keys(knownParts);
  return [...known.filter((name) => used.has(name)), ...[...used].filter((name) => !known.includes(name))];
}

function explainTsv({ routes }: Estimate): string {
  const parts = partNames(routes);
  const header = ['route', 'region', 'eligible', 'score', ...parts, 'estimated_usd', 'worst_case_usd', 'reasons'];
  const rows = routes.map(({ target, eligible, score, scoreParts, estimatedUsd, worstCaseUsd, reasons }) => [
    routeName(target),
    target.region,
    String(eligible),
    score,
    ...parts.map((name) => scoreParts[name] ?? null),
    estimatedUsd,
    worstCaseUsd,
    reasons.join('; '),
  ]);
  return tsv(header, rows);
}

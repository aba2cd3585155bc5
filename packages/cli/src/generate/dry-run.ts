import type { Estimate, RouteEstimate } from '@vibe/core';
import { usd } from '../output/money.js';
import { printable } from '../output/printable.js';
import { table, tsv } from '../output/table.js';
import { duration } from '../output/time.js';
import { groupedByReason, routeName } from '../routes.js';
import type { Session } from '../session.js';

/** The decision behind a call that is not made: the routes in their order, why others may not serve, the verdict, the request. */
export function planText(session: Session, plan: Estimate): string {
  if (!session.tables) return routesTsv(plan);
  const eligible = plan.routes.filter((route) => route.eligible);
  const lines = [
    `Dry run: nothing was sent. The request has up to ${plan.inputTokens} input tokens.`,
    '',
    ...(eligible.length === 0 ? ['  No route may serve it.'] : routeLines(eligible, session)),
    ...refusedLines(plan.routes.filter((route) => !route.eligible)),
    '',
    `Verdict  ${verdictText(plan)}`,
    ...(plan.wire === undefined ? [] : [`Request  ${plan.wire.method} ${plan.wire.url}`]),
    '',
    'The whole request: llm generate … --dry-run --json',
  ];
  return printable(`${lines.join('\n')}\n`);
}

function routeLines(routes: readonly RouteEstimate[], { bars, out }: Session): readonly string[] {
  return table(
    [
      { title: '#', align: 'right', cells: routes.map((_, index) => String(index + 1)) },
      { title: 'ROUTE', cells: routes.map(({ target }) => routeName(target)) },
      { title: 'REGION', dropOrder: 1, cells: routes.map(({ target }) => target.region) },
      { title: 'ESTIMATE', align: 'right', cells: routes.map(({ estimatedUsd }) => moneyText(estimatedUsd)) },
      { title: 'WORST CASE', align: 'right', cells: routes.map(({ worstCaseUsd }) => moneyText(worstCaseUsd)) },
    ],
    out.columns,
    bars.rule,
  );
}

function refusedLines(routes: readonly RouteEstimate[]): readonly string[] {
  if (routes.length === 0) return [];
  const refused = routes.map(({ target, reasons }) => ({ target, reason: reasons.join('; ') }));
  return ['', 'Refused', ...groupedByReason(refused).map(([who, why]) => `  ${who}: ${why}`)];
}

export function verdictText({ verdict }: Estimate): string {
  const wait =
    verdict.limiterWaitMs > 0 ? `; the rate limit would make it wait ${duration(verdict.limiterWaitMs)}` : '';
  if (verdict.allowed) return `allowed${wait}`;
  const { refusedBy, shortfallUsd } = verdict;
  if (refusedBy === undefined) return 'nobody may serve it';
  return `refused by the budget "${refusedBy.id}" (${refusedBy.origin}): short by ${moneyText(shortfallUsd ?? null)}`;
}

function routesTsv(plan: Estimate): string {
  const header = ['route', 'region', 'eligible', 'estimated_usd', 'worst_case_usd', 'reasons'];
  const rows = plan.routes.map((route) => [
    routeName(route.target),
    route.target.region,
    String(route.eligible),
    route.estimatedUsd,
    route.worstCaseUsd,
    route.reasons.join('; '),
  ]);
  return tsv(header, rows);
}

/** Unknown is said so, never 0. */
export function moneyText(amountUsd: number | null): string {
  return amountUsd === null ? '–' : usd(Math.round(amountUsd * 1e9));
}

import { type LimitState, type Limits, limitsOf, type Target } from '@vibe/core';
import { openLedgerFile } from '@vibe/ledger-sqlite/file';
import { fileOf } from '../books.js';
import { exitCodes } from '../exit-codes.js';
import { envelope } from '../output/envelope.js';
import { count } from '../output/numbers.js';
import { print } from '../output/print.js';
import { printable } from '../output/printable.js';
import { table } from '../output/table.js';
import { duration, seconds } from '../output/time.js';
import { type OpenedPlugins, withPlugins } from '../providers/open-providers.js';
import { routeName } from '../routes.js';
import type { Session } from '../session.js';

export interface LimitsFlags {
  readonly all?: boolean;
  readonly csv?: boolean;
}

/** A limited target and what is used of it. */
export interface LimitRow {
  readonly target: Target;
  readonly limits: Limits;
  readonly state: LimitState;
}

/** `llm limits`: the windows of the limiter in the ledger file, over all processes. */
export function showLimits(session: Session, flags: LimitsFlags): Promise<number> {
  return withPlugins(session, async (plugins) => {
    const path = fileOf(session, plugins.config);
    const nowMs = session.world.now();
    const file = openLedgerFile({ path, now: session.world.now });
    try {
      const limited = limitedTargets(plugins).map(({ target, limits }) => ({
        target,
        limits,
        state: file.limits(target, limits),
      }));
      const rows = flags.all === true ? limited : limited.filter(({ state }) => isInUse(state));
      const { timezone } = session;
      await print(
        session,
        {
          json: () => envelope('vibe.limits/1', { nowMs, timezone, rows: rows.map(rowJson), warnings: [] }),
          sheet: () => ({
            header: [
              'route',
              'rpm_used',
              'rpm',
              'tpm_used',
              'tpm',
              'rpd_used',
              'rpd',
              'in_flight',
              'concurrency',
              'waiting',
              'next_free_ms',
              'closed_until',
            ],
            rows: rows.map(({ target, limits, state }) => [
              routeName(target),
              state.requestsInMinute,
              limits.rpm ?? null,
              state.tokensInMinute,
              limits.tpm ?? null,
              state.requestsToday,
              limits.rpd ?? null,
              state.inFlight,
              limits.concurrency ?? null,
              state.waiting,
              finite(state.nextFreeInMs),
              state.blockedUntilMs === null ? null : new Date(state.blockedUntilMs).toISOString(),
            ]),
          }),
          text: () => limitsText(session, rows, nowMs),
          empty: rows.length === 0 ? () => emptyText(limited.length) : null,
        },
        flags.csv === true,
      );
      return exitCodes.ok;
    } finally {
      file.close();
    }
  });
}

/** Where any limit applies, as the configuration says. */
export function limitedTargets({ providers, config }: OpenedPlugins): readonly { target: Target; limits: Limits }[] {
  const patterns = config.values.limits ?? {};
  return providers.flatMap(({ provider }) =>
    provider.models.flatMap((model) =>
      provider.endpoints
        .filter(({ id }) => model.endpoints?.includes(id) ?? true)
        .flatMap((endpoint) => {
          const profile = provider.profile ?? 'default';
          const target = {
            provider: provider.id,
            profile,
            endpoint: endpoint.id,
            region: endpoint.region,
            model: model.id,
          };
          const limits = limitsOf(patterns, target, endpoint.rateLimits);
          const { rpm, tpm, rpd, concurrency } = limits;
          return [rpm, tpm, rpd, concurrency].every((limit) => limit === undefined) ? [] : [{ target, limits }];
        }),
    ),
  );
}

function isInUse({
  requestsInMinute,
  tokensInMinute,
  requestsToday,
  inFlight,
  waiting,
  blockedUntilMs,
}: LimitState): boolean {
  return requestsInMinute + tokensInMinute + requestsToday + inFlight + waiting > 0 || blockedUntilMs !== null;
}

/** The table for people. */
export function limitsText({ out, bars }: Session, rows: readonly LimitRow[], nowMs: number): string {
  const lines = table(columnsOf(rows, nowMs), out.columns, bars.rule);
  return `${lines.join('\n')}\n\nNext: llm config show · llm logs --status failed\n`;
}

function columnsOf(rows: readonly LimitRow[], nowMs: number) {
  const right = { align: 'right' } as const;
  const used = (value: number, limit: number | undefined) =>
    limit === undefined ? '–' : `${count(value)}/${count(limit)}`;
  return [
    { title: 'ROUTE', shrinkTo: 16, cells: rows.map(({ target }) => printable(routeName(target))) },
    { title: 'RPM', ...right, cells: rows.map(({ limits, state }) => used(state.requestsInMinute, limits.rpm)) },
    { title: 'TPM', ...right, cells: rows.map(({ limits, state }) => used(state.tokensInMinute, limits.tpm)) },
    {
      title: 'RPD',
      ...right,
      dropOrder: 1,
      cells: rows.map(({ limits, state }) => used(state.requestsToday, limits.rpd)),
    },
    {
      title: 'IN FLIGHT',
      ...right,
      dropOrder: 3,
      cells: rows.map(({ limits, state }) =>
        limits.concurrency === undefined ? count(state.inFlight) : used(state.inFlight, limits.concurrency),
      ),
    },
    { title: 'WAITING', ...right, dropOrder: 2, cells: rows.map(({ state }) => count(state.waiting)) },
    { title: 'NEXT', cells: rows.map(({ state }) => nextText(state, nowMs)) },
  ];
}

function nextText({ blockedUntilMs, nextFreeInMs }: LimitState, nowMs: number): string {
  if (blockedUntilMs !== null && blockedUntilMs > nowMs) return `closed for ${duration(blockedUntilMs - nowMs)}`;
  if (nextFreeInMs === 0) return 'now';
  return Number.isFinite(nextFreeInMs) ? `in ${seconds(nextFreeInMs)}` : 'never';
}

function rowJson({ target, limits, state }: LimitRow) {
  const { target: _target, nextFreeInMs, ...used } = state;
  return { target, limits, ...used, nextFreeInMs: finite(nextFreeInMs) };
}

/** Never is null: JSON knows no infinity. */
function finite(ms: number): number | null {
  return Number.isFinite(ms) ? ms : null;
}

function emptyText(limited: number): string {
  if (limited > 0)
    return `Nobody is near a limit: none of the ${limited} limited routes was called lately. All of them: llm limits --all`;
  return `No rate limits are set. One is set with: llm config set 'limits["qwen-plus"].rpm' 60`;
}

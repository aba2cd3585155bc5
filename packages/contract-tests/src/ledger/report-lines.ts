import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import {
  type Ledger,
  memoryLedger,
  type ReportGrouping,
  type ReportQuery,
  type ReportRow,
  type Target,
} from '@vibe/core';
import { type LedgerBench, type LedgerTheme, ledgerTimezone } from './bench.js';
import { attemptOf, budgetOf, holdRequestOf, premium, settlementOf, target } from './samples.js';

const painter: Target = { ...target, provider: 'bravo', model: 'bravo-paint' };
const line = (unit: string, quantity: number, nanoUsd: number) => ({
  unit,
  quantity,
  usd: nanoUsd / 1e9,
  nanoUsd,
  priceId: `contract-tests/${unit}`,
});

/** Two hours before and after the clocks go forward in New York (7:00 UTC), and the evening before. */
const nights = ['2026-03-08T05:10:00Z', '2026-03-08T06:40:00Z', '2026-03-08T07:05:00Z', '2026-03-08T03:59:59.999Z'];

/** Calls of all kinds: text, pictures, sound, retried elsewhere, failed, cancelled, without a price, corrected, resolved. */
async function history(ledger: Ledger): Promise<void> {
  let calls = 0;
  const call = async (
    tags: Record<string, string>,
    attempts: readonly ReturnType<typeof attemptOf>[],
    strict = false,
  ) => {
    calls += 1;
    const callId = `history-${calls}`;
    const budgets = [budgetOf({ limitNanoUsd: 1e12 })];
    await ledger.hold(holdRequestOf({ callId, amountNanoUsd: 5_000, budgets, strict, tags }));
    await ledger.settle(callId, settlementOf(attempts, { tags }));
    return callId;
  };
  for (const [index, at] of nights.entries()) {
    const startedAtMs = Date.parse(at);
    const chat = {
      startedAtMs,
      usage: {
        quantities: { input_token: 10 + index, cached_input_token: 4, output_token: 20, reasoning_token: 5 },
        unknown: false,
        source: 'provider' as const,
      },
      lines: [line('input_token', 10, 70 + index), line('cached_input_token', 4, 1), line('output_token', 25, 900)],
      actualNanoUsd: 971 + index,
    };
    const answered = await call({ team: 'red' }, [attemptOf(chat)]);
    if (index === 1) await ledger.admin?.correct(answered, { deltaNanoUsd: -500, reason: 'the price was wrong' });
    await call({ team: 'blue' }, [
      attemptOf({
        ...chat,
        target: premium,
        status: 'failed',
        errorCode: 'provider_unavailable',
        usage: null,
        lines: [],
        actualNanoUsd: 0,
      }),
      attemptOf({ ...chat, attempt: 2, startedAtMs: startedAtMs + 1_000 }),
    ]);
    await call({}, [
      attemptOf({
        startedAtMs,
        target: painter,
        usage: { quantities: { image: 2, input_token: 7 }, unknown: false, source: 'provider' },
        lines: [line('image', 2, 4_000), line('input_token', 7, 7)],
        actualNanoUsd: 4_007,
        totalMs: 9_000,
        ttftMs: null,
      }),
    ]);
    await call({ team: 'red', 'odd ".key': '\u901a\u4e49' }, [
      attemptOf({
        startedAtMs,
        status: 'cancelled',
        errorCode: 'cancelled',
        usage: { quantities: { audio_second: 1.5 }, unknown: true, source: 'partial' },
        lines: [line('audio_second', 1.5, 30)],
        actualNanoUsd: 30,
      }),
    ]);
  }
  const startedAtMs = Date.parse(nights[0] as string);
  // A strict call whose cost nobody knows is charged what was held; nothing says for which unit.
  await call({}, [attemptOf({ startedAtMs, target: premium, usage: null, lines: [], actualNanoUsd: null })], true);
  await call({}, [
    attemptOf({
      startedAtMs,
      target: premium,
      status: 'failed',
      errorCode: 'timeout',
      usage: null,
      lines: [],
      actualNanoUsd: null,
    }),
  ]);
  await ledger.flush();
}

const groupings: readonly ReportGrouping[] = [
  'hour',
  'day',
  'week',
  'month',
  'provider',
  'model',
  'endpoint',
  'unit',
  'status',
  'error',
  'tag:team',
  'tag:odd ".key',
];

const sinceMs = Date.parse('2026-03-01T00:00:00Z');

/** Everything but durations, which a ledger may keep in buckets. */
function exact({ ttftP50Ms: _ttft, totalP50Ms: _p50, totalP95Ms: _p95, quantities, costByUnit, ...row }: ReportRow) {
  return {
    ...row,
    quantities: Object.entries(quantities).sort(byKey),
    costByUnit: costByUnit === undefined ? null : Object.entries(costByUnit).sort(byKey),
  };
}

function byKey([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : 1;
}

function near(found: number | null, wanted: number | null, what: string): void {
  if (wanted === null) strictEqual(found, null, what);
  else
    ok(
      found !== null && Math.abs(found - wanted) <= Math.max(1, wanted * 0.01),
      `${what}: ${found} is about ${wanted}`,
    );
}

async function agree(bench: LedgerBench, reference: Ledger, query: ReportQuery): Promise<void> {
  const [found, wanted] = await Promise.all([bench.ledger.report(query), reference.report(query)]);
  const what = JSON.stringify(query);
  deepStrictEqual(found.rows.map(exact), wanted.rows.map(exact), what);
  deepStrictEqual(exact(found.totals), exact(wanted.totals), what);
  for (const [index, row] of [...wanted.rows, wanted.totals].entries()) {
    const other = [...found.rows, found.totals][index];
    near(other?.totalP50Ms ?? null, row.totalP50Ms, `${what} p50 of ${row.key}`);
    near(other?.totalP95Ms ?? null, row.totalP95Ms, `${what} p95 of ${row.key}`);
    near(other?.ttftP50Ms ?? null, row.ttftP50Ms, `${what} first token of ${row.key}`);
  }
}

/** Every line of a report says the same as the reference ledger, whatever the report is grouped by. */
export const reportLines: LedgerTheme = {
  'says what the reference ledger says, in every grouping, zone and stretch of time': async (bench) => {
    const reference = memoryLedger({ timezone: ledgerTimezone, now: bench.clock.now });
    await Promise.all([history(bench.ledger), history(reference)]);
    for (const by of groupings) {
      for (const breakdown of [false, true]) {
        for (const timezone of ['America/New_York', 'Asia/Kolkata'])
          await agree(bench, reference, { by, breakdown, timezone, sinceMs });
        await agree(bench, reference, {
          by,
          breakdown,
          sinceMs: Date.parse('2026-03-08T05:10:00.001Z'),
          untilMs: Date.parse('2026-03-08T07:05:01Z'),
        });
        await agree(bench, reference, { by, breakdown, sinceMs, untilMs: sinceMs });
      }
    }
  },

  'has the same totals in every grouping, to the nano-USD, and splits them by unit': async (bench) => {
    await history(bench.ledger);
    const first = await bench.ledger.report({ sinceMs, breakdown: true });
    for (const by of groupings) {
      const { rows, totals } = await bench.ledger.report({ by, sinceMs, breakdown: true });
      deepStrictEqual(exact(totals), exact(first.totals), `by ${by}`);
      strictEqual(
        rows.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0),
        totals.costNanoUsd,
        `by ${by}`,
      );
      for (const { key, costNanoUsd, costByUnit } of [...rows, totals]) {
        const units = Object.values(costByUnit ?? { missing: Number.NaN });
        strictEqual(
          units.reduce((sum, nanoUsd) => sum + nanoUsd, 0),
          costNanoUsd,
          `by ${by}, units of ${key}`,
        );
      }
    }
    const { costByUnit } = first.totals;
    strictEqual(costByUnit?.['image'], 4 * 4_000);
    strictEqual(costByUnit?.['audio_second'], 4 * 30);
    strictEqual(costByUnit?.['(none)'], bench.ledger.admin === undefined ? 5_000 : 4_500);
  },

  'counts a call once, with its last request, and by unit in each unit it used': async (bench) => {
    await history(bench.ledger);
    const { rows } = await bench.ledger.report({ by: 'model', sinceMs });
    deepStrictEqual(
      rows.map(({ key, calls, attempts, failed }) => [key, calls, attempts, failed]),
      [
        ['bravo-paint', 4, 4, 0],
        ['acme-1', 12, 12, 0],
        ['acme-2', 2, 6, 5],
      ],
    );
    const units = await bench.ledger.report({ by: 'unit', sinceMs });
    const calls = Object.fromEntries(units.rows.map((row) => [row.key, row.calls]));
    deepStrictEqual(
      [calls['image'], calls['input_token'], calls['audio_second'], calls['(none)'], units.totals.calls],
      [4, 12, 4, 2, 18],
    );
  },

  'begins days where they begin in the zone, also when the clocks change': async (bench) => {
    await history(bench.ledger);
    const keys = async (by: ReportGrouping, timezone: string) =>
      (await bench.ledger.report({ by, timezone, sinceMs })).rows.map(({ key }) => key);
    deepStrictEqual(await keys('day', 'America/New_York'), ['2026-03-07T05:00:00.000Z', '2026-03-08T05:00:00.000Z']);
    deepStrictEqual(await keys('hour', 'America/New_York'), [
      '2026-03-08T03:00:00.000Z',
      '2026-03-08T04:00:00.000Z',
      '2026-03-08T05:00:00.000Z',
      '2026-03-08T06:00:00.000Z',
      '2026-03-08T07:00:00.000Z',
    ]);
    deepStrictEqual(await keys('month', 'Asia/Kolkata'), ['2026-02-28T18:30:00.000Z']);
  },
};

import BetterSqlite3 from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeWorld, run } from '../testing.js';
import { type GoldenLedger, goldenLedger } from './testing/golden-ledger.js';

// Real calls over HTTP into a real file; what the commands say is compared with sums over the events that no code of
// ours computes, and with what the simulators counted themselves.

let golden: GoldenLedger;
beforeAll(async () => {
  golden = await goldenLedger();
}, 120_000);
afterAll(() => golden.close());

interface ReportJson {
  readonly rows: readonly Row[];
  readonly totals: Row;
}

interface Row {
  readonly key: string;
  readonly cost_nano_usd: number;
  readonly failed: number;
  readonly calls: number;
  readonly cancelled: number;
  readonly blocked: number;
  readonly ok: number;
  readonly breakdown: readonly { readonly unit: string; readonly cost_nano_usd: number }[];
}

const world = (given: Parameters<typeof fakeWorld>[0] = {}) => fakeWorld({ now: () => golden.nowMs, ...given });

async function json(...args: string[]): Promise<ReportJson> {
  const { exitCode, out, err } = await run([...args, '--ledger', golden.path, '--json'], world());
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
  return JSON.parse(out) as ReportJson;
}

/** What each call was charged: its last settlement, or what ended it, and its corrections. */
const charged = `
  SELECT call_id, sum(CASE
    WHEN kind IN ('settle', 'late_settle', 'correct') THEN coalesce(amount_nano, 0)
    WHEN kind IN ('expire', 'resolve') AND NOT EXISTS (SELECT 1 FROM event AS l WHERE l.call_id = e.call_id AND l.kind = 'late_settle') THEN coalesce(amount_nano, 0)
    ELSE 0 END) AS nano
  FROM event AS e GROUP BY call_id`;

/** The money of cost lines by what their attempt was, and what is left of each call with its last attempt. */
function sums(key: string, unit = "'(none)'"): Record<string, number> {
  const db = new BetterSqlite3(golden.path, { readonly: true });
  try {
    const rows = db
      .prepare(
        `WITH charged AS (${charged}), line AS (
           SELECT a.rowid AS id, a.call_id, json_extract(value, '$[0]') AS unit, json_extract(value, '$[2]') AS nano
           FROM attempt AS a, json_each(a.lines_json))
         SELECT key, sum(nano) AS nano FROM (
           SELECT ${key} AS key, line.nano AS nano FROM line JOIN attempt AS a ON a.rowid = line.id
           UNION ALL
           SELECT ${key.replace('line.unit', unit)} AS key,
             charged.nano - coalesce((SELECT sum(nano) FROM line WHERE line.call_id = charged.call_id), 0) AS nano
           FROM charged JOIN attempt AS a ON a.call_id = charged.call_id AND a.last = 1
         ) GROUP BY key HAVING sum(nano) <> 0`,
      )
      .all() as { key: string; nano: number }[];
    return Object.fromEntries(rows.map((row) => [row.key, row.nano]));
  } finally {
    db.close();
  }
}

function allCharged(): number {
  const db = new BetterSqlite3(golden.path, { readonly: true });
  try {
    return db.prepare(`SELECT sum(nano) FROM (${charged})`).pluck().get() as number;
  } finally {
    db.close();
  }
}

const inShanghai = (modifier: string) =>
  `strftime('%Y-%m-%dT%H:%M:%S.000Z', a.ts / 1000, 'unixepoch', '+8 hours', ${modifier}, '-8 hours')`;

const groupings: Readonly<Record<string, string>> = {
  hour: "strftime('%Y-%m-%dT%H:00:00.000Z', a.ts / 1000, 'unixepoch')",
  day: inShanghai("'start of day'"),
  week: inShanghai("'start of day', 'weekday 0', '-6 days'"),
  month: inShanghai("'start of month'"),
  model: "coalesce(a.model, '(none)')",
  provider: "coalesce(a.provider, '(none)')",
  endpoint: "coalesce(a.provider || '/' || a.endpoint, '(none)')",
  unit: 'line.unit',
  status: 'a.status',
  error: "coalesce(a.error_code, '(none)')",
  'tag:user': "coalesce(json_extract(a.tags_json, '$.user'), '(none)')",
  'tag:nobody': "'(none)'",
};

const days = ['--since', '2026-11-01'];

describe('a report on calls of every kind', () => {
  it('has what the events say, to the nano-USD, in every grouping', async () => {
    const whole = allCharged();
    expect(whole).toBeGreaterThan(0);
    for (const [by, key] of Object.entries(groupings)) {
      const { rows, totals } = await json('budget', 'report', ...days, '--by', by);
      const found = Object.fromEntries(
        rows.filter((row) => row.cost_nano_usd !== 0).map((row) => [row.key, row.cost_nano_usd]),
      );
      expect([by, found]).toEqual([by, sums(key)]);
      expect([by, totals.cost_nano_usd]).toEqual([by, whole]);
    }
  });

  it('splits every line by unit without losing any', async () => {
    const byUnit = sums('line.unit');
    for (const by of Object.keys(groupings)) {
      const { rows, totals } = await json('budget', 'report', ...days, '--by', by, '--breakdown');
      for (const row of [...rows, totals]) {
        const parts = row.breakdown.reduce((sum, part) => sum + part.cost_nano_usd, 0);
        expect([by, row.key, parts]).toEqual([by, row.key, row.cost_nano_usd]);
      }
      const units = totals.breakdown.filter((part) => part.cost_nano_usd !== 0);
      expect(Object.fromEntries(units.map((part) => [part.unit, part.cost_nano_usd]))).toEqual(byUnit);
    }
    expect(Object.keys(byUnit)).toEqual(expect.arrayContaining(['input_token', 'output_token', 'image', '(none)']));
  });

  it('counts what became of the calls', async () => {
    const { totals } = await json('budget', 'report', ...days);
    expect(totals).toMatchObject({ calls: 21, blocked: 1, cancelled: 1, expired: 0 });
  });

  it('says the same in CSV, where no cell begins a formula', async () => {
    const args = ['budget', 'report', ...days, '--by', 'tag:user', '--csv', '--ledger', golden.path];
    const { exitCode, out } = await run(args, world());
    expect(exitCode).toBe(0);
    const lines = out.trimEnd().split('\r\n');
    expect(lines[0]).toMatch(/^tag:user,cost_usd,calls,/);
    expect(out).toContain("\r\n'=1+1,");
    const nano = lines.slice(1).map((line) => Math.round(Number(line.split(',')[1]) * 1e9));
    expect(nano.reduce((sum, cost) => sum + cost, 0)).toBe(allCharged());
  });
});

describe('a ranking', () => {
  it('of endpoints by failures counts what the simulators counted', async () => {
    const { rows } = await json('budget', 'top', ...days, '--by', 'endpoint', '--metric', 'fail');
    const { qwen, gemini } = golden.simulators;
    const refused = ({ byStatus }: ReturnType<typeof qwen.stats>) =>
      Object.entries(byStatus).reduce((sum, [status, requests]) => sum + (status === '200' ? 0 : requests), 0);
    // A truncated answer has the status 200 and is a failure all the same.
    const cut = qwen.stats().byFault['truncate'] ?? 0;
    const failures = Object.fromEntries(rows.map(({ key, failed }) => [key, failed]));
    expect(failures['qwen/cn']).toBe(refused(qwen.stats()) + cut);
    expect(failures['gemini/global']).toBe(refused(gemini.stats()));
    expect(rows[0]?.key).toBe('qwen/cn');
    expect(rows.find(({ key }) => key === 'gemini/global')?.cancelled).toBe(1);
  });

  it('of models by cost is the report, dearest first', async () => {
    const top = await json('budget', 'top', ...days);
    const report = await json('budget', 'report', ...days, '--by', 'model');
    const costs = ({ rows }: ReportJson) => rows.map(({ key, cost_nano_usd }) => [key, cost_nano_usd]);
    expect(costs(top)).toEqual(costs(report));
  });

  it('by errors names them', async () => {
    const { rows } = await json('budget', 'top', ...days, '--by', 'error', '--metric', 'fail');
    expect(rows.map(({ key }) => key)).toEqual(
      expect.arrayContaining(['provider_rejected', 'provider_unavailable', 'stream_truncated', 'budget_exceeded']),
    );
  });
});

describe('the other commands of the ledger', () => {
  it('find it sound, and the same after it was computed anew', async () => {
    const before = await json('budget', 'report', ...days, '--by', 'model', '--breakdown');
    const { administerLedgerFile } = await import('@vibe/ledger-sqlite/file');
    const ledger = administerLedgerFile(golden.path);
    expect(await ledger.verify()).toMatchObject({ ok: true, problems: [] });
    await ledger.rebuild();
    await ledger.close();
    expect((await json('budget', 'report', ...days, '--by', 'model', '--breakdown')).rows).toEqual(before.rows);
  });
});

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type GoldenLedger, goldenLedger } from '../budget/testing/golden-ledger.js';
import { fakeWorld, run } from '../testing.js';

let golden: GoldenLedger;
let folder: string;
let ledger: string;
beforeAll(async () => {
  golden = await goldenLedger();
}, 120_000);
afterAll(() => golden.close());
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vibe-ledger-cli-'));
  ledger = join(folder, 'copy.db');
  expect((await llm(['ledger', 'backup', ledger], {}, golden.path)).exitCode).toBe(0);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Given = NonNullable<Parameters<typeof fakeWorld>[0]>;

function llm(args: readonly string[], given: Given = {}, path = ledger) {
  const world = fakeWorld({ cwd: folder, env: { NO_COLOR: '1' }, now: () => golden.nowMs, ...given });
  return run([...args, '--ledger', path], world);
}

const json = async (...args: string[]) => JSON.parse((await llm([...args, '--json'])).out);

function sql<T>(path: string, text: string): T {
  const db = new BetterSqlite3(path);
  try {
    return db.prepare(text).pluck().get() as T;
  } finally {
    db.close();
  }
}

describe('llm ledger', () => {
  it('says where it is and what is in it', async () => {
    expect((await llm(['ledger', 'path'])).out).toBe(`${ledger}\n`);
    const { rows } = await json('ledger', 'stats');
    expect(rows[0]).toMatchObject({ exists: true, timezone: 'Asia/Shanghai', open_holds: 0 });
    expect(rows[0].attempts).toBe(sql(ledger, 'SELECT count(*) FROM attempt'));
    const text = (await llm(['ledger', 'stats'])).out;
    expect(text).toMatch(/^File {7}.*copy\.db\nSize {7}\d/);
    expect(text).toMatch(/Attempts {3}\d+ · .* – /);
    const missing = await llm(['ledger', 'stats'], {}, join(folder, 'nothing.db'));
    expect(missing.out).toContain('(not there yet)');
    expect(existsSync(join(folder, 'nothing.db'))).toBe(false);
  });

  it('finds sums that do not follow from the events, and mends them', async () => {
    expect(await llm(['ledger', 'verify'])).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining('OK: every sum'),
    });
    const db = new BetterSqlite3(ledger);
    db.exec('UPDATE rollup SET cost_nano = cost_nano + 1 WHERE span_min = 60');
    db.close();
    const broken = await llm(['ledger', 'verify']);
    expect(broken.exitCode).toBe(8);
    expect(broken.out).toContain('differs from its attempts');
    expect(broken.out).toContain('llm ledger rebuild');
    expect((await llm(['ledger', 'rebuild', '--no-input'])).exitCode).toBe(2);
    expect((await llm(['ledger', 'rebuild', '--yes'])).exitCode).toBe(0);
    expect((await llm(['ledger', 'verify'])).exitCode).toBe(0);
  });

  it('exports every attempt in three formats', async () => {
    const attempts = sql<number>(ledger, 'SELECT count(*) FROM attempt');
    const charged = sql<number>(ledger, 'SELECT sum(charged_nano) FROM attempt');
    const csv = (await llm(['ledger', 'export'])).out.trimEnd().split('\r\n');
    expect(csv).toHaveLength(attempts + 1);
    expect(csv[0]).toMatch(/^started_at,call_id,attempt,status,/);
    const lines = (await llm(['ledger', 'export', '--format', 'ndjson'])).out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.reduce((sum, row) => sum + row.charged_nano_usd, 0)).toBe(charged);
    expect(JSON.parse((await llm(['ledger', 'export', '--format', 'json'])).out)).toEqual(lines);
    const file = await llm(['ledger', 'export', '--since', '2026-11-21', '-o', 'some.csv']);
    expect(file).toMatchObject({ exitCode: 0, out: '', err: expect.stringMatching(/^some\.csv: \d+ rows\.\n$/) });
    const some = readFileSync(join(folder, 'some.csv'), 'utf8').trimEnd().split('\r\n');
    expect(some.length).toBeGreaterThan(1);
    expect(some.length).toBeLessThan(csv.length);
    const nowhere = await llm(['ledger', 'backup', 'no/such/copy.db']);
    expect([nowhere.exitCode, nowhere.err]).toEqual([2, expect.stringContaining('its folder is not there')]);
    expect((await llm(['ledger', 'export', '-o', 'no/such/folder.csv'])).err).toContain('cannot be written (ENOENT)');
  });

  it('corrects a call by an entry of its own', async () => {
    const { rows } = await json('logs', '--status', 'ok', '-n', '1');
    const id = rows[0].call_id as string;
    const before = rows[0].charged_nano_usd + rows[0].corrected_nano_usd;
    const args = ['ledger', 'correct', id, '--by=0.05', '--reason', 'forgotten fee'];
    expect((await llm([...args, '--no-input'])).exitCode).toBe(2);
    const { exitCode, err } = await llm([...args, '--yes']);
    expect(exitCode).toBe(0);
    expect(err).toContain('The row stays as it was');
    const after = (await json('logs', 'show', id)).rows.at(-1);
    expect(after.charged_nano_usd + after.corrected_nano_usd).toBe(before + 50_000_000);
    expect((await llm(['ledger', 'correct', 'nobody', '--by', '1', '--reason', 'x', '--yes'])).err).toContain(
      '"nobody" is no call',
    );
    expect((await llm([...args.slice(0, 3), '--by=-5', '--reason', 'too much', '--yes'])).err).toContain(
      'cannot be lowered',
    );
    expect((await llm(['ledger', 'correct', id, '--reason', 'x'])).err).toContain("'--by <usd>' not specified");
    expect((await llm(['ledger', 'correct', id, '--by=0.0000000001', '--reason', 'x', '--yes'])).err).toMatch(
      /nothing\s+to\s+correct/,
    );
  });

  it('gives back space, and never writes a copy over something', async () => {
    const before = await json('budget', 'report', '--since', '2026-11-01', '--by', 'model');
    expect((await llm(['ledger', 'compact'])).err).toMatch(/copy\.db: \d.* → \d/);
    expect((await json('budget', 'report', '--since', '2026-11-01', '--by', 'model')).rows).toEqual(before.rows);
    expect((await llm(['ledger', 'backup', ledger])).err).toContain('exists already');
    expect((await llm(['ledger', 'compact'], {}, join(folder, 'nothing.db'))).exitCode).toBe(1);
  });

  it('keeps old calls as sums: totals stay, rows go, a copy comes first', async () => {
    const later = { now: () => golden.nowMs + 60 * 86_400_000 };
    const compact = (...args: string[]) => llm(['ledger', 'compact', ...args], later);
    const attempts = sql<number>(ledger, 'SELECT count(*) FROM attempt');
    const reports = async () => {
      const found = [];
      for (const by of ['day', 'model', 'error', 'unit', 'tag:user'])
        found.push(await json('budget', 'report', '--since', '2026-11-01', '--by', by, '--breakdown'));
      return found.map(({ rows, totals }) => ({ rows, totals }));
    };
    const before = await reports();

    const dry = await compact('--keep-days', '30', '--dry-run');
    expect(dry).toMatchObject({ exitCode: 0, out: '' });
    expect(dry.err).toMatch(new RegExp(`^${attempts} attempts from before .* \\(UTC\\) would be kept as sums\\.`));
    expect((await compact('--keep-days', '30', '--no-input')).err).toMatch(/Nobody is\s+there to answer/);
    expect(sql<number>(ledger, 'SELECT count(*) FROM attempt')).toBe(attempts);

    const done = await compact('--keep-days', '30', '--yes');
    expect(done).toMatchObject({ exitCode: 0, out: '' });
    expect(done.err).toContain('OK: every sum follows from what is there and what is archived.');
    // The newest call stays: from it the sums go on.
    expect(sql<number>(ledger, 'SELECT count(*) FROM attempt')).toBeLessThan(5);
    expect(await reports()).toEqual(before);
    expect((await llm(['ledger', 'verify'])).exitCode).toBe(0);
    expect((await llm(['ledger', 'stats'])).out).toContain('are kept as sums');
    const copy = readdirSync(folder).find((name) => name.includes('before-compact'));
    expect(sql<number>(join(folder, copy ?? ''), 'SELECT count(*) FROM attempt')).toBe(attempts);

    const again = JSON.parse((await compact('--before', '2026-11-30', '--json', '--yes')).out);
    expect(again).toMatchObject({ schema: 'vibe.ledger_compact/1', rows: [{ calls: 0, before: expect.any(String) }] });
    // The copy of before is still the one with all rows.
    expect(sql<number>(join(folder, copy ?? ''), 'SELECT count(*) FROM attempt')).toBe(attempts);
    expect((await compact('--before', 'today')).err).toContain('Calls of the last 7 days stay');
    expect((await compact('--before', '90d', '--keep-days', '9')).err).toContain('both say which calls are old');
    expect((await compact('--dry-run')).err).toContain('unused');
  });

  it('of another plugin is not ours to open', async () => {
    const { writeFileSync } = await import('node:fs');
    writeFileSync(join(folder, 'vibe.config.yaml'), "plugins: ['@example/ledger']\n");
    const world = fakeWorld({ cwd: folder, env: { NO_COLOR: '1', HOME: folder } });
    const { exitCode, err } = await run(['ledger', 'stats'], world);
    expect(exitCode).toBe(2);
    expect(err.replaceAll('\n', ' ')).toContain('another ledger than @vibe/ledger-sqlite');
  });
});

describe('llm logs', () => {
  it('shows the latest attempts first', async () => {
    const { out } = await llm(['logs', '-n', '3'], { columns: 80 });
    const lines = out.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^ {2}TIME +STATUS +MODEL +/);
    expect(lines).toHaveLength(5);
    expect(out).toContain('qwen-of-tomorrow');
    expect(out).toContain('unknown');
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('filters, and suggests nothing when nothing fits', async () => {
    const { rows } = await json('logs', '--status', 'blocked');
    expect(rows).toMatchObject([
      { attempt: 0, error_code: 'budget_exceeded', actual_usd: '0', tags: { user: 'poor' } },
    ]);
    expect((await json('logs', '--since', '2026-10-01', '--until', '2026-10-02')).rows).toEqual([]);
    const { out, err } = await llm(['logs', '--model', 'nobody']);
    expect({ out, err: err.startsWith('No such attempts in ') }).toEqual({ out: '', err: true });
    expect((await llm(['logs', '--csv', '--model', 'nobody'])).out).toMatch(/^started_at,[^\r]*\r\n$/);
  });

  it('shows everything about a call, retries too', async () => {
    const { rows } = await json('logs', '-n', '100');
    const retried = rows.find(({ attempt }: { attempt: number }) => attempt === 2);
    const { out } = await llm(['logs', 'show', retried.call_id], { columns: 120 });
    expect(out).toMatch(/^Call [0-9a-f-]+\n {2}trace /);
    expect(out).toContain('\n\nAttempt 1 · failed · qwen-plus @ qwen/cn (cn)\n');
    expect(out).toContain('error       provider_unavailable');
    expect(out).toContain('\n\nAttempt 2 · ok · qwen-plus @ qwen/cn (cn)\n');
    expect(out).toMatch(/\d USD for \d+(\.\d+k)? output_token {3}\S+/);
    expect((await llm(['logs', 'show', 'nobody'])).err).toContain('No call "nobody" in this ledger.');
    expect((await llm(['logs', 'show', '0'])).err).toMatch(/"0" (fits \d+ calls|is)/);
  });

  it('tells new attempts as they come, once each', async () => {
    const stopped = new AbortController();
    let looks = 0;
    const sleep = async () => {
      looks += 1;
      if (looks === 1) {
        const db = new BetterSqlite3(ledger);
        db.exec(`INSERT INTO attempt (call_id, attempt, ts, status, usage_unknown, target_id, charged_nano, last, cost_actual_nano)
          VALUES ('fresh', 1, ${golden.nowMs}, 'ok', 0, 0, 7, 1, 7)`);
        db.close();
      }
      if (looks === 3) stopped.abort();
    };
    const { out } = await llm(['logs', 'tail', '--json', '-n', '1'], { sleep, signal: stopped.signal });
    const told = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).call_id);
    expect(told).toHaveLength(2);
    expect(told[1]).toBe('fresh');
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
  folder = mkdtempSync(join(tmpdir(), 'vibe-rerate-'));
  ledger = join(folder, 'copy.db');
  expect((await llm(['ledger', 'backup', ledger], {}, golden.path)).exitCode).toBe(0);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function llm(args: readonly string[], given: NonNullable<Parameters<typeof fakeWorld>[0]> = {}, path = ledger) {
  const env = { NO_COLOR: '1', HOME: folder, XDG_CONFIG_HOME: folder };
  const world = fakeWorld({ cwd: folder, env, now: () => golden.nowMs, ...given });
  return run([...args, '--ledger', path], world);
}

const rerate = (...args: string[]) => llm(['ledger', 'rerate', '--since', '2026-11-01', ...args]);
const json = async (...args: string[]) => JSON.parse((await rerate(...args, '--json')).out);

/** qwen-plus in Beijing for a dollar per million tokens, whatever they are. */
function newPrices(): void {
  const row = (unit: string) =>
    `{ provider: qwen, model: qwen-plus, region: cn, unit: ${unit}, price: '1', per: 1000000 }`;
  const units = ['input_token', 'output_token', 'reasoning_token'].map(row).join(', ');
  writeFileSync(
    join(folder, 'vibe.config.yaml'),
    `plugins:\n  - '@vibe/provider-qwen'\n  - name: '@vibe/pricing-registry'\n    options: { prices: [${units}] }\n`,
  );
}

function sql<T>(text: string): T {
  const db = new BetterSqlite3(ledger, { readonly: true });
  try {
    return db.prepare(text).pluck().get() as T;
  } finally {
    db.close();
  }
}

const charged = async () => {
  const { totals } = JSON.parse((await llm(['budget', 'report', '--since', '2026-11-01', '--json'])).out);
  return totals.cost_nano_usd as number;
};

describe('llm ledger rerate', () => {
  it('finds nothing but what was corrected by hand while the list says what it said', async () => {
    const { rows, totals } = await json();
    // the golden ledger has one call that somebody has corrected
    expect(rows).toHaveLength(1);
    expect(rows[0].settled_nano_usd).not.toBe(rows[0].charged_nano_usd);
    expect(totals).toMatchObject({ changed: 1, written: false });
    expect((await json('--skip-corrected')).rows).toEqual([]);
    expect((await rerate('--skip-corrected')).out).toMatch(/calls, .*: all of them cost what the list says\./);
    expect((await rerate()).out).toContain('* corrected before');
  });

  it('shows what would change and writes nothing until somebody says yes', async () => {
    newPrices();
    const events = sql('SELECT count(*) FROM event');
    const { rows, totals } = await json('--skip-corrected');
    expect(rows.length).toBeGreaterThan(3);
    for (const { model, delta_nano_usd: delta, new_nano_usd: now, charged_nano_usd: was } of rows)
      expect([model, delta]).toEqual(['qwen/qwen-plus', now - was]);
    const dry = await rerate('--skip-corrected', '--dry-run');
    expect(dry.exitCode).toBe(0);
    expect(dry.out).toMatch(/CALL +CHARGED +NEW +CHANGE/);
    const wide = ['ledger', 'rerate', '--since', 'mtd', '--dry-run'];
    expect((await llm(wide, { columns: 140 })).out).toMatch(/CALL +TIME +MODEL +CHARGED +NEW +CHANGE/);
    expect(dry.out).toContain(`${totals.changed} would change, `);
    expect(dry.err).toContain('Nothing was written.');
    for (const line of dry.out.split('\n').slice(0, 4)) expect(line.length).toBeLessThanOrEqual(80);
    expect((await llm(['ledger', 'rerate', '--since', 'mtd'], { input: 'n\n' })).err).toContain('Nothing was written');
    expect(sql('SELECT count(*) FROM event')).toBe(events);
  });

  it('writes the differences as corrections, once, and the rows stay', async () => {
    newPrices();
    const before = await charged();
    const attempts = sql<number>('SELECT sum(charged_nano) FROM attempt');
    const { rows, totals } = await json('--skip-corrected');
    const done = await rerate('--skip-corrected', '--yes', '--reason', 'contract of November');
    expect(done).toMatchObject({ exitCode: 0, err: '' });
    expect(done.out).toContain(`${totals.changed} corrected, `);
    expect(await charged()).toBe(before + totals.delta_nano_usd);
    expect(sql('SELECT sum(charged_nano) FROM attempt')).toBe(attempts);
    expect(sql(`SELECT count(*) FROM event WHERE kind = 'correct' AND note = 'contract of November'`)).toBe(
      rows.length,
    );
    expect((await llm(['ledger', 'verify'])).exitCode).toBe(0);
    // by the same list there is nothing left to do, but for the one that was corrected by hand
    expect((await json()).totals.changed).toBe(1);
  });

  it('leaves calls outside of its days alone', async () => {
    newPrices();
    expect((await json('--until', '2026-11-02')).totals).toMatchObject({ calls: 0, changed: 0 });
  });

  it('says that there is no ledger yet, and what is missing on the command line', async () => {
    const missing = await llm(['ledger', 'rerate', '--since', 'mtd'], {}, join(folder, 'nothing.db'));
    expect(missing.exitCode).toBe(2);
    expect(missing.err.replaceAll(/\s+/g, ' ')).toContain('no call has been made');
    expect((await llm(['ledger', 'rerate'])).err).toContain("'--since <day>' not specified");
  });
});

import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  attempt,
  dayBudget,
  holdRequest,
  look,
  openLedger,
  settlement,
  tamper,
  temporaryFolder,
} from '../../test/fixture.js';
import { compactLedgerFile } from './compact.js';
import { openLedgerFile } from './ledger-file.js';

const total = dayBudget({ window: 'total', limitNanoUsd: 1e12 });

async function spend(ledger: ReturnType<typeof openLedger>, calls: number): Promise<void> {
  const work = Array.from({ length: calls }, async () => {
    const request = holdRequest({ budgets: [total] });
    await ledger.hold(request);
    await ledger.settle(request.callId, settlement({ attempts: [attempt()] }));
  });
  await Promise.all(work);
}

describe('a ledger file that is only read', () => {
  it('is an empty ledger when it is not there, and is not made', () => {
    const path = join(temporaryFolder(), 'nothing.db');
    const file = openLedgerFile({ path, timezone: 'UTC' });
    expect(file.report({}).totals).toMatchObject({ calls: 0, costNanoUsd: 0 });
    expect([...file.attempts()]).toEqual([]);
    expect(file.budgets([total])).toMatchObject([{ spentNanoUsd: 0 }]);
    expect(file.accuracy({ sinceMs: 0, untilMs: 1 })).toEqual([]);
    expect(file.facts()).toMatchObject({ exists: false, bytes: 0, attempts: 0 });
    expect(file.verify().ok).toBe(true);
    file.close();
    expect(existsSync(path)).toBe(false);
  });

  it('is an empty ledger when nothing was written into it, until something is', async () => {
    const path = join(temporaryFolder(), 'empty.db');
    writeFileSync(path, '');
    const file = openLedgerFile({ path, timezone: 'UTC' });
    expect(file.facts()).toMatchObject({ exists: true, bytes: 0, attempts: 0 });
    expect(file.verify().ok).toBe(true);
    file.close();
    expect(readdirSync(dirname(path))).toEqual(['empty.db']);
    expect(statSync(path).size).toBe(0);

    const ledger = openLedger({ path });
    expect((await ledger.report({})).totals.calls).toBe(0);
    await spend(ledger, 3);
    expect((await ledger.report({})).totals.calls).toBe(3);
  });

  it('answers as the ledger does, while others write', async () => {
    const ledger = openLedger();
    await spend(ledger, 20);
    const file = openLedgerFile({ path: ledger.path });
    const writing = spend(ledger, 200);
    // Whatever it sees in between is whole: every line of one report belongs to the same moment.
    for (let look = 0; look < 20; look++) {
      const { rows, totals } = file.report({ by: 'unit', breakdown: true, sinceMs: 0 });
      expect(rows.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0)).toBe(totals.costNanoUsd);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await writing;
    await ledger.flush();
    for (const by of ['model', 'hour', 'unit', 'tag:user'] as const)
      expect(file.report({ by, sinceMs: 0 }).rows).toEqual((await ledger.report({ by, sinceMs: 0 })).rows);
    expect(file.budgets([total])).toEqual(await ledger.budgets({ budgets: [total] }));
    expect(file.facts()).toMatchObject({ exists: true, attempts: 220, openHolds: 0, timezone: 'UTC' });
    file.close();
  });

  it('may be a copy on a read-only medium', async () => {
    const ledger = openLedger();
    await spend(ledger, 3);
    const original = openLedgerFile({ path: ledger.path });
    const folder = join(temporaryFolder(), 'copy');
    mkdirSync(folder);
    const copy = join(folder, 'ledger.db');
    const shares: number[] = [];
    await original.backup(copy, (share) => shares.push(share));
    expect(shares.at(-1)).toBe(1);
    // For whom the ledger is, the copy is.
    expect(statSync(copy).mode & 0o777).toBe(0o600);
    original.close();
    chmodSync(copy, 0o400);
    chmodSync(folder, 0o500);
    try {
      const file = openLedgerFile({ path: copy });
      expect(file.report({ sinceMs: 0 }).totals.calls).toBe(3);
      expect(file.verify()).toMatchObject({ ok: true, attempts: 3 });
      file.close();
    } finally {
      chmodSync(folder, 0o700);
    }
  });

  it('of another program is refused with its name', () => {
    const path = join(temporaryFolder(), 'other.db');
    copyFileSync(new URL(import.meta.url), path);
    expect(() => openLedgerFile({ path })).toThrow(/other\.db cannot be used/);
    expect(() => openLedgerFile({ path: dirname(path) })).toThrow(
      /cannot be used: it is a folder\. Name the file in it/,
    );
  });

  it('finds rows by what they are, and by a part of their id', async () => {
    const ledger = openLedger();
    await spend(ledger, 5);
    await ledger.flush();
    const file = openLedgerFile({ path: ledger.path });
    const all = [...file.attempts()];
    expect(all).toHaveLength(5);
    expect([...file.attempts({ newestFirst: true, limit: 1 })]).toEqual(all.slice(-1));
    const [row] = all;
    expect([...file.attempts({ callId: row?.callId.slice(-6) ?? '' })]).toEqual([row]);
    expect([...file.attempts({ model: 'nobody' })]).toEqual([]);
    expect(row).toMatchObject({
      quantities: { input_token: 90, output_token: 40 },
      tags: { user: 'alice' },
      lines: [{ unit: 'input_token', quantity: 90 }, { unit: 'output_token' }],
      correctedNanoUsd: 0,
      last: true,
    });
    file.close();
  });

  it('knows how well costs were foreseen', async () => {
    const ledger = openLedger();
    for (const actualNanoUsd of [1_000_000, 20_000_000, null]) {
      const request = holdRequest({ budgets: [total] });
      await ledger.hold(request);
      await ledger.settle(request.callId, settlement({ attempts: [attempt({ actualNanoUsd })] }));
    }
    await ledger.flush();
    const file = openLedgerFile({ path: ledger.path });
    expect(file.accuracy({ sinceMs: 0, untilMs: Number.MAX_SAFE_INTEGER })).toEqual([
      {
        provider: 'qwen',
        endpoint: 'sg',
        model: 'qwen-plus',
        attempts: 2,
        estimatedNanoUsd: 10_000_000,
        actualNanoUsd: 21_000_000,
        above: 1,
        highestRatio: 4,
        overruns: 1,
        overrunNanoUsd: 10_000_000,
      },
    ]);
    file.close();
  });

  it('is smaller when it was compacted, and says the same', async () => {
    const ledger = openLedger();
    await spend(ledger, 300);
    await ledger.close();
    const before = look(ledger.path, (db) => db.prepare('SELECT count(*) FROM event').pluck().get());
    tamper(ledger.path, 'CREATE TABLE x (y); INSERT INTO x SELECT randomblob(9000) FROM event; DROP TABLE x');
    const { bytesBefore, bytesAfter } = compactLedgerFile(ledger.path);
    expect(bytesAfter).toBeLessThan(bytesBefore);
    expect(look(ledger.path, (db) => db.prepare('SELECT count(*) FROM event').pluck().get())).toBe(before);
    expect(() => compactLedgerFile(join(temporaryFolder(), 'nothing.db'))).toThrow(/there is no such file/);
  });
});

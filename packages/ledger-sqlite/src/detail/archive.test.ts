import type { ReportQuery } from '@vibe/core';
import BetterSqlite3 from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import {
  attempt,
  cent,
  dayBudget,
  holdRequest,
  leaseClock,
  look,
  moneyOf,
  settlement,
  type TestLedger,
  tamper,
} from '../../test/fixture.js';
import { quarterMs, start, threeDays } from '../../test/three-days.js';
import { archiveOldCalls } from '../file/compact.js';
import { openLedgerFile } from '../file/ledger-file.js';
import { archiveStart, archiveStep } from './archive.js';
import { foldDetails } from './fold.js';

const dayMs = 86_400_000;
const endMs = start + 3 * dayMs;
const total = dayBudget({ window: 'total', limitNanoUsd: 1e15 });

const groupings: readonly ReportQuery[] = [
  { by: 'model' },
  { by: 'error' },
  { by: 'hour' },
  { by: 'day', timezone: 'Asia/Kathmandu' },
  { by: 'tag:team' },
  { by: 'tag:team', breakdown: true },
  { by: 'unit' },
  { by: 'day', breakdown: true, timezone: 'America/New_York' },
  { by: 'status', breakdown: true },
];
const stretches: readonly Pick<ReportQuery, 'sinceMs' | 'untilMs'>[] = [
  { sinceMs: start, untilMs: endMs + 1 },
  { sinceMs: start + 7 * quarterMs, untilMs: start + 250 * quarterMs },
  { sinceMs: start + dayMs, untilMs: start + dayMs + 3 * quarterMs },
];

function reportsOf(path: string) {
  const file = openLedgerFile({ path, timezone: 'UTC', now: () => endMs });
  try {
    return groupings.flatMap((grouping) => stretches.map((stretch) => file.report({ ...grouping, ...stretch })));
  } finally {
    file.close();
  }
}

const countOf = (path: string, table: string) =>
  look(path, (db) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number);
const archiveBefore = (path: string, beforeMs: number) => archiveOldCalls(path, { beforeMs, now: () => endMs });

/** Three days of calls whose events are as old as their attempts. */
async function oldCalls(): Promise<{ ledger: TestLedger; path: string }> {
  const clock = leaseClock();
  clock.advance(start - Date.now());
  const { ledger } = await threeDays({ clockAheadMs: clock.clockAheadMs });
  await ledger.flush();
  return { ledger, path: ledger.path };
}

describe('old calls kept as sums', () => {
  it('change no report, no budget and no check, step by step and again', async () => {
    const { ledger, path } = await oldCalls();
    const before = reportsOf(path);
    const spent = await moneyOf(ledger, total);
    expect(spent[0]).toBeGreaterThan(0);
    const rows = { attempt: countOf(path, 'attempt'), event: countOf(path, 'event') };

    const first = await archiveBefore(path, start + dayMs);
    expect(first.attempts).toBeGreaterThan(50);
    expect(countOf(path, 'attempt')).toBe(rows.attempt - first.attempts);
    expect(countOf(path, 'event')).toBe(rows.event - first.events);
    expect(reportsOf(path)).toEqual(before);
    expect(await ledger.admin?.verify()).toMatchObject({ ok: true, problems: [] });

    const second = await archiveBefore(path, start + 2 * dayMs);
    expect(second.calls).toBeGreaterThan(50);
    expect(await archiveBefore(path, start + 2 * dayMs)).toEqual({ calls: 0, attempts: 0, events: 0 });
    expect(reportsOf(path)).toEqual(before);
    expect(await ledger.admin?.verify()).toMatchObject({ ok: true, problems: [] });
    expect(await moneyOf(ledger, total)).toEqual(spent);
  });

  it('survive a rebuild, and what comes afterwards is added', async () => {
    const { ledger, path } = await oldCalls();
    const before = reportsOf(path);
    const [spent] = await moneyOf(ledger, total);
    await archiveBefore(path, start + 2 * dayMs);
    await ledger.admin?.rebuild();
    expect(await ledger.admin?.verify()).toMatchObject({ ok: true, problems: [] });
    expect(reportsOf(path)).toEqual(before);
    foldDetails(path, endMs);
    expect(reportsOf(path)).toEqual(before);
    expect(await ledger.admin?.verify()).toMatchObject({ ok: true, problems: [] });

    const request = holdRequest({ budgets: [total], tags: { team: 't1' } });
    await ledger.hold(request);
    await ledger.settle(
      request.callId,
      settlement({ attempts: [attempt({ startedAtMs: start + 60_000, actualNanoUsd: cent })], tags: request.tags }),
    );
    expect(await moneyOf(ledger, total)).toEqual([spent + cent, 0]);
    foldDetails(path, endMs);
    const [, , , , , , , , , , , , byTag] = reportsOf(path);
    expect(byTag?.totals.costNanoUsd).toBe((before[12]?.totals.costNanoUsd ?? 0) + cent);
    expect(await ledger.admin?.verify()).toMatchObject({ ok: true, problems: [] });
  });

  it('are whole calls: with an open hold, a younger attempt or without an end they stay', async () => {
    const { ledger, path } = await oldCalls();
    const open = holdRequest({ budgets: [total], leaseMs: 1e9 });
    const straddling = holdRequest({ budgets: [total] });
    await Promise.all([ledger.hold(open), ledger.hold(straddling)]);
    const attempts = [
      attempt({ startedAtMs: start + 2 * dayMs - 1000, status: 'failed', errorCode: 'timeout', actualNanoUsd: 1 }),
      attempt({ attempt: 2, startedAtMs: start + 2 * dayMs + 1000, actualNanoUsd: 2 }),
    ];
    await ledger.settle(straddling.callId, settlement({ attempts }));
    const before = reportsOf(path);
    await archiveBefore(path, start + 2 * dayMs);
    const left = look(path, (db) =>
      db
        .prepare('SELECT call_id FROM attempt WHERE ts < ?')
        .pluck()
        .all(start + 2 * dayMs),
    );
    expect(left).toContain(straddling.callId);
    expect(await ledger.admin?.holds()).toMatchObject([{ callId: open.callId }]);
    expect(reportsOf(path)).toEqual(before);
    await ledger.settle(open.callId, settlement({ attempts: [attempt({ startedAtMs: start + 1000 })] }));
    expect(await ledger.admin?.verify()).toMatchObject({ ok: true, problems: [] });
  });

  it('count in the quarter hour they began in: stretches side by side add up', async () => {
    const { path } = await oldCalls();
    await archiveBefore(path, start + 3 * dayMs);
    const file = openLedgerFile({ path, timezone: 'UTC', now: () => endMs });
    for (const by of ['model', 'tag:team'] as const) {
      const costOf = (sinceMs: number, untilMs: number) => file.report({ by, sinceMs, untilMs }).totals.costNanoUsd;
      const middleMs = start + 123_456_789;
      expect(costOf(start, middleMs) + costOf(middleMs, endMs)).toBe(costOf(start, endMs));
    }
    file.close();
  });

  it('may take the newest event with them: what is corrected next is still seen', async () => {
    const { ledger, path } = await oldCalls();
    const [first, last] = look(path, (db) =>
      db.prepare('SELECT call_id FROM attempt WHERE last = 1 AND attempt > 0 ORDER BY rowid').pluck().all(),
    ).filter((_, index, all) => index === 0 || index === all.length - 1) as [string, string];
    for (let time = 0; time < 3; time++) await ledger.admin?.correct(first, { deltaNanoUsd: 1, reason: 'price' });
    await archiveBefore(path, endMs + dayMs);
    await ledger.admin?.correct(last, { deltaNanoUsd: 5, reason: 'price' });
    expect(await ledger.admin?.verify()).toMatchObject({ ok: true, problems: [] });
    foldDetails(path, endMs);
    expect(await ledger.admin?.verify()).toMatchObject({ ok: true, problems: [] });
    const [byTeam, byModel] = await Promise.all(
      (['tag:team', 'model'] as const).map((by) => ledger.report({ by, sinceMs: start, untilMs: endMs + dayMs })),
    );
    expect(byTeam?.totals.costNanoUsd).toBe(byModel?.totals.costNanoUsd);
  });

  it('may be half done: every step is whole', async () => {
    const { ledger, path } = await oldCalls();
    const before = reportsOf(path);
    foldDetails(path, endMs);
    const db = new BetterSqlite3(path);
    const step = archiveStep(db, start + 2 * dayMs, archiveStart, 10);
    expect(step).toMatchObject({ calls: 10 });
    expect(step?.next).not.toBeNull();
    db.close();
    expect(reportsOf(path)).toEqual(before);
    expect(await ledger.admin?.verify()).toMatchObject({ ok: true, problems: [] });
    const stopped = AbortSignal.abort(new Error('enough'));
    await expect(archiveOldCalls(path, { beforeMs: start + dayMs, signal: stopped })).rejects.toThrow('enough');
    expect(await ledger.admin?.verify()).toMatchObject({ ok: true, problems: [] });
  });

  it.each([
    ['sums', 'UPDATE archive SET cells = replace(cells, \'{"ok":1}\', \'{"ok":2}\')'],
    ['money', 'UPDATE archive_total SET spent_nano = spent_nano + 1'],
  ])('are checked: %s that were changed are found', async (_what, sql) => {
    const { ledger, path } = await oldCalls();
    await archiveBefore(path, start + 2 * dayMs);
    tamper(path, sql);
    expect((await ledger.admin?.verify())?.ok).toBe(false);
  });

  it('cannot be corrected any more, and the refusal says why', async () => {
    const { ledger, path } = await oldCalls();
    const gone = look(
      path,
      (db) => db.prepare('SELECT call_id FROM attempt ORDER BY ts LIMIT 1').pluck().get() as string,
    );
    await archiveBefore(path, start + 2 * dayMs);
    await expect(ledger.admin?.correct(gone, { deltaNanoUsd: 1, reason: 'x' })).rejects.toThrow(
      /only sums may be left/,
    );
    await expect(archiveOldCalls(`${path}-not`, { beforeMs: 0 })).rejects.toThrow(/no such file/);
  });
});

import { copyFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Report, ReportQuery } from '@vibe/core';
import BetterSqlite3 from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import {
  attempt,
  cent,
  holdRequest,
  leaseClock,
  look,
  openLedger,
  settlement,
  tamper,
  temporaryFolder,
} from '../../test/fixture.js';
import { quarterMs, start, threeDays } from '../../test/three-days.js';
import { openLedgerFile } from '../file/ledger-file.js';
import { foldDetails, foldStep } from './fold.js';
import { unfoldedAttempts } from './read-details.js';

const dayMs = 86_400_000;
const endMs = start + 3 * dayMs;

const groupings: readonly ReportQuery[] = [
  { by: 'tag:team' },
  { by: 'tag:nobody' },
  { by: 'tag:team', breakdown: true },
  { by: 'unit' },
  { by: 'unit', breakdown: true },
  { by: 'model', breakdown: true },
  { by: 'endpoint', breakdown: true },
  { by: 'error', breakdown: true },
  { by: 'hour', breakdown: true },
  { by: 'day', breakdown: true, timezone: 'Asia/Kathmandu' },
  { by: 'day', breakdown: true, timezone: 'America/New_York' },
];

const stretches: readonly Pick<ReportQuery, 'sinceMs' | 'untilMs'>[] = [
  { sinceMs: start, untilMs: endMs + 1 },
  { sinceMs: start + 7 * quarterMs, untilMs: start + 200 * quarterMs },
  { sinceMs: start + 12_345_678, untilMs: start + 198_765_432 },
  { sinceMs: start + 1000, untilMs: start + 61_000 },
  { sinceMs: start + dayMs },
];

const queries = groupings.flatMap((grouping) => stretches.map((stretch) => ({ ...grouping, ...stretch })));

/** All reports of a file, as they are without a thread and without writing. */
function reportsOf(path: string): readonly Report[] {
  const file = openLedgerFile({ path, timezone: 'UTC', now: () => endMs });
  try {
    return queries.map((query) => file.report(query));
  } finally {
    file.close();
  }
}

/** The same, added up from single attempts. */
function reportsWithoutDetails(path: string): readonly Report[] {
  const copy = join(temporaryFolder(), 'copy.db');
  const db = new BetterSqlite3(path);
  db.prepare('VACUUM INTO ?').run(copy);
  db.close();
  tamper(copy, "DELETE FROM detail; DELETE FROM meta WHERE key = 'detail_mark'");
  return reportsOf(copy);
}

const unfolded = (path: string) => look(path, unfoldedAttempts);
const fold = (path: string) => foldDetails(path, endMs);

describe('details', () => {
  it('give the same reports as the attempts, to the nano-dollar, in every zone and over odd minutes', async () => {
    const { ledger } = await threeDays();
    const before = reportsOf(ledger.path);
    expect(unfolded(ledger.path)).toBeGreaterThan(300);
    fold(ledger.path);
    expect(unfolded(ledger.path)).toBe(0);
    expect(reportsOf(ledger.path)).toEqual(before);
    expect(before[0]?.totals.costNanoUsd).toBeGreaterThan(0);
    expect(await ledger.admin?.verify()).toMatchObject({ ok: true, problems: [] });
  });

  it('come about in steps of any size, by several processes at once', async () => {
    const { ledger } = await threeDays();
    const before = reportsOf(ledger.path);
    const [one, other] = [new BetterSqlite3(ledger.path), new BetterSqlite3(ledger.path)];
    for (let goesOn = true; goesOn; ) goesOn = [foldStep(one, 7), foldStep(other, 11)].includes(true);
    one.close();
    other.close();
    expect(unfolded(ledger.path)).toBe(0);
    expect(reportsOf(ledger.path)).toEqual(before);
  });

  it('take in what has come since: calls, corrections, and the truth about expired holds', async () => {
    const clock = leaseClock();
    const now = () => endMs - 1;
    const ledger = openLedger({ now, seams: { clockAheadMs: clock.clockAheadMs } });
    const late = holdRequest({ callId: 'late', tags: { team: 't1' } });
    const calls = Array.from({ length: 30 }, (_, index) => {
      const request = holdRequest({ tags: { team: `t${index % 2}` } });
      const startedAtMs = start + index * 7_000_000;
      const done = settlement({
        attempts: [attempt({ startedAtMs, actualNanoUsd: cent + index })],
        tags: request.tags,
      });
      return { request, done };
    });
    const settle = ({ request, done }: (typeof calls)[number]) =>
      ledger.hold(request).then(() => ledger.settle(request.callId, done));
    // The row of its expiry lies in the reports.
    clock.advance(start + dayMs - Date.now());
    await ledger.hold(late);
    await ledger.admin?.resolve('late', 'spent');
    // What is corrected below was held in another quarter hour.
    clock.advance(5 * 3_600_000);
    await Promise.all(calls.slice(0, 20).map(settle));
    fold(ledger.path);
    const first = reportsOf(ledger.path);

    await Promise.all(calls.slice(20).map(settle));
    await ledger.settle(
      'late',
      settlement({ attempts: [attempt({ startedAtMs: start + 5_000_000, actualNanoUsd: 7 })], tags: late.tags }),
    );
    await ledger.admin?.correct(calls[3]?.request.callId ?? '', { deltaNanoUsd: -5, reason: 'test' });
    await ledger.admin?.correct(calls[4]?.request.callId ?? '', { deltaNanoUsd: 5, reason: 'test' });
    const truth = reportsWithoutDetails(ledger.path);
    expect(truth).not.toEqual(first);
    expect(reportsOf(ledger.path)).toEqual(truth);
    expect(await ledger.admin?.verify()).toMatchObject({ ok: true });
    fold(ledger.path);
    expect(unfolded(ledger.path)).toBe(0);
    expect(reportsOf(ledger.path)).toEqual(truth);
    expect(await ledger.admin?.verify()).toMatchObject({ ok: true });
  });

  it('are brought up to date by the report of a client, which waits for nobody', async () => {
    const { ledger } = await threeDays();
    tamper(
      ledger.path,
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
       INSERT INTO attempt (call_id, attempt, ts, status, usage_unknown, target_id, charged_nano, last, tags_json)
         SELECT 'more-' || i, 1, ${start} + i * 1000, 'ok', 0, 1, 3, 1, '{"team":"more"}' FROM n`,
    );
    const more = async () =>
      (await ledger.report({ by: 'tag:team', sinceMs: start, untilMs: endMs })).rows.find(({ key }) => key === 'more');
    expect(await more()).toMatchObject({ calls: 1500, costNanoUsd: 4500 });
    expect(unfolded(ledger.path)).toBe(0);
    expect(await more()).toMatchObject({ calls: 1500, costNanoUsd: 4500 });
  });

  it('begin anew when the rows were numbered anew', async () => {
    const { ledger } = await threeDays();
    const before = reportsOf(ledger.path);
    fold(ledger.path);
    tamper(ledger.path, 'UPDATE attempt SET rowid = -rowid; UPDATE attempt SET rowid = 5000 + rowid');
    expect(reportsOf(ledger.path)).toEqual(before);
    fold(ledger.path);
    expect(unfolded(ledger.path)).toBe(0);
    expect(reportsOf(ledger.path)).toEqual(before);
  });

  it('know tags with a value of its own for every call', async () => {
    const { ledger } = await threeDays();
    tamper(
      ledger.path,
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10100)
       INSERT INTO attempt (call_id, attempt, ts, status, usage_unknown, target_id, charged_nano, last, tags_json)
         SELECT 'more-' || i, 1, ${start} + i * 8000, 'ok', 0, 1, i, 1, '{"request":"__proto__' || i || '"}' FROM n`,
    );
    fold(ledger.path);
    const days = "SELECT count(*) FROM detail WHERE span_min = 1440 AND kind = 'tag:request' AND cells = ''";
    expect(look(ledger.path, (db) => db.prepare(days).pluck().get())).toBe(1);
    const { rows, totals } = await ledger.report({ by: 'tag:request', sinceMs: start, untilMs: start + dayMs });
    expect(rows).toHaveLength(10_101);
    expect(rows.find(({ key }) => key === '__proto__77')).toMatchObject({ calls: 1, costNanoUsd: 77 });
    expect(rows.reduce((sum, row) => sum + row.costNanoUsd, 0)).toBe(totals.costNanoUsd);
  });

  it('are right in a copy that nobody may write', async () => {
    const { ledger } = await threeDays();
    const before = reportsOf(ledger.path);
    await ledger.close();
    const copy = join(temporaryFolder(), 'copy.db');
    copyFileSync(ledger.path, copy);
    tamper(copy, "CREATE TRIGGER no BEFORE INSERT ON detail BEGIN SELECT raise(ABORT, 'no'); END");
    fold(copy);
    expect(look(copy, unfoldedAttempts)).toBeGreaterThan(300);
    expect(reportsOf(copy)).toEqual(before);
  });

  it.each([
    ['a quarter hour', "UPDATE detail SET cells = replace(cells, '[1,', '[2,') WHERE span_min = 15 AND kind = 'unit'"],
    ['a day', "UPDATE detail SET cells = '{}' WHERE span_min = 1440 AND kind = 'tag:team'"],
    [
      'a lost quarter hour',
      "DELETE FROM detail WHERE span_min = 15 AND kind = 'target' AND slot_ms < 1763640000000 + 1e11",
    ],
  ])('are checked: %s that differs is found, and mended by a rebuild', async (_what, sql) => {
    const { ledger } = await threeDays();
    const before = reportsOf(ledger.path);
    fold(ledger.path);
    tamper(ledger.path, sql);
    const found = await ledger.admin?.verify();
    expect(found?.ok).toBe(false);
    expect(found?.problems.join('\n')).toContain('detail of');
    await ledger.admin?.rebuild();
    expect(await ledger.admin?.verify()).toMatchObject({ ok: true });
    fold(ledger.path);
    expect(reportsOf(ledger.path)).toEqual(before);
  });
});

describe('a file from before there were details', () => {
  /** As the version before has left it. */
  async function oldFile(): Promise<{ readonly path: string; readonly before: readonly Report[] }> {
    const { ledger } = await threeDays();
    const before = reportsOf(ledger.path);
    await ledger.close();
    const path = join(temporaryFolder(), 'old.db');
    copyFileSync(ledger.path, path);
    tamper(path, 'DROP TABLE detail; DROP TABLE archive; DROP TABLE archive_total; PRAGMA user_version = 2');
    return { path, before };
  }

  it('is read as it is, and not changed by that', async () => {
    const { path, before } = await oldFile();
    expect(reportsOf(path)).toEqual(before);
    const file = openLedgerFile({ path, now: () => endMs });
    expect(file.verify()).toMatchObject({ ok: true });
    expect(file.unfolded()).toBeGreaterThan(300);
    file.close();
    fold(path);
    expect(look(path, (db) => db.pragma('user_version', { simple: true }))).toBe(2);
  });

  it('is migrated by the next writer, with a copy beside it', async () => {
    const { path, before } = await oldFile();
    const ledger = openLedger({ path, now: () => endMs });
    await ledger.hold(holdRequest());
    expect(look(path, (db) => db.pragma('user_version', { simple: true }))).toBe(3);
    expect(readdirSync(dirname(path)).some((name) => name.startsWith('old.db.v2-'))).toBe(true);
    fold(path);
    expect(reportsOf(path).slice(0, 4)).toEqual(before.slice(0, 4));
    expect(await ledger.admin?.verify()).toMatchObject({ ok: true });
  });
});

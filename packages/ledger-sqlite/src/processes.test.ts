import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runTogether, startChild } from '../test/children.js';
import {
  builtIndex,
  cent,
  costing,
  holdRequest,
  leaseClock,
  look,
  openLedger,
  tamper,
  temporaryFolder,
  usd,
} from '../test/fixture.js';

const program = fileURLToPath(new URL('../test/hold-worker.mjs', import.meta.url));
/** At least so many kills, and more until so many operations were acknowledged: a slow disk takes longer. */
const killRounds = Number(process.env['VIBE_KILL_ROUNDS'] ?? 15);
const minAcknowledged = 100_000;
const maxKillRounds = 4 * killRounds;
const killAfterMs = 500;
/** Rounds beyond the first ones, on a machine that is too slow or too busy for as many operations, are longer. */
const longerRounds = 8;

const start = (args: readonly (string | number)[], env: Record<string, string> = {}) => startChild(program, args, env);

function together(processes: number, args: readonly (string | number)[], env: Record<string, string> = {}) {
  return runTogether<{ admitted: number; ms: number; warnings: number }>(program, processes, args, env);
}

const sumOf = (results: readonly { admitted: number }[]) => results.reduce((sum, { admitted }) => sum + admitted, 0);

describe('four processes on one file', () => {
  it('admit together exactly what the budget affords, without a lock error', async () => {
    const ledger = openLedger();
    const limit = 1500 * cent;
    const results = await together(4, [ledger.path, 1000, 250, 'hold'], { LIMIT: String(limit) });
    expect(sumOf(results)).toBe(1500);
    expect(results.map(({ warnings }) => warnings)).toEqual([0, 0, 0, 0]);
    expect(await ledger.budgets()).toMatchObject([{ heldNanoUsd: limit }, { heldNanoUsd: limit }]);
    expect(await ledger.admin?.verify()).toMatchObject({ ok: true, openHolds: 1500 });
  });

  it('would overspend if they looked first and wrote then (negative control)', async () => {
    const ledger = openLedger();
    await ledger.hold(holdRequest({ amountNanoUsd: 0 }));
    await ledger.close();
    tamper(ledger.path, "INSERT INTO meta (key, value) VALUES ('naive', '0')");
    const results = await together(4, [ledger.path, 250, 50, 'naive'], { LIMIT: String(usd) });
    expect(sumOf(results)).toBeGreaterThan(100);
  });
});

describe('a killed process', () => {
  it(`loses nothing that was acknowledged, in ${killRounds} kills and ${minAcknowledged} operations`, async () => {
    const ledger = openLedger();
    const acknowledged = new Set<string>();
    for (let round = 0; round < killRounds || (acknowledged.size < minAcknowledged && round < maxKillRounds); round++) {
      const child = start([ledger.path, 1e9, 300, 'endless'], { LIMIT: String(5_000_000 * usd) });
      await child.said('ready');
      child.process.stdin.write('go\n');
      await child.said('h ');
      const longer = round < killRounds ? 1 : longerRounds;
      setTimeout(() => child.process.kill('SIGKILL'), killAfterMs * longer * (0.25 + Math.random()));
      await child.ended;
      for (const line of child.lines) if (line.startsWith('h ') || line.startsWith('s ')) acknowledged.add(line);
    }
    const written = look(ledger.path, (db) => {
      expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
      return new Set(
        db.prepare("SELECT CASE kind WHEN 'hold' THEN 'h ' ELSE 's ' END || call_id FROM event").pluck().all(),
      );
    });
    expect([...acknowledged].filter((line) => !written.has(line))).toEqual([]);
    expect(acknowledged.size).toBeGreaterThanOrEqual(minAcknowledged);
    expect(await ledger.admin?.verify()).toMatchObject({ ok: true });

    const orphans = (await ledger.admin?.holds())?.length ?? 0;
    const clock = leaseClock();
    clock.advance(61_000);
    const reaper = openLedger({ path: ledger.path, seams: { clockAheadMs: clock.clockAheadMs } });
    const last = holdRequest();
    await reaper.hold(last);
    await reaper.settle(last.callId, costing(0));
    expect(await reaper.admin?.verify()).toMatchObject({ ok: true, openHolds: 0 });
    expect((await reaper.report({})).totals.expired).toBe(orphans);
  }, 600_000);
});

describe('a short script', () => {
  const open = (path: string) => `
    import { sqliteLedger } from ${JSON.stringify(builtIndex)};
    const ledger = sqliteLedger({ path: ${JSON.stringify(path)}, limiter: false }).create({ now: Date.now, random: Math.random, warn: console.error });
    const request = ${JSON.stringify(holdRequest())};
    const settlement = ${JSON.stringify(costing(cent))};`;

  function run(body: (path: string) => string) {
    const folder = temporaryFolder();
    const path = join(folder, 'ledger.db');
    writeFileSync(join(folder, 'script.mjs'), open(path) + body(path));
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'script.mjs')], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    return { path, status, stdout, stderr };
  }

  it('without close() ends by itself, with everything written', () => {
    const { path, ...result } = run(
      () => `
        await ledger.hold(request);
        await ledger.block({ callId: 'b', traceId: 't', status: 'blocked', errorCode: 'no_route', errorMessage: '', target: null, estimatedNanoUsd: null, tags: {}, waitMs: 0, totalMs: 0 });
        ledger.settle(request.callId, settlement);
        console.log('answer');`,
    );
    expect(result).toEqual({ status: 0, stdout: 'answer\n', stderr: '' });
    expect(look(path, (db) => db.prepare('SELECT status FROM attempt ORDER BY status').pluck().all())).toEqual([
      'blocked',
      'ok',
    ]);
  });

  it('that leaves a hold open is not kept alive by it', () => {
    const { status, stderr } = run(() => 'await ledger.hold(request); await ledger.budgets();');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('that only loads and configures the plugin starts no thread', () => {
    const result = run(
      () => 'console.log(process.getActiveResourcesInfo().filter((name) => /worker|port/i.test(name)).length)',
    );
    expect(result).toMatchObject({ status: 0, stdout: '0\n', stderr: '' });
  });
});

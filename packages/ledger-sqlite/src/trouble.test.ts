import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { VibeError } from '@vibe/core';
import { describe, expect, it } from 'vitest';
import {
  cent,
  costing,
  holdRequest,
  leaseClock,
  lock,
  look,
  moneyOf,
  openLedger,
  type TestLedger,
  tamper,
  temporaryFolder,
  writerUrl,
} from '../test/fixture.js';

async function errorOf(work: Promise<unknown>): Promise<VibeError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!VibeError.is(error)) throw new Error('it did not fail with a VibeError');
  return error;
}

const firstHold = (ledger: TestLedger) => errorOf(ledger.hold(holdRequest()));

describe('a file that cannot be used', () => {
  it.each([
    [
      'is no database',
      (path: string) => writeFileSync(path, 'not a database, but long enough to be taken for a header'.repeat(100)),
      /is not a SQLite database/,
    ],
    ['is a folder', (path: string) => mkdirSync(path), /cannot be opened/],
    [
      'belongs to another program',
      (path: string) => tamper(path, 'CREATE TABLE theirs (x)'),
      /a database of another program/,
    ],
    ['is of a newer version', newerFile, /written by a newer version \(schema 99.*Update @vibe\/ledger-sqlite/],
  ])('because it %s fails the first hold with path, reason and remedy', async (_what, make, message) => {
    const path = join(temporaryFolder(), 'ledger.db');
    await make(path);
    const ledger = openLedger({ path });
    const error = await firstHold(ledger);
    expect(error.code).toBe('ledger_unavailable');
    expect(error.message).toContain(path);
    expect(error.message).toMatch(message);
    expect(error.next.length).toBeGreaterThan(0);
    expect((await errorOf(ledger.report({}))).code).toBe('ledger_unavailable');
  });

  it('because it is corrupt inside says so, and loses nothing of what was there', async () => {
    const ledger = openLedger();
    const request = holdRequest();
    await ledger.hold(request);
    await ledger.close();
    const rootPage = look(
      ledger.path,
      (db) => db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'event'").pluck().get() as number,
    );
    const { openSync, writeSync, closeSync } = await import('node:fs');
    const file = openSync(ledger.path, 'r+');
    writeSync(file, Buffer.alloc(4096, 0x5a), 0, 4096, (rootPage - 1) * 4096);
    closeSync(file);
    const error = await firstHold(openLedger({ path: ledger.path }));
    expect(error).toMatchObject({ code: 'ledger_unavailable', message: /the database is corrupt/ });
    expect(await errorOf(openLedger({ path: ledger.path }).admin?.verify() as Promise<unknown>)).toMatchObject({
      code: 'ledger_unavailable',
    });
  });

  it('because its folder may not be written says so', async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o555);
    const output = runAs('nobody', holdScript(join(folder, 'ledger.db')));
    expect(output).toMatch(/ledger_unavailable .*ledger\.db cannot be used: .*permission|cannot be opened/);
  });

  it('because it may not be written says so, and can still be read', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'ledger.db');
    const ledger = openLedger({ path });
    await ledger.hold(holdRequest());
    await ledger.close();
    chmodSync(folder, 0o555);
    chmodSync(path, 0o444);
    expect(runAs('nobody', holdScript(path))).toMatch(/ledger_unavailable .*no permission to write it/);
    expect(runAs('nobody', budgetsScript(path))).toContain('held 10000000');
  });

  it('because the disk is full fails what does not fit, keeps the rest, and goes on when there is room', async () => {
    const path = join(temporaryFolder(), 'ledger.db');
    const first = openLedger({ path });
    await first.hold(holdRequest());
    await first.close();
    const pages = look(path, (db) => db.pragma('page_count', { simple: true }) as number);
    const full = openLedger({ path, seams: { maxPageCount: pages } });
    const big = holdRequest({ traceId: 'x'.repeat(20_000) });
    expect(await errorOf(full.hold(big))).toMatchObject({ code: 'ledger_unavailable', message: /the disk is full/ });
    expect(await moneyOf(full)).toEqual([0, cent]);
    await full.close();
    const roomy = openLedger({ path });
    await roomy.hold(big);
    expect(await roomy.admin?.verify()).toMatchObject({ ok: true, openHolds: 2 });
  });

  it('because another program keeps it locked says so after the deadline, and goes on afterwards', async () => {
    const ledger = openLedger({ seams: { lockDeadlineMs: 50 } });
    await ledger.hold(holdRequest());
    const { unlock } = lock(ledger.path);
    const request = holdRequest();
    expect(await errorOf(ledger.hold(request))).toMatchObject({ code: 'ledger_unavailable', message: /locked/ });
    expect(await moneyOf(ledger)).toEqual([0, cent]);
    unlock();
    await ledger.hold(request);
    expect(await moneyOf(ledger)).toEqual([0, 2 * cent]);
  });

  it('because another program keeps it locked is still read', async () => {
    const ledger = openLedger({ seams: { lockDeadlineMs: 60_000 } });
    await ledger.hold(holdRequest());
    const { unlock } = lock(ledger.path);
    const waiting = ledger.hold(holdRequest());
    expect((await ledger.budgets()).map(({ heldNanoUsd }) => heldNanoUsd)).toEqual([cent]);
    unlock();
    await waiting;
    expect(await moneyOf(ledger)).toEqual([0, 2 * cent]);
  });

  it('because it was deleted while it was open is not replaced by an empty one', async () => {
    const ledger = openLedger();
    await ledger.hold(holdRequest());
    const aside = `${ledger.path}.aside`;
    renameSync(ledger.path, aside);
    for (let time = 0; time < 2; time++) {
      expect(await errorOf(ledger.hold(holdRequest()))).toMatchObject({
        code: 'ledger_unavailable',
        message: /deleted or replaced while it was open/,
      });
    }
    for (const question of [ledger.budgets(), ledger.report({})])
      expect(await errorOf(question)).toMatchObject({ code: 'ledger_unavailable', message: /deleted or replaced/ });
    renameSync(aside, ledger.path);
    await ledger.hold(holdRequest());
    expect(await moneyOf(ledger)).toEqual([0, 2 * cent]);
  });

  it('because its worker was bundled away says how to keep the package out of the bundle', async () => {
    const ledger = openLedger({ writerUrl: pathToFileURL(join(temporaryFolder(), 'writer.js')) });
    expect(await firstHold(ledger)).toMatchObject({ code: 'ledger_unavailable', message: /external in your bundler/ });
  });
});

/** A writer that ends itself at the command with a marked trace: before it writes, or after it has answered nothing. */
function mortalWriter(): URL {
  const url = pathToFileURL(join(temporaryFolder(), 'writer.mjs'));
  const source = `import threads from 'node:worker_threads';
    import { syncBuiltinESMExports } from 'node:module';
    const { parentPort, receiveMessageOnPort } = threads;
    const has = (message, mark) => Array.isArray(message) && message.includes(mark);
    const look = (message) => {
      if (has(message, 'die before')) process.exit(7);
      if (has(message, 'die after')) parentPort.postMessage = () => process.exit(7);
      return message;
    };
    const on = parentPort.on.bind(parentPort);
    parentPort.on = (name, listener) => on(name, (message) => listener(look(message)));
    threads.receiveMessageOnPort = (port) => {
      const received = receiveMessageOnPort(port);
      return received === undefined ? undefined : { message: look(received.message) };
    };
    syncBuiltinESMExports();
    await import(${JSON.stringify(writerUrl.href)});`;
  writeFileSync(url, source);
  return url;
}

describe('a writer thread that dies', () => {
  it.each(['die before', 'die after'])(
    '(%s writing) rejects what was under way; the same hold again counts once',
    async (traceId) => {
      const ledger = openLedger({ writerUrl: mortalWriter() });
      await ledger.hold(holdRequest());
      const request = holdRequest({ traceId });
      const error = await errorOf(ledger.hold(request));
      expect(error).toMatchObject({
        code: 'ledger_unavailable',
        message: /can be repeated safely/,
        details: { outcome: 'unknown' },
      });
      await ledger.hold({ ...request, traceId: 'fine' });
      expect(await moneyOf(ledger)).toEqual([0, 2 * cent]);
      expect(ledger.counters().writerRestarts).toBe(1);
      await ledger.settle(request.callId, costing(cent));
      expect(await moneyOf(ledger)).toEqual([cent, cent]);
      expect(await ledger.admin?.verify()).toMatchObject({ ok: true });
    },
  );

  it('leaves no hold behind for a call that was never sent', async () => {
    const clock = leaseClock();
    const ledger = openLedger({ writerUrl: mortalWriter(), seams: { clockAheadMs: clock.clockAheadMs } });
    const living = holdRequest();
    await ledger.hold(living);
    await errorOf(ledger.hold(holdRequest({ traceId: 'die after' })));
    expect(await moneyOf(ledger)).toEqual([0, 2 * cent]);
    await ledger.admin?.rebuild();
    clock.advance(60_001);
    await ledger.hold(holdRequest());
    expect(await moneyOf(ledger)).toEqual([0, 2 * cent]);
    expect((await ledger.admin?.holds())?.[0]?.callId).toBe(living.callId);
    expect(await ledger.admin?.verify()).toMatchObject({ ok: true });
  });
});

describe('a writer thread that dies while the file gets locked', () => {
  it('leaves no hold behind either, once the file can be used again', async () => {
    const clock = leaseClock();
    const ledger = openLedger({
      writerUrl: mortalWriter(),
      seams: { clockAheadMs: clock.clockAheadMs, lockDeadlineMs: 50 },
    });
    await ledger.hold(holdRequest());
    await errorOf(ledger.hold(holdRequest({ traceId: 'die after' })));
    // The next thread meets this at its start, before it hears of the hold that nobody wants.
    const { unlock } = lock(ledger.path);
    await errorOf(ledger.hold(holdRequest()));
    unlock();
    await ledger.flush();
    clock.advance(60_001);
    await ledger.hold(holdRequest());
    expect(await moneyOf(ledger)).toEqual([0, 2 * cent]);
    expect(await ledger.admin?.verify()).toMatchObject({ ok: true });
  });

  it('keeps a hold that was asked for again meanwhile', async () => {
    const clock = leaseClock();
    const ledger = openLedger({
      writerUrl: mortalWriter(),
      seams: { clockAheadMs: clock.clockAheadMs, lockDeadlineMs: 50 },
    });
    const request = holdRequest({ traceId: 'die after' });
    await errorOf(ledger.hold(request));
    const { unlock } = lock(ledger.path);
    await errorOf(ledger.hold(holdRequest()));
    unlock();
    await ledger.hold({ ...request, traceId: 'fine' });
    await ledger.flush();
    clock.advance(60_001);
    await ledger.hold(holdRequest());
    expect(await moneyOf(ledger)).toEqual([0, 2 * cent]);
    expect((await ledger.admin?.holds())?.map(({ callId }) => callId)).toContain(request.callId);
  });
});

describe('a new file', () => {
  it('may be made by many threads at the same moment', async () => {
    for (let round = 0; round < 4; round++) {
      const path = join(temporaryFolder(), 'ledger.db');
      const ledgers = Array.from({ length: 5 }, () => openLedger({ path }));
      await Promise.all(ledgers.map((ledger) => ledger.hold(holdRequest())));
      expect(await moneyOf(ledgers[0] as TestLedger)).toEqual([0, 5 * cent]);
      await Promise.all(ledgers.map((ledger) => ledger.close()));
    }
  });
});

describe('a closed ledger', () => {
  it('tells of settlements that it could not write, also of one that was still on its way', async () => {
    const ledger = openLedger({ seams: { lockDeadlineMs: 50 } });
    const request = holdRequest();
    await ledger.hold(request);
    const { unlock } = lock(ledger.path);
    const settled = errorOf(ledger.settle(request.callId, costing(cent)));
    expect(await errorOf(ledger.close())).toMatchObject({
      code: 'ledger_unavailable',
      message: /1 settled calls are not written yet/,
    });
    expect((await settled).code).toBe('ledger_unavailable');
    unlock();
  });

  it('has written everything and refuses more', async () => {
    const ledger = openLedger();
    const request = holdRequest();
    await ledger.hold(request);
    const settled = ledger.settle(request.callId, costing(cent));
    await Promise.all([ledger.close(), ledger.close()]);
    await settled;
    expect(await errorOf(ledger.hold(holdRequest()))).toMatchObject({
      code: 'ledger_unavailable',
      message: /is closed/,
    });
    expect(await errorOf(ledger.hold(holdRequest({ strict: false })))).toMatchObject({ code: 'ledger_unavailable' });
    expect(await errorOf(ledger.report({}))).toMatchObject({ code: 'ledger_unavailable', message: /is closed/ });
    expect(readdirSync(join(ledger.path, '..'))).toEqual(['ledger.db']);
  });

  it('that was never used has made no file', async () => {
    const ledger = openLedger();
    expect(await moneyOf(ledger)).toEqual([0, 0]);
    expect((await ledger.report({})).totals.calls).toBe(0);
    expect(await ledger.admin?.verify()).toMatchObject({ ok: true, events: 0 });
    await ledger.flush();
    await ledger.close();
    expect(readdirSync(join(ledger.path, '..'))).toEqual([]);
  });
});

async function newerFile(path: string): Promise<void> {
  const ledger = openLedger({ path });
  await ledger.hold(holdRequest());
  await ledger.close();
  tamper(path, 'PRAGMA user_version = 99');
}

const distIndex = new URL('../dist/index.js', import.meta.url).href;

const openScript = (path: string) => `
  import { sqliteLedger } from ${JSON.stringify(distIndex)};
  const host = { now: Date.now, random: Math.random, warn() {} };
  const ledger = sqliteLedger({ path: ${JSON.stringify(path)}, timezone: 'UTC', limiter: false }).create(host);`;
const holdScript = (path: string) => `${openScript(path)}
  await ledger.hold(${JSON.stringify(holdRequest())}).catch((error) => console.log(error.code, error.message));`;
const budgetsScript = (path: string) => `${openScript(path)}
  for (const state of await ledger.budgets()) console.log('held', state.heldNanoUsd);`;

/** Root may write everything, so a test of permissions needs somebody else. */
function runAs(user: 'nobody', script: string): string {
  const isRoot = process.getuid?.() === 0;
  const identity = isRoot
    ? { uid: Number(execFileSync('id', ['-u', user])), gid: Number(execFileSync('id', ['-g', user])) }
    : {};
  const file = join(temporaryFolder(), 'script.mjs');
  writeFileSync(file, script);
  chmodSync(join(file, '..'), 0o755);
  try {
    return execFileSync(process.execPath, [file], {
      ...identity,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] },
    });
  } finally {
    rmSync(file);
  }
}

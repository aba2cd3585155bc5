import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { holdRequest, leaseClock, lock, look, tamper, target, temporaryFolder, writerUrl } from '../../test/fixture.js';
import { openStore, type TestStore } from '../../test/limiter-store.js';
import { stateOf } from '../../test/rate-process.js';

const other = { ...target, model: 'other' };
const alone = (store: TestStore) => store.limiter.counters().decidedAlone;

/** Calls until the file is used again; each of them is decided all the same. */
async function untilShared(store: TestStore): Promise<void> {
  for (;;) {
    const before = alone(store);
    await store.take({}, { target: other });
    if (alone(store) === before) return;
    // Lets the thread's answer in.
    await new Promise(setImmediate);
  }
}

describe('a file that cannot be used', () => {
  const troubles: Readonly<Record<string, (store: TestStore) => () => void>> = {
    'is locked': ({ path }) => lock(path).unlock,
    'was deleted': ({ path }) => {
      renameSync(path, `${path}.aside`);
      return () => renameSync(`${path}.aside`, path);
    },
    'refuses to be written': ({ path }) => {
      tamper(path, "CREATE TRIGGER refuse BEFORE INSERT ON rate_entry BEGIN SELECT RAISE(ABORT, 'refused'); END");
      return () => tamper(path, 'DROP TRIGGER refuse');
    },
  };

  it.each(Object.entries(troubles))(
    'because it %s loses no call, keeps the limits of this process, and is told once',
    async (_, cause) => {
      const store = openStore({ seams: { lockDeadlineMs: 30 } });
      const limits = { rpm: 3 };
      await store.take(limits);
      const mend = cause(store);
      expect(await store.outcome(limits)).toBe('admitted');
      const third = await store.take(limits, { tokens: 5 });
      expect([await store.outcome(limits), await store.outcome(limits)]).toEqual(['late', 'late']);
      third.correct(7);
      third.release();
      expect(store.limiter.counters()).toEqual({ rateOutages: 1, decidedAlone: 2 });
      expect(store.warnings).toMatchObject([
        { code: 'limiter_unavailable', message: /this process keeps them by itself/ },
      ]);

      mend();
      await untilShared(store);
      // The file knows by then what was sent without it.
      expect(await store.limiter.peek(target)).toMatchObject({ requestsInMinute: 3, tokensInMinute: 7, inFlight: 2 });
      expect(await store.outcome(limits)).toBe('late');
      expect(store.warnings).toHaveLength(1);
      const neighbour = openStore({ path: store.path });
      expect(await neighbour.outcome(limits)).toBe('late');
    },
  );

  /** A whole day begins and ends far from it. */
  function noon() {
    const clock = leaseClock();
    clock.advance(Date.parse('2026-11-20T12:00:00Z') - Date.now());
    return clock;
  }

  it('learns what was sent on this day, also when that was minutes ago', async () => {
    const clock = noon();
    const store = openStore({ seams: { lockDeadlineMs: 30, clockAheadMs: clock.clockAheadMs } });
    const limits = { rpd: 4 };
    await store.take(limits);
    const { unlock } = lock(store.path);
    await store.take(limits);
    (await store.take(limits)).release({ dispatched: false });
    clock.advance(5 * 60_000);
    await store.take(limits);
    unlock();
    await untilShared(store);
    expect(await store.limiter.peek(target, { limits, demand: { requests: 1, tokens: 0 } })).toMatchObject({
      requestsToday: 3,
      requestsInMinute: 1,
    });
    const neighbour = openStore({ path: store.path, seams: { clockAheadMs: clock.clockAheadMs } });
    expect([await neighbour.outcome(limits), await neighbour.outcome(limits)]).toEqual(['admitted', 'late']);
  });

  it('learns of all that was sent on this day, however much it was', { timeout: 120_000 }, async () => {
    const store = openStore({ seams: { lockDeadlineMs: 30, clockAheadMs: noon().clockAheadMs } });
    const limits = { rpd: 100_000 };
    const { unlock } = lock(store.path);
    const sent = 10_100;
    for (let count = 0; count < sent; count++) await store.take(limits);
    unlock();
    await untilShared(store);
    expect(await store.limiter.peek(target, { limits, demand: { requests: 1, tokens: 0 } })).toMatchObject({
      requestsToday: sent,
    });
  });

  it('learns of what was sent also when it fails again while it is told', async () => {
    const store = openStore({ seams: { clockAheadMs: noon().clockAheadMs } });
    const limits = { rpd: 3 };
    await store.take(limits);
    tamper(store.path, "CREATE TRIGGER refuse BEFORE INSERT ON rate_entry BEGIN SELECT RAISE(ABORT, 'refused'); END");
    await store.take(limits);
    const tries = () =>
      look(store.path, (db) => db.prepare('SELECT max(rev) FROM rate_target').pluck().get() as number);
    const before = tries();
    // Who is in flight can be written, what was sent cannot; the second time the first is over.
    while (tries() < before + 2) {
      await store.take({}, { target: other });
      await new Promise(setImmediate);
    }
    tamper(store.path, 'DROP TRIGGER refuse');
    await untilShared(store);
    const neighbour = openStore({ path: store.path, seams: { clockAheadMs: noon().clockAheadMs } });
    expect([await neighbour.outcome(limits), await neighbour.outcome(limits)]).toEqual(['admitted', 'late']);
  });

  it('learns of what was sent when the limiter closes, if it can be used by then', async () => {
    const seams = { clockAheadMs: noon().clockAheadMs };
    const store = openStore({ seams: { ...seams, lockDeadlineMs: 30, rateProbeMs: 60_000 } });
    const limits = { rpd: 2 };
    await store.take(limits);
    const { unlock } = lock(store.path);
    await store.take(limits);
    unlock();
    await store.limiter.close();
    expect(await openStore({ path: store.path, seams }).outcome(limits)).toBe('late');
  });

  it('hears of slots that became free meanwhile, also when no more calls come', async () => {
    const store = openStore({ seams: { lockDeadlineMs: 30 } });
    const limits = { concurrency: 1 };
    const permit = await store.take(limits);
    const { unlock } = lock(store.path);
    await store.take({}, { target: other });
    permit.release({ dispatched: true });
    unlock();
    // The ledger goes on, and so does the lease of this process.
    await store.ledger.hold(holdRequest());
    const neighbour = openStore({ path: store.path });
    await neighbour.take(limits, { maxWaitMs: 60_000 });
    expect(await neighbour.limiter.peek(target)).toMatchObject({ inFlight: 1, waiting: 0 });
  });

  it('because its thread does not answer is not waited for', async () => {
    const store = openStore({ seams: { ratePatienceMs: 50 } });
    // The thread is up before its patience is tried.
    await store.ledger.hold(holdRequest());
    await store.take({ rpm: 2 });
    const { unlock } = lock(store.path);
    expect(await store.outcome({ rpm: 2 })).toBe('admitted');
    expect(await store.outcome({ rpm: 2 })).toBe('late');
    expect(store.warnings).toMatchObject([{ code: 'limiter_unavailable', message: /did not answer for 50 ms/ }]);
    unlock();
    await untilShared(store);
    // What the thread did with the old question counts as well, until the minute is over.
    expect((await store.limiter.peek(target)).requestsInMinute).toBeGreaterThanOrEqual(2);
    expect(await store.limiter.peek(target)).toMatchObject({ inFlight: 2, waiting: 0 });
  });

  it('because its worker is missing is told with the remedy, and calls go on', async () => {
    const store = openStore({ writerUrl: pathToFileURL(join(temporaryFolder(), 'writer.js')) });
    expect([await store.outcome({ rpm: 1 }), await store.outcome({ rpm: 1 })]).toEqual(['admitted', 'late']);
    expect(store.warnings).toMatchObject([{ message: /external in your bundler/ }]);
  });

  it('leaves nobody waiting in it: the limits of this process decide about them, in their order', async () => {
    const store = openStore({ seams: { lockDeadlineMs: 30 } });
    const limits = { concurrency: 1 };
    const first = await store.take(limits);
    const order: string[] = [];
    const waits: number[] = [];
    const line = ['a', 'b'].map((name) => {
      const waiting = store.take(limits, { maxWaitMs: 60_000, onWait: (waitMs) => waits.push(waitMs) });
      return waiting.then((permit) => {
        order.push(name);
        permit.release({ dispatched: true });
      });
    });
    await store.limiter.peek(target);
    const { unlock } = lock(store.path);
    await store.take({}, { target: other });
    first.release({ dispatched: true });
    await Promise.all(line);
    expect(order).toEqual(['a', 'b']);
    // Told once, although they waited in two lines.
    expect(waits).toHaveLength(2);
    unlock();
    await untilShared(store);
    expect(await store.limiter.peek(target)).toMatchObject({ inFlight: 0, waiting: 0 });
  });

  it('is noticed by those who wait when their turn comes', async () => {
    const store = openStore({ seams: { lockDeadlineMs: 30 } });
    let gone: (permit: unknown) => void = () => undefined;
    const waiting = new Promise((resolve) => {
      gone = resolve;
    });
    const limits = { burst: { windowMs: 300, requests: 1 } };
    await store.take({}, { target: other });
    const told = new Promise((resolve) => {
      void store
        .take(limits)
        .then(() => store.take(limits, { maxWaitMs: 60_000, onWait: resolve }))
        .then(gone);
    });
    await told;
    const { unlock } = lock(store.path);
    await waiting;
    expect(alone(store)).toBe(1);
    unlock();
  });
});

describe('a writer thread that dies', () => {
  /** Ends itself when it is asked with a limit of 666. */
  function mortalWriter(): URL {
    const url = pathToFileURL(join(temporaryFolder(), 'writer.mjs'));
    writeFileSync(
      url,
      `import { parentPort } from 'node:worker_threads';
      const real = parentPort.on.bind(parentPort);
      parentPort.on = (name, listener) => real(name, (message) => {
        if (Array.isArray(message) && message.includes(666)) process.exit(7);
        listener(message);
      });
      await import(${JSON.stringify(writerUrl.href)});`,
    );
    return url;
  }

  it('leaves no call without an answer and no slot taken for ever', async () => {
    const store = openStore({ writerUrl: mortalWriter() });
    const limits = { concurrency: 2 };
    const first = await store.take(limits);
    const second = await store.take(limits);
    const waiting = store.take(limits, { maxWaitMs: 60_000 });
    await store.limiter.peek(target);
    expect(await store.outcome({ rpm: 666 }, { target: other })).toBe('admitted');
    first.release({ dispatched: true });
    const third = await waiting;
    expect(await store.outcome(limits)).toBe('slots');
    await untilShared(store);
    expect(await store.limiter.peek(target)).toMatchObject({ inFlight: 2, waiting: 0, requestsInMinute: 3 });
    second.release({ dispatched: true });
    third.release({ dispatched: true });
    expect(await store.outcome(limits)).toBe('admitted');
    expect(await store.limiter.peek(target)).toMatchObject({ inFlight: 1 });
    expect(store.warnings).toHaveLength(1);
  });
});

describe('the limiter of a file', () => {
  it('is closed before the ledger, which goes on', async () => {
    const { limiter, ledger, outcome } = openStore();
    await outcome({ concurrency: 1 });
    const waiting = outcome({ concurrency: 1 }, { maxWaitMs: 60_000 });
    await limiter.peek(target);
    await limiter.close();
    expect(await waiting).toBe('cancelled');
    expect(await outcome({})).toBe('cancelled');
    await ledger.flush();
    expect((await ledger.report({})).totals.calls).toBe(0);
    await ledger.close();
  });

  it('has made no file when nobody asked it for anything', async () => {
    const { limiter, ledger, path } = openStore();
    expect(await limiter.peek(target)).toMatchObject({ requestsInMinute: 0, inFlight: 0, nextFreeInMs: 0 });
    await limiter.close();
    await ledger.close();
    expect(() => look(path, () => undefined)).toThrow(/unable to open/);
  });

  const slotsIn = (path: string) =>
    look(path, (db) => db.prepare('SELECT coalesce(sum(taken), 0) FROM rate_slot').pluck().get());

  it('hears of a request that has ended at once when somebody asks', async () => {
    const { take, outcome, limiter } = openStore();
    const limits = { concurrency: 1, tpm: 100 };
    const ended = async () => {
      const permit = await take(limits, { tokens: 80 });
      permit.correct(8);
      permit.release({ dispatched: true });
    };
    await ended();
    expect(await limiter.peek(target)).toMatchObject({ inFlight: 0, tokensInMinute: 8 });
    await ended();
    expect(await outcome(limits, { tokens: 80 })).toBe('admitted');
  });

  it.each<[string, (store: TestStore) => Promise<unknown>]>([
    ['with what is flushed', ({ ledger }) => ledger.flush()],
    ['before the ledger closes', ({ ledger }) => ledger.close()],
    [
      'by itself after a moment',
      async ({ path }) => {
        while (slotsIn(path) !== 0) await new Promise(setImmediate);
      },
    ],
  ])('hears of a request that has ended %s', async (_, happens) => {
    const store = openStore();
    const permit = await store.take({ concurrency: 1 });
    expect(slotsIn(store.path)).toBe(1);
    permit.release({ dispatched: true });
    await happens(store);
    expect(slotsIn(store.path)).toBe(0);
  });

  it('counts whole tokens, however they were estimated', async () => {
    const { take, path, limiter } = openStore();
    const permit = await take({ tpm: 100 }, { tokens: 10.2 });
    permit.correct(Number.NaN);
    await take({ tpm: 100 }, { tokens: 3.5 });
    expect(await limiter.peek(target)).toMatchObject({ tokensInMinute: 4 });
    expect(stateOf(path, Date.now())).toMatchObject({ tokensInMinute: 4 });
  });
});

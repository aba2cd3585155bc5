import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holdRequest, look, tamper, temporaryFolder } from '../../test/fixture.js';
import { RateProcess, stateOf } from '../../test/rate-process.js';
import {
  correctOrder,
  endOrder,
  learnOrder,
  leaveOrder,
  type RateOrder,
  recordOrder,
  redateOrder,
  releaseOrder,
  resyncOrder,
} from './rate-orders.js';

const startMs = Date.parse('2026-11-22T12:00:00Z');

function host(processes = 2, minuteMs = 60_000) {
  const path = join(temporaryFolder(), 'ledger.db');
  const clock = { nowMs: startMs };
  const open = (owner: string) => new RateProcess(path, owner, () => clock.nowMs, { minuteMs });
  const all = Array.from({ length: processes }, (_, index) => open(`process-${index}`));
  const pass = (ms: number) => {
    clock.nowMs += ms;
  };
  const state = (limits = {}) => stateOf(path, clock.nowMs, limits, minuteMs);
  return { path, clock, open, pass, state, all, a: all[0] as RateProcess, b: all[1] as RateProcess };
}

const rowsIn = (path: string, table: string) =>
  look(path, (db) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number);
const rowsOf = (path: string) => rowsIn(path, 'rate_entry');

describe('the rate limits of several processes', () => {
  it('are decided on the time inside of the transaction, by whoever comes first', () => {
    const { a, b, pass } = host();
    expect(a.acquire({ rpm: 1 })).toMatchObject({ kind: 'admitted', atMs: startMs });
    expect(b.acquire({ rpm: 1 })).toMatchObject({ kind: 'refused', why: 'late', waitMs: 60_000 });
    pass(60_000);
    expect(b.acquire({ rpm: 1 })).toMatchObject({ kind: 'admitted', atMs: startMs + 60_000 });
  });

  it('let a process that looks later see every change: corrections, times, what was never sent', () => {
    const { a, b, pass } = host();
    const limits = { rpm: 3, tpm: 100 };
    const refs = [40, 30, 30].map((tokens) => {
      const decision = a.acquire(limits, { tokens });
      return decision.kind === 'admitted' ? decision.ref : 0;
    });
    expect(b.acquire(limits)).toMatchObject({ kind: 'refused', waitMs: 60_000 });
    a.tell(correctOrder(refs[0] as number, 10));
    a.tell(redateOrder(refs[1] as number, startMs + 5));
    a.tell(releaseOrder(refs[2] as number, false, 'UTC'));
    expect(b.acquire(limits, { tokens: 60 })).toMatchObject({ kind: 'admitted' });
    pass(1_000);
    expect(b.acquire(limits, { tokens: 11 })).toMatchObject({ waitMs: 59_000 });
    pass(59_000);
    expect(b.acquire(limits, { tokens: 71 })).toMatchObject({ waitMs: 5 });
  });

  it('write nothing for a batch that only refuses', () => {
    const { a, b, path } = host();
    a.acquire({ rpm: 1 });
    b.acquire({ rpm: 1 });
    const version = (act: () => void) =>
      look(path, (db) => {
        const before = db.pragma('data_version', { simple: true });
        act();
        return db.pragma('data_version', { simple: true }) !== before;
      });
    expect(version(() => b.tellAll(Array.from({ length: 50 }, () => [1, 1, 1, 0, 0, 1, ...Array(7).fill(null)])))).toBe(
      false,
    );
    expect(version(() => b.acquire({ rpm: 2 }))).toBe(true);
  });

  it('are not forced to the disk, while money in the same batch is', () => {
    const { a } = host();
    a.acquire({ rpm: 10 });
    expect(a.store.isDurable).toBe(false);
    const { tags: _, budgets: _b, estimatedUsage: _u, ...request } = holdRequest({ budgets: [] });
    const hold = {
      kind: 'hold',
      ...request,
      decide: true,
      watch: false,
      tagsJson: null,
      usage: [],
      idempotencyKey: null,
      charges: [],
    };
    a.store.run([hold as never], [], false);
    expect(a.store.isDurable).toBe(true);
  });

  it('forget what is a minute old, in the file too', () => {
    const { a, pass, path, state } = host();
    for (let call = 0; call < 100; call++) a.acquire({ rpm: 1_000 }, { tokens: 1 });
    expect(rowsOf(path)).toBe(100);
    pass(60_000);
    a.acquire({ rpm: 1_000 });
    expect(rowsOf(path)).toBe(1);
    expect(state()).toMatchObject({ requestsInMinute: 1, tokensInMinute: 0, requestsToday: 101 });
  });

  it('are told by a process that uses the target as the file says, with what the others do; else it reads nothing for it', () => {
    const { a, b, pass, path, state } = host();
    const limits = { rpm: 5, tpm: 100, concurrency: 9, burst: { windowMs: 6_000, requests: 3, tokens: 50 } };
    expect(a.standing(limits)).toBeNull();
    expect(rowsIn(path, 'target')).toBe(0);
    a.acquire(limits, { tokens: 30 });
    expect(b.standing(limits)).toBeNull();
    expect(rowsIn(path, 'rate_owner')).toBe(1);
    b.acquire(limits, { tokens: 15 });
    b.tell(learnOrder({ retryAfterMs: 700, scope: 'minute' }));
    expect(a.standing(limits)).toEqual(state(limits));
    expect(a.standing(limits)).toMatchObject({
      requestsInMinute: 2,
      tokensInMinute: 45,
      inFlight: 2,
      nextFreeInMs: 700,
    });
    expect(a.standing({ ...limits, rpm: 2 })).toMatchObject({ nextFreeInMs: 60_000 });
    b.tell(endOrder);
    pass(60_000);
    // What has changed since may be gone from the file unseen.
    expect(a.standing(limits)).toBeNull();
  });

  it('are the same for a process that has slept for minutes', () => {
    const { a, b, pass } = host();
    const limits = { rpm: 2 };
    b.acquire(limits);
    a.acquire(limits, {}, 0);
    const waiting = a.acquire(limits, {}, 300_000);
    b.acquire(limits);
    pass(200_000);
    a.look();
    expect(a.takeNews()).toMatchObject([{ kind: 'admitted', ref: waiting.kind === 'waiting' ? waiting.ref : 0 }]);
    a.acquire(limits);
    expect(b.acquire(limits)).toMatchObject({ kind: 'refused', waitMs: 60_000 });
  });

  it('keep one line: nobody is passed, and who is late holds up nobody', () => {
    const { a, b, pass } = host(2, 10_000);
    const limits = { rpm: 2 };
    a.acquire(limits);
    a.acquire(limits);
    expect(a.acquire(limits, {}, 15_000)).toMatchObject({ kind: 'waiting', waitMs: 10_000, place: 0 });
    expect(b.acquire(limits, {}, 15_000)).toMatchObject({ kind: 'waiting', waitMs: 10_000, place: 1 });
    expect(b.acquire(limits, {}, 15_000)).toMatchObject({ kind: 'refused', waitMs: 20_000 });
    pass(10_000);
    b.look();
    expect(b.takeNews()).toMatchObject([{ kind: 'admitted' }]);
    // The place of the first is kept although it is late.
    expect(b.acquire(limits)).toMatchObject({ kind: 'refused', why: 'late', waitMs: 10_000 });
    pass(10);
    a.look();
    expect(a.takeNews()).toMatchObject([{ kind: 'admitted', atMs: startMs + 10_010 }]);
  });

  it('take the places and slots of a dead process away when its lease is over, not before', () => {
    const { a, b, pass, state } = host();
    const limits = { concurrency: 1 };
    a.acquire(limits);
    a.acquire(limits, {}, 1e6);
    expect(b.acquire(limits, {}, 1e6)).toMatchObject({ kind: 'waiting', place: 1 });
    pass(13_999);
    b.look();
    expect(b.takeNews()).toEqual([]);
    expect(state()).toMatchObject({ inFlight: 1, waiting: 2 });
    pass(1_001);
    expect(state()).toMatchObject({ inFlight: 0, waiting: 1 });
    b.look();
    expect(b.takeNews()).toMatchObject([{ kind: 'admitted' }]);
    expect(state()).toMatchObject({ inFlight: 1, waiting: 0 });
  });

  it('leave a living process what it has, as long as it looks', () => {
    const { a, b, pass } = host();
    const limits = { concurrency: 1 };
    a.acquire(limits);
    for (let tick = 0; tick < 10; tick++) {
      pass(5_000);
      expect(a.store.lineNeedsLook()).toBe(true);
      a.look();
      expect(a.store.lineNeedsLook()).toBe(false);
      expect(b.acquire(limits)).toMatchObject({ kind: 'refused', why: 'slots' });
    }
  });

  it('tell a process that was taken for dead, so that its calls ask again', () => {
    const { a, b, pass } = host();
    const limits = { concurrency: 1 };
    a.acquire(limits, {});
    const waiting = a.acquire(limits, {}, 1e6);
    const { ticket } = a;
    pass(20_000);
    b.acquire(limits);
    a.look();
    expect(a.takeNews()).toEqual([{ kind: 'lost', ticket }]);
    expect(waiting).toMatchObject({ kind: 'waiting' });
    expect(a.acquire(limits, {}, 1e6)).toMatchObject({ kind: 'waiting', place: 0 });
  });

  it('free everything of a process that says goodbye', () => {
    const { a, b, state, path } = host();
    const limits = { concurrency: 1 };
    a.acquire(limits);
    a.acquire(limits, {}, 1e6);
    b.acquire(limits, {}, 1e6);
    a.tell(endOrder);
    b.look();
    expect(b.takeNews()).toMatchObject([{ kind: 'admitted' }]);
    expect(state()).toMatchObject({ inFlight: 1, waiting: 0 });
    expect(look(path, (db) => db.prepare('SELECT owner FROM rate_owner').pluck().all())).toEqual(['process-1']);
  });

  it('give back whole what was let go while its caller gave up', () => {
    const { a, pass, state } = host();
    const limits = { rpm: 1, tpm: 10 };
    a.acquire(limits, { tokens: 10 });
    const waiting = a.acquire(limits, { tokens: 10 }, 1e6);
    pass(60_000);
    a.look();
    a.tell(leaveOrder(waiting.kind === 'waiting' ? waiting.ref : 0, 'UTC'));
    expect(state()).toMatchObject({ requestsInMinute: 0, tokensInMinute: 0, inFlight: 1, requestsToday: 1 });
  });

  it('hear the truth after an outage: what is in flight, who waits no more, what was sent meanwhile', () => {
    const { a, b, pass, state } = host();
    const limits = { rpm: 10, concurrency: 2 };
    a.acquire(limits);
    a.acquire(limits);
    a.acquire(limits, {}, 1e6);
    pass(1_000);
    a.tellAll([resyncOrder(1), recordOrder(startMs + 500, 1, 30, 'UTC')]);
    expect(state()).toMatchObject({
      requestsInMinute: 3,
      tokensInMinute: 30,
      requestsToday: 3,
      inFlight: 1,
      waiting: 0,
    });
    expect(b.acquire(limits)).toMatchObject({ kind: 'admitted' });
    pass(59_499);
    expect(state()).toMatchObject({ tokensInMinute: 30 });
    pass(1);
    expect(state()).toMatchObject({ tokensInMinute: 0 });
  });

  it('know in the next process what a 429 taught, and nobody is talked out of it', () => {
    const { a, b } = host();
    a.tell(learnOrder({ retryAfterMs: 20_000, scope: 'minute' }));
    a.tell(learnOrder({ retryAfterMs: 5_000, scope: 'minute' }));
    expect(b.acquire({})).toMatchObject({ kind: 'refused', why: 'late', waitMs: 20_000, isClosed: true });
    b.tell(learnOrder({ retryAfterMs: 30_000, scope: 'minute' }));
    expect(a.acquire({})).toMatchObject({ waitMs: 30_000 });
  });

  it('forget in memory what a failed transaction had promised', () => {
    const { a, b, path } = host();
    a.acquire({ rpm: 5 });
    tamper(path, "CREATE TRIGGER refuse BEFORE INSERT ON rate_entry BEGIN SELECT RAISE(ABORT, 'refused'); END");
    expect(a.tell([1, 9, 1, 0, 0, 5, ...Array(7).fill(null)])).toMatchObject({ kind: 'failed' });
    tamper(path, 'DROP TRIGGER refuse');
    for (let call = 0; call < 4; call++) expect(a.acquire({ rpm: 5 })).toMatchObject({ kind: 'admitted' });
    expect(a.acquire({ rpm: 5 })).toMatchObject({ kind: 'refused' });
    expect(b.acquire({ rpm: 5 })).toMatchObject({ kind: 'refused' });
  });
});

type Act = 'acquire' | 'correct' | 'release' | 'redate' | 'leave' | 'learn' | 'look' | 'pass' | 'reopen';
const act = fc.record({
  process: fc.nat(2),
  act: fc.constantFrom<Act>(
    'acquire',
    'acquire',
    'acquire',
    'correct',
    'release',
    'redate',
    'leave',
    'learn',
    'look',
    'pass',
    'reopen',
  ),
  ms: fc.oneof(fc.constant(0), fc.nat(60), fc.nat(2_000)),
  tokens: fc.nat(12),
  maxWaitMs: fc.constantFrom(0, 50, 500, 100_000),
  which: fc.nat(20),
});

interface Open {
  readonly process: number;
  readonly ref: number;
  atMs: number;
  tokens: number;
  requests: number;
  ended: boolean;
}

describe('whatever several processes do', () => {
  it('no true window holds more than the limit, the line is served in order, and the file says what all of them know', () => {
    const minuteMs = 1_000;
    const limits = { rpm: 6, tpm: 40, burst: { windowMs: 200, requests: 4 }, concurrency: 5 };
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60, size: 'max' }), (acts) => {
        const { all, clock, open, state } = host(3, minuteMs);
        const admitted: Open[] = [];
        const line: { process: number; ref: number; ticket: number; tokens: number }[] = [];
        const admit = (process: number, ref: number, atMs: number, tokens: number) => {
          admitted.push({ process, ref, atMs, tokens, requests: 1, ended: false });
          const within = (ms: number) => admitted.filter((each) => each.atMs > clock.nowMs - ms);
          const sum = (list: readonly Open[], unit: 'requests' | 'tokens') =>
            list.reduce((total, each) => total + each[unit], 0);
          expect(sum(within(minuteMs), 'requests')).toBeLessThanOrEqual(limits.rpm);
          expect(sum(within(minuteMs), 'tokens')).toBeLessThanOrEqual(limits.tpm);
          expect(sum(within(200), 'requests')).toBeLessThanOrEqual(limits.burst.requests);
          expect(admitted.filter(({ ended }) => !ended).length).toBeLessThanOrEqual(limits.concurrency);
        };
        const hear = () => {
          for (const [process, { news }] of all.entries()) {
            for (const each of news.splice(0)) {
              const place = line.findIndex((waiting) => waiting.process === process && waiting.ticket === each.ticket);
              const [waiting] = line.splice(place, 1);
              if (waiting === undefined || each.kind !== 'admitted') continue;
              // Of one process nobody is passed; of others only who has not looked.
              expect(line.slice(0, place).filter((other) => other.process === process)).toEqual([]);
              admit(process, waiting.ref, each.atMs, waiting.tokens);
            }
          }
        };
        for (const { process, act: what, ms, tokens, maxWaitMs, which } of acts) {
          const actor = all[process] as RateProcess;
          const mine = admitted.filter((each) => each.process === process && !each.ended);
          const chosen = mine.at(which % Math.max(1, mine.length));
          const tell = (order: RateOrder) => actor.tell(order);
          if (what === 'pass') clock.nowMs += ms;
          else if (what === 'look') actor.look();
          else if (what === 'learn') tell(learnOrder({ retryAfterMs: ms / 10, scope: 'minute' }));
          else if (what === 'reopen') all[process] = Object.assign(open(`process-${process}`), { news: actor.news });
          else if (what === 'acquire') {
            const decision = actor.acquire(limits, { tokens }, maxWaitMs);
            hear();
            if (decision.kind === 'admitted') admit(process, decision.ref, decision.atMs, tokens);
            if (decision.kind === 'waiting') {
              expect(decision.place).toBe(line.length);
              line.push({ process, ref: decision.ref, ticket: actor.ticket, tokens });
            }
          } else if (what === 'leave') {
            const waiting = line.filter((each) => each.process === process).at(which % 3);
            if (waiting !== undefined) {
              line.splice(line.indexOf(waiting), 1);
              tell(leaveOrder(waiting.ref, 'UTC'));
            }
          } else if (chosen !== undefined) {
            if (what === 'correct') {
              chosen.tokens = Math.min(tokens, chosen.tokens);
              tell(correctOrder(chosen.ref, chosen.tokens));
            } else if (what === 'redate' && clock.nowMs - chosen.atMs < 100) {
              chosen.atMs = clock.nowMs;
              tell(redateOrder(chosen.ref, clock.nowMs));
            } else if (what === 'release') {
              chosen.ended = true;
              if (tokens % 2 === 0) Object.assign(chosen, { tokens: 0, requests: 0 });
              tell(releaseOrder(chosen.ref, tokens % 2 !== 0, 'UTC'));
            }
          }
          hear();
        }
        const live = admitted.filter(({ atMs }) => atMs > clock.nowMs - minuteMs);
        // Leases of those who have not been heard of may be over.
        for (const each of all) each.look();
        hear();
        for (const each of all) expect([null, state(limits)]).toContainEqual(each.standing(limits));
        expect(state()).toMatchObject({
          requestsInMinute: admitted
            .filter(({ atMs }) => atMs > clock.nowMs - minuteMs)
            .reduce((sum, each) => sum + each.requests, 0),
          waiting: line.length,
        });
        expect(live.length).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});

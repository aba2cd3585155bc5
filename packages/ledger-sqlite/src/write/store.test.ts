import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ResolvedBudget } from '@vibe/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayBudget, look, target, temporaryFolder } from '../../test/fixture.js';
import { LedgerModel, type ModelAttempt, type ModelBudget } from '../../test/ledger-model.js';
import type { AttemptValues, Command, Outcome } from '../protocol.js';
import { verify } from '../read/verify.js';
import { Charge } from './charge.js';
import { Store } from './store.js';

const dayMs = 86_400_000;

/** Budgets of different kinds; the same money under two limits is one of them, and one counts another model only. */
const kinds: readonly (Partial<ResolvedBudget> & { readonly days: boolean })[] = [
  { id: 'day', scope: 'all', window: 'day', limitNanoUsd: 100, days: true },
  { id: 'user', scope: 'tag.user=alice', window: 'total', limitNanoUsd: 250, days: false },
  { id: 'tight', scope: 'tag.user=alice', window: 'total', limitNanoUsd: 150, days: false },
  { id: 'shadow', scope: 'model=qwen-plus', window: 'day', limitNanoUsd: 50, shadow: true, days: true },
  { id: 'other', scope: 'model=qwen-max', window: 'day', limitNanoUsd: 120, days: true },
];
const models = ['qwen-plus', 'qwen-max'] as const;

type Step =
  | {
      readonly do: 'hold';
      readonly call: number;
      readonly amount: number;
      readonly kinds: readonly number[];
      readonly strict: boolean;
      readonly leaseMs: number;
    }
  | { readonly do: 'extend'; readonly call: number; readonly amount: number; readonly kinds: readonly number[] }
  | { readonly do: 'settle'; readonly call: number; readonly attempts: readonly ModelAttempt[] }
  | { readonly do: 'resolve'; readonly call: number; readonly how: 'spent' | 'released' }
  | { readonly do: 'correct'; readonly call: number; readonly delta: number }
  | { readonly do: 'poison'; readonly call: number };

type Move =
  | { readonly process: number; readonly batch: readonly Step[] }
  | { readonly advanceMs: number }
  | { readonly tick: number }
  | { readonly crash: number }
  | { readonly reopen: number }
  | { readonly rebuild: number };

const call = fc.integer({ min: 0, max: 11 });
const process = fc.integer({ min: 0, max: 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('hold' as const),
      call,
      amount: fc.integer({ min: 0, max: 60 }),
      kinds: fc.subarray([0, 1, 2, 3]),
      strict: fc.boolean(),
      leaseMs: fc.constantFrom(1_000, 60_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('extend' as const),
      call,
      amount: fc.integer({ min: 0, max: 120 }),
      kinds: fc.subarray([3, 4]),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      call,
      attempts: fc.array(
        fc.record({ model: fc.constantFrom(...models), nanoUsd: fc.option(fc.integer({ min: 0, max: 90 })) }),
        { minLength: 1, maxLength: 3 },
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('resolve' as const),
      call,
      how: fc.constantFrom('spent' as const, 'released' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('correct' as const), call, delta: fc.integer({ min: -50, max: 50 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('poison' as const), call }) },
);
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ process, batch: fc.array(step, { minLength: 1, maxLength: 6 }) }) },
  { weight: 2, arbitrary: fc.record({ advanceMs: fc.constantFrom(400, 900, 30_000, 90_000, dayMs) }) },
  { weight: 1, arbitrary: fc.record({ tick: process }) },
  { weight: 1, arbitrary: fc.record({ crash: process }) },
  { weight: 1, arbitrary: fc.record({ reopen: process }) },
  { weight: 1, arbitrary: fc.record({ rebuild: process }) },
);

/** A store with two processes on one file, and the model beside it. */
class World {
  readonly path = join(temporaryFolder(), 'ledger.db');
  readonly model = new LedgerModel();
  nowMs = Date.parse('2026-11-22T08:00:00Z');
  #crashes = 0;
  readonly #owners = ['first-0', 'second-0'];
  readonly #stores = this.#owners.map((owner) => this.#store(owner));
  readonly #charges = [new Map<string, Charge>(), new Map<string, Charge>()];

  constructor() {
    this.#run(0, []);
  }

  play(what: Move): void {
    if ('batch' in what) this.#batch(what.process, what.batch.filter(this.#canHappen));
    else if ('advanceMs' in what) this.nowMs += what.advanceMs;
    else if ('tick' in what) this.#tick(what.tick);
    else if ('rebuild' in what) this.#run(what.rebuild, [{ kind: 'task', name: 'rebuild', payload: null }]);
    else if ('reopen' in what) this.#stores[what.reopen]?.close();
    else {
      // Nothing of it is closed or said goodbye to: another process begins where it stood.
      const name = `${what.crash === 0 ? 'first' : 'second'}-${++this.#crashes}`;
      this.#owners[what.crash] = name;
      this.#stores[what.crash] = this.#store(name);
    }
  }

  compare(): void {
    look(this.path, (db) => {
      const rows = db
        .prepare(
          'SELECT b.scope, b.period, t.window_start_ms, t.spent_nano, t.held_nano FROM total AS t JOIN budget AS b USING (budget_id)',
        )
        .all() as { scope: string; period: string; window_start_ms: number; spent_nano: number; held_nano: number }[];
      const stored = rows.map((row) => [
        `${row.scope} ${row.period} ${row.window_start_ms}`,
        row.spent_nano,
        row.held_nano,
      ]);
      const keys = new Set([...this.model.calls.values()].flatMap(({ budgets }) => budgets.map(({ key }) => key)));
      const expected = [...keys].map((key) => [key, this.model.spent(key), this.model.held(key)]);
      // A window nothing is in may have a row or none.
      expect(stored.filter(isUsed).sort()).toEqual(expected.filter(isUsed).sort());
      const open = [...this.model.calls]
        .filter(([, { state }]) => state === 'open')
        .map(([callId, { heldNanoUsd }]) => [callId, heldNanoUsd]);
      expect(db.prepare('SELECT call_id, amount_nano FROM hold ORDER BY call_id').raw().all()).toEqual(open.sort());
      expect(db.prepare("SELECT count(*) FROM event WHERE kind IN ('settle', 'late_settle')").pluck().get()).toBe(
        this.model.settlements,
      );
      const overruns = [...this.model.calls.values()]
        .map(({ overrunNanoUsd }) => overrunNanoUsd)
        .filter((overrun) => overrun > 0);
      expect(
        db.prepare("SELECT amount_nano FROM event WHERE kind = 'overrun' ORDER BY amount_nano").pluck().all(),
      ).toEqual(overruns.sort((a, b) => a - b));
    });
  }

  /** At the end every projection must equal its events, and so must a rebuilt one. */
  finish(): void {
    expect(look(this.path, verify)).toMatchObject({ ok: true, problems: [] });
    for (const store of this.#stores) store.close();
    rmSync(this.path, { force: true });
  }

  #store(owner: string): Store {
    return new Store({ path: this.path, timezone: 'UTC', owner }, () => this.nowMs);
  }

  #run(process: number, commands: readonly Command<Charge>[]): readonly Outcome[] {
    if (this.model.anyExpired(this.nowMs)) {
      this.model.renew(this.#owners[process] as string, this.nowMs);
      this.model.reap(this.nowMs);
    }
    return (this.#stores[process] as Store).run(commands, [], false).outcomes;
  }

  #tick(process: number): void {
    const store = this.#stores[process] as Store;
    if (store.isOpen) this.model.renew(this.#owners[process] as string, this.nowMs);
    store.renew();
    if (store.hasExpired()) this.#run(process, []);
  }

  /** A call is extended after its hold was answered, so never in the batch of the hold. */
  readonly #canHappen = (each: Step, _index: number, batch: readonly Step[]): boolean =>
    each.do !== 'extend' || !batch.some((other) => other.do === 'hold' && other.call === each.call);

  #batch(process: number, steps: readonly Step[]): void {
    const outcomes = this.#run(
      process,
      steps.map((each) => this.#command(process, each)),
    );
    for (const [index, each] of steps.entries()) this.#check(process, each, outcomes[index] ?? null);
  }

  #command(process: number, each: Step): Command<Charge> {
    const callId = `call-${String(each.call).padStart(2, '0')}`;
    switch (each.do) {
      case 'hold':
        return {
          ...holdCommand,
          callId,
          amountNanoUsd: each.amount,
          strict: each.strict,
          leaseMs: each.leaseMs,
          charges: each.kinds.map((kind) => this.#charge(process, kind)),
        };
      case 'extend':
        return {
          kind: 'extend',
          callId,
          toNanoUsd: each.amount,
          strict: true,
          decide: true,
          charges: [
            ...this.#chargesOf(callId),
            ...this.#joining(callId, each.kinds).map((kind) => this.#charge(process, kind)),
          ],
        };
      case 'settle':
        return {
          ...settleCommand,
          callId,
          actualNanoUsd: totalOf(each.attempts),
          attempts: attemptsOf(each.attempts, this.nowMs),
        };
      case 'resolve':
        return { kind: 'task', name: 'resolve', payload: { callId, how: each.how } };
      case 'correct':
        return { kind: 'task', name: 'correct', payload: { callId, deltaNanoUsd: each.delta, reason: 'test' } };
      case 'poison':
        // Breaks the CHECK of table total when the batch is flushed.
        return {
          ...holdCommand,
          callId: `poison-${each.call}`,
          amountNanoUsd: -1_000_000,
          strict: true,
          decide: false,
          leaseMs: 1,
          charges: [this.#charge(process, 0)],
        };
    }
  }

  #check(process: number, each: Step, outcome: Outcome): void {
    const callId = `call-${String(each.call).padStart(2, '0')}`;
    switch (each.do) {
      case 'hold': {
        const budgets = each.kinds.map((kind) => this.#budget(kind));
        const refusing = this.model.hold(
          callId,
          each.amount,
          budgets,
          each.strict,
          each.leaseMs,
          this.#owners[process] as string,
          this.nowMs,
        );
        expect(outcome?.kind === 'denied' ? budgets[outcome.refusal.at]?.key : null).toBe(refusing);
        break;
      }
      case 'extend': {
        const expected = { done: undefined, unknown: 'failed', refused: 'denied' }[
          this.model.extend(
            callId,
            each.amount,
            this.#joining(callId, each.kinds).map((kind) => this.#budget(kind)),
          )
        ];
        expect(outcome?.kind).toBe(expected);
        break;
      }
      case 'settle':
        this.model.settle(callId, each.attempts);
        expect(outcome).toBeNull();
        break;
      case 'resolve':
        expect(outcome?.kind).toBe(this.model.resolve(callId, each.how) ? 'value' : 'failed');
        break;
      case 'correct':
        expect(outcome?.kind).toBe(this.model.correct(callId, each.delta) ? 'value' : 'failed');
        break;
      case 'poison':
        expect(outcome).toMatchObject({ kind: 'failed', failure: { code: 'internal' } });
    }
  }

  #budget(kind: number): ModelBudget {
    const { scope, window, limitNanoUsd, shadow, days } = kinds[kind] as (typeof kinds)[number];
    const startMs = days ? Math.floor(this.nowMs / dayMs) * dayMs : 0;
    return {
      key: `${scope} ${window} ${startMs}`,
      limitNanoUsd: limitNanoUsd as number,
      shadow: shadow ?? false,
      model: scope?.match(/^model=(.+)/)?.[1] ?? null,
    };
  }

  #charge(process: number, kind: number): Charge {
    const { days, ...budget } = kinds[kind] as (typeof kinds)[number];
    const startMs = days ? Math.floor(this.nowMs / dayMs) * dayMs : 0;
    const key = `${kind} ${startMs}`;
    const known = this.#charges[process] as Map<string, Charge>;
    let charge = known.get(key);
    if (charge === undefined) {
      charge = new Charge({
        budget: dayBudget(budget),
        timezone: 'UTC',
        startMs,
        endMs: days ? startMs + dayMs : null,
      });
      known.set(key, charge);
    }
    return charge;
  }

  /** A budget the call is held against does not join it a second time, also on another day. */
  #joining(callId: string, wanted: readonly number[]): readonly number[] {
    const held = this.model.calls.get(callId)?.budgets ?? [];
    return wanted.filter((kind) => !held.some(({ key }) => key.startsWith(`${kinds[kind]?.scope} `)));
  }

  /** The limits travel with an extension; they are those of the hold. */
  #chargesOf(callId: string): readonly Charge[] {
    const budgets = this.model.calls.get(callId)?.budgets ?? [];
    return budgets.map(({ key, limitNanoUsd }) => {
      const { days, ...budget } = kinds.find((kind) => kind.limitNanoUsd === limitNanoUsd) as (typeof kinds)[number];
      const startMs = Number(key.split(' ')[2]);
      return new Charge({ budget: dayBudget(budget), timezone: 'UTC', startMs, endMs: days ? startMs + dayMs : null });
    });
  }
}

const holdCommand = {
  kind: 'hold',
  decide: true,
  watch: true,
  traceId: 't',
  target,
  tagsJson: null,
  usage: ['input_token', 10],
  idempotencyKey: null,
} as const;
const settleCommand = {
  kind: 'settle',
  strict: true,
  status: 'ok',
  traceId: 't',
  tagsJson: null,
  downgradedFrom: null,
  idempotencyKey: null,
  charges: [],
} as const;

const isUsed = ([, spent, held]: readonly (string | number)[]): boolean => spent !== 0 || held !== 0;

/** Null when the cost of any attempt is unknown, as the chain says it. */
function totalOf(attempts: readonly ModelAttempt[]): number | null {
  return attempts.reduce<number | null>(
    (sum, { nanoUsd }) => (sum === null || nanoUsd === null ? null : sum + nanoUsd),
    0,
  );
}

function attemptsOf(attempts: readonly ModelAttempt[], nowMs: number): readonly AttemptValues[] {
  const count = attempts.length;
  return attempts.map(({ model, nanoUsd }, index) => ({
    attempt: index + 1,
    ts: nowMs,
    status: index === count - 1 ? 'ok' : 'failed',
    target: { ...target, model },
    servedModel: null,
    requestId: null,
    usage: ['input_token', 7],
    usageUnknown: false,
    usageSource: 'provider',
    estimatedNanoUsd: null,
    actualNanoUsd: nanoUsd,
    currency: null,
    fxRate: null,
    lines: [],
    ttftMs: 5,
    totalMs: 20 * (index + 1),
    waitMs: 0,
    retryMs: 0,
    errorCode: index === count - 1 ? null : 'timeout',
    errorMessage: null,
    finishReason: null,
    rawFinishReason: null,
    httpStatus: 200,
  }));
}

describe('the store', () => {
  it('equals a simple model after every step of any interleaving of two processes', () => {
    const runs = Number(globalThis.process.env['VIBE_MODEL_RUNS'] ?? 100);
    fc.assert(
      fc.property(fc.array(move, { minLength: 5, maxLength: 40 }), (moves) => {
        const world = new World();
        for (const each of moves) {
          world.play(each);
          if (!('advanceMs' in each)) world.compare();
        }
        world.finish();
      }),
      { numRuns: runs },
    );
  }, 300_000);

  it('does not decide by what it knew of a file before it was opened again', () => {
    const path = join(temporaryFolder(), 'ledger.db');
    const store = new Store({ path, timezone: 'UTC', owner: 'one' }, Date.now);
    const other = new Store({ path, timezone: 'UTC', owner: 'two' }, Date.now);
    const charge = () =>
      new Charge({ budget: dayBudget({ limitNanoUsd: 100 }), timezone: 'UTC', startMs: 0, endMs: null });
    const kept = charge();
    const hold = (callId: string, amountNanoUsd: number, by: Charge): Command<Charge> => ({
      ...holdCommand,
      callId,
      amountNanoUsd,
      strict: true,
      leaseMs: 60_000,
      charges: [by],
    });
    store.run([hold('a', 10, kept)], [], false);
    store.close();
    other.run([hold('b', 80, charge())], [], false);
    expect(store.run([hold('c', 20, kept)], [], false).outcomes).toMatchObject([
      { kind: 'denied', refusal: { heldNanoUsd: 90 } },
    ]);
    store.close();
    other.close();
  });

  it('forces with a flush also what was written ahead of a command that failed', () => {
    const path = join(temporaryFolder(), 'ledger.db');
    const store = new Store({ path, timezone: 'UTC', owner: 'one' }, Date.now);
    const charge = new Charge({ budget: dayBudget(), timezone: 'UTC', startMs: 0, endMs: null });
    const hold = (callId: string, amountNanoUsd: number): Command<Charge> => ({
      ...holdCommand,
      callId,
      amountNanoUsd,
      strict: false,
      leaseMs: 60_000,
      charges: [charge],
    });
    // Breaks the CHECK of table total.
    const broken = { ...hold('b', -1_000_000), decide: false } as Command<Charge>;
    expect(store.run([hold('a', 1), broken], [], false).outcomes).toMatchObject([null, { kind: 'failed' }]);
    store.run([{ kind: 'barrier', durable: true }], [], false);
    const flushed = look(path, (db) => db.prepare("SELECT count(*) FROM meta WHERE key = 'flushed_at'").pluck().get());
    expect(flushed).toBe(1);
    store.close();
  });

  it('forces strict commands, settlements of strict calls and a flush to the disk, and nothing else', () => {
    const store = new Store({ path: join(temporaryFolder(), 'ledger.db'), timezone: 'UTC', owner: 'one' }, Date.now);
    const charge = new Charge({ budget: dayBudget(), timezone: 'UTC', startMs: 0, endMs: null });
    const hold = (callId: string, strict: boolean): Command<Charge> => ({
      ...holdCommand,
      callId,
      amountNanoUsd: 1,
      strict,
      leaseMs: 60_000,
      charges: [charge],
    });
    const settle = (callId: string, strict: boolean): Command<Charge> => ({
      ...settleCommand,
      callId,
      strict,
      actualNanoUsd: 1,
      attempts: attemptsOf([{ model: target.model, nanoUsd: 1 }], Date.now()),
    });
    const durableAfter = (...batch: readonly Command<Charge>[]) => {
      store.run(batch, [], false);
      return store.isDurable;
    };
    expect(durableAfter(hold('a', true))).toBe(true);
    expect(durableAfter(hold('b', false))).toBe(false);
    expect(durableAfter(settle('b', false))).toBe(false);
    expect(durableAfter(settle('a', true))).toBe(true);
    expect(durableAfter(hold('c', false), hold('d', true))).toBe(true);
    expect(durableAfter({ kind: 'barrier', durable: false })).toBe(false);
    expect(durableAfter({ kind: 'barrier', durable: true })).toBe(true);
    store.close();
  });
});

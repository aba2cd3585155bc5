import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { deferred } from '../../test/deferred.js';
import { fails, failure, resultOf, says, scripted, testPrices } from '../../test/scripted-provider.js';
import { createVibe } from '../create-vibe.js';
import { memoryLedger } from '../defaults/memory-ledger.js';
import { memoryLimiter } from '../defaults/memory-limiter.js';
import type { ProviderEvent } from '../spec/event.js';
import type { Ledger } from '../spec/ledger.js';
import type { Limiter, LimitState, Permit } from '../spec/limiter.js';
import type { MiddlewarePart } from '../spec/plugin.js';
import type { Router } from '../spec/router.js';

const refuses = () => {
  throw new Error('out of order');
};
const budgets = [{ window: 'day', limitUsd: 5 }] as const;
const ask = { model: 'acme-1', prompt: 'Hi', retry: { attempts: 1 } };

describe('a ledger that cannot share the health of endpoints', () => {
  const ledger = (): Ledger => ({ ...memoryLedger(), health: { read: refuses, write: refuses } });

  it('loses no answer and no settlement', async () => {
    let nowMs = 1_000;
    const provider = scripted([fails('provider_unavailable', 'down'), says('back')]);
    const options = { plugins: [provider, testPrices, ledger()], budgets, breaker: { failures: 1, cooldownMs: 100 } };
    const vibe = createVibe(options, { now: () => nowMs });
    expect((await failure(vibe.generate(ask))).code).toBe('provider_unavailable');
    nowMs += 100;
    const { text, cost } = await vibe.generate(ask);
    expect(text).toBe('back');
    expect(await vibe.budgets()).toMatchObject([{ heldNanoUsd: 0, spentNanoUsd: cost.actualNanoUsd }]);
  });
});

describe('a limiter that cannot learn', () => {
  it('does not hide what the provider said', async () => {
    const limiter: Limiter = { ...memoryLimiter(Date.now), learn: refuses };
    const provider = scripted(fails('provider_rate_limited', 'slow down'));
    const vibe = createVibe({ plugins: [provider, testPrices, limiter], budgets });
    const warnings: string[] = [];
    vibe.on('warning', ({ warning }) => warnings.push(warning.code));
    expect((await failure(vibe.generate(ask))).code).toBe('provider_rate_limited');
    expect(warnings).toEqual(['limiter_failed']);
  });
});

describe('a limiter that fails', () => {
  const rejects = async () => refuses();
  const limits = { '*': { rpm: 100 } };
  const withPermit = (permit: Partial<Permit>): Partial<Limiter> => ({
    acquire: async () => ({ waitedMs: 0, correct: () => undefined, release: () => undefined, ...permit }),
  });

  it.each<readonly [string, Partial<Limiter>, number]>([
    ['to count what was used', withPermit({ correct: refuses }), 1],
    ['to count what was used, later', withPermit({ correct: rejects }), 1],
    ['to take a permit back', withPermit({ release: refuses }), 1],
    ['to take a permit back, later', withPermit({ release: rejects }), 1],
    ['to say what is left', { peek: refuses }, 0],
    ['to say what is left, with nothing', { peek: async () => null as unknown as LimitState }, 0],
  ])('%s loses no answer', async (_, failing, told) => {
    const plugins = [scripted(says('ok')), testPrices, { ...memoryLimiter(Date.now), ...failing }];
    const vibe = createVibe({ plugins, budgets, limits, mode: 'strict_budget' });
    const warnings: string[] = [];
    vibe.on('warning', ({ warning }) => warnings.push(warning.code));
    expect((await vibe.generate(ask)).text).toBe('ok');
    await new Promise(setImmediate);
    expect(warnings).toEqual(Array.from({ length: told }, () => 'limiter_failed'));
    expect(await vibe.budgets()).toMatchObject([{ heldNanoUsd: 0 }]);
  });

  it('to hear that a call is over keeps neither its hold nor the permit that comes too late', async () => {
    const permit = deferred<Permit>();
    const asked = deferred<void>();
    const acquire = () => {
      asked.resolve();
      return permit.promise;
    };
    const plugins = [scripted(says('ok')), testPrices, { ...memoryLimiter(Date.now), acquire }];
    const vibe = createVibe({ plugins, budgets });
    const leave = new AbortController();
    const answer = failure(vibe.generate({ ...ask, signal: leave.signal }));
    await asked.promise;
    leave.abort();
    expect((await answer).code).toBe('cancelled');
    expect(await vibe.budgets()).toMatchObject([{ heldNanoUsd: 0, spentNanoUsd: 0 }]);
    const givenBack = deferred<unknown>();
    permit.resolve({ waitedMs: 0, correct: () => undefined, release: (outcome) => givenBack.resolve(outcome) });
    expect(await givenBack.promise).toEqual({ dispatched: false });
  });

  it.each<readonly [string, () => Promise<void>]>([
    ['at once', refuses],
    ['never', () => new Promise(() => undefined)],
  ])('to close, %s, does not keep the ledger from being closed', async (_, close) => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    let closed = 0;
    const ledger: Ledger = { ...memoryLedger(), close: async () => void closed++ };
    const vibe = createVibe({ plugins: [scripted(says('ok')), ledger, { ...memoryLimiter(Date.now), close }] });
    const closing = vibe.close();
    await vi.runAllTimersAsync();
    await closing;
    expect(closed).toBe(1);
  });

  it('is closed also when a provider never is', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const closed: string[] = [];
    const limiter: Limiter = { ...memoryLimiter(Date.now), close: async () => void closed.push('limiter') };
    const ledger: Ledger = { ...memoryLedger(), close: async () => void closed.push('ledger') };
    const provider = { ...scripted(says('ok')), close: () => new Promise<void>(() => undefined) };
    const closing = createVibe({ plugins: [provider, ledger, limiter] }).close();
    await vi.runAllTimersAsync();
    await closing;
    expect(closed).toEqual(['limiter', 'ledger']);
  });
});

describe('a part in plain JavaScript', () => {
  const forgetful: MiddlewarePart = {
    kind: 'middleware',
    middleware: (next) =>
      async function* (call) {
        for await (const event of next(call)) yield event.type === 'final' ? ({ type: 'final' } as never) : event;
      },
  };

  it.each([[undefined], [{}], [{ candidates: [] }]])(
    'that is a router and plans %j says what a plan is',
    async (plan) => {
      const router = { kind: 'router', plan: () => plan } as unknown as Router;
      const vibe = createVibe({ plugins: [scripted(says('ok')), testPrices, router], budgets });
      const error = await failure(vibe.generate(ask));
      expect([error.code, error.message]).toEqual([
        'internal',
        'The router returned no plan: candidates and rejected must both be lists.',
      ]);
      expect(await vibe.budgets()).toMatchObject([{ heldNanoUsd: 0, spentNanoUsd: 0 }]);
    },
  );

  it('that is middleware and answers without a response says so, and what its call has cost is settled', async () => {
    const vibe = createVibe({ plugins: [scripted(says('ok')), testPrices, forgetful], budgets });
    const error = await failure(vibe.generate(ask));
    expect([error.code, error.message]).toEqual([
      'internal',
      'The middleware yielded a final event without a response.',
    ]);
    const [budget] = await vibe.budgets();
    expect(budget?.heldNanoUsd).toBe(0);
    expect(budget?.spentNanoUsd).toBeGreaterThan(0);
  });
});

describe('events of a provider', () => {
  const yields = (...events: readonly unknown[]) =>
    scripted(async function* () {
      yield* events as readonly ProviderEvent[];
    });
  const final = { type: 'final', result: resultOf('a', 1) };

  it('of a type that is not known yet are handed on', async () => {
    const vibe = createVibe({ plugins: [yields({ type: 'progress', share: 0.5 }, final), testPrices], budgets });
    const seen: string[] = [];
    for await (const { type } of vibe.stream(ask)) seen.push(type);
    expect(seen).toEqual(['progress', 'final']);
  });

  it('that are none may have been paid for', async () => {
    const vibe = createVibe({ plugins: [yields(undefined, final), testPrices], budgets });
    const error = await failure(vibe.generate(ask));
    expect([error.code, error.usage?.source]).toEqual(['internal', 'estimated']);
    expect(error.cost?.actualNanoUsd).toBeGreaterThan(0);
    expect(await vibe.budgets()).toMatchObject([{ heldNanoUsd: 0, spentNanoUsd: error.cost?.actualNanoUsd }]);
  });
});

import { type Budget, type BudgetMode, createVibe, memoryLimiter, type Vibe, VibeError } from '@vibe/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Acme, acme, acmePrices, tokenNanoUsd } from '../test/acme.js';
import {
  cent,
  dayBudget,
  holdRequest,
  leaseClock,
  lock,
  look,
  moneyOf,
  openLedger,
  type TestLedger,
  type TestSettings,
} from '../test/fixture.js';

// The table of the two modes, row by row, over a real file: what a caller sees and what the file says.

interface World {
  readonly vibe: Vibe;
  readonly provider: Acme;
  readonly ledger: TestLedger;
}

const day: Budget = { window: 'day', limitUsd: 1 };

function world(mode: BudgetMode, settings: TestSettings = {}, budget: Budget = day, provider = acme()): World {
  const ledger = openLedger(settings);
  const vibe = createVibe({ plugins: [provider, acmePrices, ledger, memoryLimiter()], budgets: [budget], mode });
  onTestFinished(() => vibe.close().catch(() => undefined));
  return { vibe, provider, ledger };
}

const ask = (vibe: Vibe, model = 'acme-1') => vibe.generate({ model, prompt: 'Hi' });

async function errorOf(work: Promise<unknown>): Promise<VibeError> {
  const error: unknown = await work.catch((thrown: unknown) => thrown);
  if (!VibeError.is(error)) throw new Error(`expected a VibeError, got ${String(error)}`);
  return error;
}

const modes = ['strict_budget', 'best_effort'] as const;

describe('what does not fit', () => {
  it.each(modes)('is refused in %s, and nothing is sent', async (mode) => {
    const { vibe, provider } = world(mode, {}, { window: 'day', limitUsd: 0.01 });
    await ask(vibe);
    const error = await errorOf(ask(vibe));
    expect(error).toMatchObject({
      code: 'budget_exceeded',
      details: { spent: 10 * tokenNanoUsd, held: 0, asked: cent, limit: cent, shortfall: 10 * tokenNanoUsd },
    });
    expect(provider.sent).toHaveLength(1);
  });

  it('is refused over all processes in strict_budget', async () => {
    const { vibe, provider, ledger } = world('strict_budget', {}, { window: 'day', limitUsd: 0.02 });
    const elsewhere = openLedger({ path: ledger.path });
    await elsewhere.hold(holdRequest({ amountNanoUsd: 2 * cent - 1 }));
    expect((await errorOf(ask(vibe))).details).toMatchObject({ held: 2 * cent - 1, shortfall: cent - 1 });
    expect(provider.sent).toEqual([]);
  });

  it('is refused in best_effort by what the file said at most a moment ago: others overshoot by what they have in flight', async () => {
    const budget: Budget = { window: 'day', limitUsd: 0.03 };
    const { vibe, ledger } = world('best_effort', { seams: { viewMaxAgeMs: 3_600_000 } }, budget);
    const elsewhere = openLedger({ path: ledger.path });
    await elsewhere.hold(holdRequest({ amountNanoUsd: cent }));
    await ask(vibe);
    const rest = dayBudget({ limitNanoUsd: 3 * cent });
    await elsewhere.hold(holdRequest({ amountNanoUsd: 2 * cent - 10 * tokenNanoUsd, budgets: [rest] }));
    // The view is as old as a test can make it, so this call does not see the second hold of the other process.
    await ask(vibe);
    const [spent, held] = await moneyOf(ledger);
    expect(spent + held).toBe(3 * cent + 10 * tokenNanoUsd);
    const fresh = world('best_effort', { path: ledger.path }, budget);
    expect((await errorOf(ask(fresh.vibe))).code).toBe('budget_exceeded');
  });
});

describe('waiting for the disk', () => {
  it('is what strict_budget does: the hold is in the file before the request leaves', async () => {
    const open: unknown[] = [];
    const provider = acme(() => {
      open.push(look(ledger.path, (db) => db.prepare('SELECT amount_nano FROM hold').pluck().get()));
    });
    const { vibe, ledger } = world('strict_budget', {}, day, provider);
    await ask(vibe);
    expect(open).toEqual([cent]);
  });

  it('is not what best_effort does: the request leaves while the file is locked', async () => {
    const { vibe, provider, ledger } = world('best_effort', { seams: { viewMaxAgeMs: 3_600_000 } });
    await ask(vibe);
    await vibe.flush();
    const { unlock } = lock(ledger.path);
    const answer = ask(vibe);
    await expect.poll(() => provider.sent.length).toBe(2);
    unlock();
    await answer;
    await vibe.flush();
    expect(await moneyOf(ledger)).toEqual([20 * tokenNanoUsd, 0]);
  });
});

describe('a price nobody knows', () => {
  it('is refused in strict_budget', async () => {
    const { vibe, provider } = world('strict_budget');
    expect((await errorOf(ask(vibe, 'acme-unpriced'))).code).toBe('unpriced');
    expect(provider.sent).toEqual([]);
  });

  it('is sent in best_effort with a warning; its cost is null and counts as unpriced', async () => {
    const { vibe, ledger } = world('best_effort');
    const { cost, warnings } = await ask(vibe, 'acme-unpriced');
    expect(cost).toMatchObject({ actualUsd: null, actualNanoUsd: null, estimatedUsd: null });
    expect(warnings.map(({ code }) => code)).toEqual(['unpriced']);
    expect((await ledger.report({})).totals).toMatchObject({ unpriced: 1, costNanoUsd: 0 });
  });

  it('is refused in best_effort with onUnpriced: refuse', async () => {
    const provider = acme();
    const plugins = [provider, acmePrices, openLedger(), memoryLimiter()];
    const vibe = createVibe({ plugins, budgets: [day], onUnpriced: 'refuse' });
    expect((await errorOf(ask(vibe, 'acme-unpriced'))).code).toBe('unpriced');
    expect(provider.sent).toEqual([]);
  });
});

describe('a worst case without a bound', () => {
  it('is refused in strict_budget, unless the request bounds it', async () => {
    const { vibe, provider } = world('strict_budget');
    const error = await errorOf(ask(vibe, 'acme-endless'));
    expect([error.code, error.message]).toEqual(['unpriced', expect.stringContaining('maxOutputTokens')]);
    expect(provider.sent).toEqual([]);
    await vibe.generate({ model: 'acme-endless', prompt: 'Hi', maxOutputTokens: 20 });
    expect(provider.sent[0]?.request).toMatchObject({ maxOutputTokens: 20 });
  });

  it("is bounded by the model's own cap, which is sent", async () => {
    const { vibe, provider } = world('strict_budget');
    await ask(vibe);
    expect(provider.sent[0]?.request).toMatchObject({ maxOutputTokens: 100 });
  });

  it('is sent in best_effort with a warning', async () => {
    const { vibe } = world('best_effort');
    const { warnings, cost } = await ask(vibe, 'acme-endless');
    expect(warnings.map(({ code }) => code)).toEqual(['unpriced']);
    expect(cost.actualNanoUsd).toBe(10 * tokenNanoUsd);
  });
});

describe('a ledger that is down', () => {
  it('stops strict_budget', async () => {
    const { vibe, provider } = world('strict_budget', { path: '/dev/null/ledger.db' });
    expect((await errorOf(ask(vibe))).code).toBe('ledger_unavailable');
    expect(provider.sent).toEqual([]);
  });

  it('does not stop best_effort, which warns and counts', async () => {
    const { vibe, ledger } = world('best_effort', { path: '/dev/null/ledger.db' });
    const { text, warnings } = await ask(vibe);
    expect(text).toBe('ok');
    expect(new Set(warnings.map(({ code }) => code))).toEqual(new Set(['ledger_unavailable']));
    await expect.poll(() => ledger.counters().unrecordedHolds).toBe(1);
  });
});

describe('a full queue', () => {
  it('makes strict_budget wait for room', async () => {
    const { vibe, provider, ledger } = world('strict_budget', { seams: { queueCapacity: 1, lockDeadlineMs: 60_000 } });
    await ask(vibe);
    const { unlock } = lock(ledger.path);
    const answers = [ask(vibe), ask(vibe)];
    await expect.poll(() => ledger.counters().queueFull).toBeGreaterThan(0);
    expect(provider.sent).toHaveLength(1);
    unlock();
    expect((await Promise.all(answers)).map(({ text }) => text)).toEqual(['ok', 'ok']);
  });

  it('refuses strict_budget when no room comes', async () => {
    const seams = { queueCapacity: 1, lockDeadlineMs: 60_000, strictQueueWaitMs: 50 };
    const { vibe, provider, ledger } = world('strict_budget', { seams });
    await ask(vibe);
    const { unlock } = lock(ledger.path);
    const waiting = ask(vibe);
    expect(await errorOf(ask(vibe))).toMatchObject({ code: 'ledger_unavailable', message: /queue .* full/ });
    expect(provider.sent).toHaveLength(1);
    unlock();
    expect((await waiting).text).toBe('ok');
  });

  it('lets best_effort go after a short wait, and loses no record', async () => {
    const seams = { queueCapacity: 1, viewMaxAgeMs: 3_600_000, lockDeadlineMs: 60_000 };
    const { vibe, ledger } = world('best_effort', { seams });
    await ask(vibe);
    await vibe.flush();
    const { unlock } = lock(ledger.path);
    const answers = [ask(vibe), ask(vibe)];
    await expect.poll(() => ledger.counters().unrecordedHolds).toBeGreaterThan(0);
    unlock();
    const responses = await Promise.all(answers);
    expect(responses.flatMap(({ warnings }) => warnings.map(({ code }) => code))).toContain('ledger_unavailable');
    await vibe.flush();
    expect(await moneyOf(ledger)).toEqual([30 * tokenNanoUsd, 0]);
    expect((await ledger.report({})).totals).toMatchObject({ calls: 3, costNanoUsd: 30 * tokenNanoUsd });
  });
});

describe('a hold whose process died', () => {
  it.each([
    ['strict_budget', cent, 1],
    ['best_effort', 0, 1],
  ] as const)('in %s counts as spent at %i nano-USD, usage unknown', async (mode, spent, unknown) => {
    const clock = leaseClock();
    const seams = { clockAheadMs: clock.clockAheadMs };
    const dead = openLedger({ seams });
    await dead.hold(holdRequest({ strict: mode === 'strict_budget' }));
    await dead.close();
    clock.advance(60_001);
    const { vibe, ledger } = world(mode, { path: dead.path, seams });
    const [gauge] = await vibe.budgets();
    expect([gauge?.spentNanoUsd, gauge?.heldNanoUsd]).toEqual([spent, 0]);
    expect((await ledger.report({})).totals).toMatchObject({ expired: 1, costNanoUsd: spent, usageUnknown: unknown });
  });
});

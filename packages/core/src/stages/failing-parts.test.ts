import { describe, expect, it } from 'vitest';
import { fails, failure, resultOf, says, scripted, testPrices } from '../../test/scripted-provider.js';
import { createVibe } from '../create-vibe.js';
import { memoryLedger } from '../defaults/memory-ledger.js';
import { memoryLimiter } from '../defaults/memory-limiter.js';
import type { ProviderEvent } from '../spec/event.js';
import type { Ledger } from '../spec/ledger.js';
import type { Limiter } from '../spec/limiter.js';

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

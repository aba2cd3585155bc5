import { describe, expect, it } from 'vitest';
import {
  fails,
  failure,
  hangs,
  resultOf,
  says,
  saysThenHangs,
  scripted,
  testPrices,
  throws,
} from '../test/scripted-provider.js';
import { createVibe } from './create-vibe.js';
import { memoryLedger } from './defaults/memory-ledger.js';

import type { Middleware } from './spec/middleware.js';
import type { Pricing } from './spec/pricing.js';

// What plugins, middleware and consumers can do wrong, and what must hold all the same.

const instant = { random: () => 0 };

describe('a report', () => {
  it.each([
    [{ by: 'user' }, /query\.by: expected one of .*tag:NAME.*got "user"/],
    [{ by: 'modle' }, /did you mean "model"/],
    [{ by: 'tag:' }, /query\.by/],
    [{ since: 0 }, /query\.since: unknown option \(did you mean "sinceMs"\?\)/],
    [{ sinceMs: '2026-03-01' }, /query\.sinceMs: expected a time in epoch milliseconds/],
    [{ timezone: 'Mars/Olympus' }, /^query\.timezone: expected an IANA time zone/],
  ])('that is asked for as %j is refused, and not guessed', async (query, message) => {
    const vibe = createVibe({ plugins: [scripted(says('x')), testPrices] });
    const error = await failure(vibe.report(query as object));
    expect([error.code, error.message]).toEqual(['invalid_request', expect.stringMatching(message)]);
    expect((await vibe.report({ by: 'tag:user', sinceMs: 0, untilMs: Number.POSITIVE_INFINITY })).by).toBe('tag:user');
  });
});

describe('budgets', () => {
  it('are not escaped by failing over to a target with a budget of its own', async () => {
    const first = scripted(fails('model_not_found', 'gone'), { id: 'a', models: [{ id: 'm' }] });
    const second = scripted(says('x'), { id: 'b', models: [{ id: 'm' }] });
    const vibe = createVibe({
      plugins: [first, second, testPrices],
      mode: 'strict_budget',
      budgets: [
        { window: 'day', limitUsd: 0, provider: 'b' },
        { window: 'day', limitUsd: 5 },
      ],
    });
    expect((await failure(vibe.generate({ model: 'm', prompt: 'hi', route: 'fixed' }))).code).toBe('model_not_found');
    expect(second.calls).toHaveLength(0);
  });

  it('count every entry of middleware that repeats a call', async () => {
    const twice: Middleware = (next) =>
      async function* (call) {
        for await (const event of next(call)) if (event.type !== 'final') yield event;
        yield* next(call);
      };
    const ledger = memoryLedger();
    const provider = scripted(says('x'));
    const vibe = createVibe({
      plugins: [provider, testPrices, ledger],
      middleware: [twice],
      budgets: [{ window: 'day', limitUsd: 1 }],
    });
    await vibe.generate({ model: 'acme-1', prompt: 'hi' });
    expect(provider.calls).toHaveLength(2);
    expect((await vibe.budgets())[0]).toMatchObject({ spentNanoUsd: 2 * 12_000, heldNanoUsd: 0 });
    expect((await vibe.report()).totals).toMatchObject({ calls: 2, ok: 2 });
  });

  it('keep the estimate when a provider breaks down after its answer', async () => {
    const vibe = createVibe({
      plugins: [scripted(throws(new TypeError('x is undefined'))), testPrices],
      budgets: [{ window: 'day', limitUsd: 1 }],
    });
    const error = await failure(vibe.generate({ model: 'acme-1', prompt: 'hi' }));
    expect(error.cost?.actualNanoUsd).toBeGreaterThan(0);
    expect((await vibe.budgets())[0]?.spentNanoUsd).toBe(error.cost?.actualNanoUsd);
  });

  it.each([
    ['negative', { input_token: -1_000_000 }],
    ['not finite', { input_token: Number.NaN }],
    ['empty', {}],
  ])('do not believe a usage that is %s', async (_, quantities) => {
    const provider = scripted(async function* () {
      yield {
        type: 'final',
        result: { ...resultOf('x', 1), usage: { quantities, unknown: false, source: 'provider' } },
      };
    });
    const vibe = createVibe({ plugins: [provider, testPrices], budgets: [{ window: 'day', limitUsd: 1 }] });
    const response = await vibe.generate({ model: 'acme-1', prompt: 'hi' });
    expect(response.usage).toMatchObject({ unknown: true, source: 'estimated' });
    expect((await vibe.budgets())[0]?.spentNanoUsd).toBeGreaterThan(0);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
    ['gives an empty bill', () => ({ lines: [], totalNanoUsd: 0, priceIds: [], currency: 'USD', fxRate: null })],
    [
      'gives a fraction',
      () => ({
        lines: [{ unit: 'request', quantity: 1, usd: 0, nanoUsd: 0.5, priceId: 'p' }],
        totalNanoUsd: 0.5,
        priceIds: [],
        currency: 'USD',
        fxRate: null,
      }),
    ],
  ])('take a pricing plugin that %s for one that knows no price', async (_, price) => {
    const pricing = { kind: 'pricing', price, rates: () => [] } as Pricing;
    const vibe = createVibe({ plugins: [scripted(says('x')), pricing], mode: 'strict_budget' });
    expect((await failure(vibe.generate({ model: 'acme-1', prompt: 'hi' }))).code).toBe('unpriced');
  });

  it('are not bound by a shadow budget, which does not make a strict client lenient either', async () => {
    const provider = scripted(says('x'), { models: [{ id: 'acme-unpriced' }] });
    const vibe = createVibe({
      plugins: [provider, testPrices],
      mode: 'strict_budget',
      budgets: [{ window: 'day', limitUsd: 1, shadow: true }],
    });
    expect((await failure(vibe.generate({ model: 'acme-unpriced', prompt: 'hi' }))).code).toBe('unpriced');
  });
});

describe('endings', () => {
  it('come as one final event when the reader itself cancels between two pulls', async () => {
    const vibe = createVibe({ plugins: [scripted(saysThenHangs('a', 'b')), testPrices] });
    const stream = vibe.stream({ model: 'acme-1', prompt: 'hi' });
    const types: string[] = [];
    for await (const event of stream) {
      types.push(event.type === 'final' ? `final ${event.response.status}` : event.type);
      void stream.cancel();
    }
    expect(types.at(-1)).toBe('final cancelled');
    expect(types.filter((type) => type.startsWith('final'))).toHaveLength(1);
  });

  it('make the text throw when somebody else cut it short', async () => {
    const vibe = createVibe({ plugins: [scripted(saysThenHangs('The answer ', 'is not ')), testPrices] });
    const stream = vibe.stream({ model: 'acme-1', prompt: 'hi' });
    const reading = (async () => {
      for await (const _ of stream.text) await vibe.close();
    })();
    expect((await failure(reading)).code).toBe('cancelled');
    expect((await stream.final()).status).toBe('cancelled');
  });

  it('leave a row for a call that was cancelled before its first pull', async () => {
    const vibe = createVibe({ plugins: [scripted(says('x')), testPrices] });
    const stream = vibe.stream({ model: 'acme-1', prompt: 'hi' });
    await stream.cancel();
    expect((await stream.final()).status).toBe('cancelled');
    expect((await vibe.report()).totals).toMatchObject({ cancelled: 1, attempts: 0 });
  });

  it('reject a whole call that close() has cancelled', async () => {
    const vibe = createVibe({ plugins: [scripted(saysThenHangs('a')), testPrices] });
    const held = new Promise((resolve) => vibe.on('hold', resolve));
    const call = failure(vibe.generate({ model: 'acme-1', prompt: 'hi' }));
    await held;
    await vibe.close();
    expect((await call).code).toBe('cancelled');
  });

  it('do not wait for a plugin that never answers', async () => {
    const never = () => new Promise<never>(() => undefined);
    const deaf = scripted(hangs());
    for (const plugins of [
      [scripted(says('x')), testPrices, { ...memoryLedger(), hold: never }],
      [{ ...deaf, estimate: never }, testPrices],
    ]) {
      const vibe = createVibe({ plugins });
      expect((await failure(vibe.generate({ model: 'acme-1', prompt: 'hi', timeout: { totalMs: 10 } }))).code).toBe(
        'timeout',
      );
      await vibe.close();
    }
  });
});

describe('waits', () => {
  it('add up over all candidates', async () => {
    const endpoints = ['a', 'b', 'c'].map((id) => ({ id, region: 'global' }));
    const provider = scripted(saysThenHangs('x'), { endpoints });
    const vibe = createVibe({ plugins: [provider, testPrices], limits: { '*': { concurrency: 1 } } }, instant);
    const busy = endpoints.map(({ id }) =>
      vibe.stream({ model: `acme@${id}/acme-1`, prompt: 'hi' })[Symbol.asyncIterator](),
    );
    await Promise.all(busy.map((iterator) => iterator.next()));
    const error = await failure(vibe.generate({ model: 'acme-1', prompt: 'hi', maxWaitMs: 60 }));
    expect(error.code).toBe('rate_limited');
    const waits: number[] = [];
    vibe.on('wait', ({ waitMs }) => waits.push(waitMs));
    await failure(vibe.generate({ model: 'acme-1', prompt: 'hi', maxWaitMs: 60 }));
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(3 * 60);
    await vibe.close();
  });

  it('for a 429 are bounded by maxWaitMs', async () => {
    const provider = scripted(fails('provider_rate_limited', 'slow down', { retryAfterMs: 2_000 }));
    const vibe = createVibe({ plugins: [provider, testPrices] }, instant);
    expect((await failure(vibe.generate({ model: 'acme-1', prompt: 'hi', maxWaitMs: 200 }))).code).toBe(
      'provider_rate_limited',
    );
    expect(provider.calls).toHaveLength(1);
  });
});

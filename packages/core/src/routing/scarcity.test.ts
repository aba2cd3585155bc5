import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scripted, testPrices } from '../../test/scripted-provider.js';
import { createVibe } from '../create-vibe.js';
import { memoryLimiter } from '../defaults/memory-limiter.js';
import type { ChatRequest } from '../spec/request.js';
import { Scarcity } from './scarcity.js';

describe('what a permit is worth', () => {
  it('is never more than the most that a call has missed, and less as time goes by', () => {
    const misses = fc.array(
      fc.record({ saving: fc.integer({ min: 1, max: 1e9 }), afterMs: fc.integer({ min: 0, max: 600_000 }) }),
      { minLength: 1, maxLength: 200 },
    );
    fc.assert(
      fc.property(misses, (list) => {
        const scarcity = new Scarcity();
        let nowMs = 1_000_000;
        let before = 0;
        for (const { saving, afterMs } of list) {
          nowMs += afterMs;
          expect(scarcity.reserveNanoUsd(nowMs)).toBeLessThanOrEqual(before);
          scarcity.missed(saving, nowMs);
          before = scarcity.reserveNanoUsd(nowMs);
        }
        const most = Math.max(...list.map(({ saving }) => saving));
        expect(before).toBeLessThanOrEqual(most * (1 + 1e-9));
        expect(before).toBeGreaterThan(0);
        expect(scarcity.reserveNanoUsd(nowMs + 60_000)).toBeCloseTo(before / 2);
      }),
    );
  });

  it('is not raised by who would save less, or loses nothing', () => {
    const scarcity = new Scarcity();
    scarcity.missed(-100, 0);
    scarcity.missed(0, 0);
    expect(scarcity.reserveNanoUsd(0)).toBe(0);
    for (let call = 0; call < 100; call++) scarcity.missed(1_000, 0);
    const reserve = scarcity.reserveNanoUsd(0);
    scarcity.missed(reserve / 2, 0);
    expect(scarcity.reserveNanoUsd(0)).toBe(reserve);
  });
});

describe('a cheap model whose rate limit is too tight for all', () => {
  /** Every second for some minutes a long or a short call, in turns, at a rate limit that has room for half of them. */
  async function served(route: 'cheap' | 'quality') {
    const clock = { nowMs: Date.parse('2026-11-22T00:00:00Z') };
    const provider = scripted(
      async function* ({ request }) {
        const outputTokens = (request as ChatRequest).maxOutputTokens ?? 1;
        yield {
          type: 'final',
          result: {
            content: [{ type: 'text', text: 'x' }],
            finishReason: 'stop',
            rawFinishReason: 'stop',
            usage: {
              quantities: { input_token: 10, output_token: outputTokens },
              unknown: false,
              source: 'provider',
            },
            servedModel: null,
            requestId: null,
          },
        };
      },
      { models: [{ id: 'scarce-cheap', tier: 'premium' }, { id: 'plenty' }] },
    );
    const vibe = createVibe(
      {
        plugins: [provider, testPrices, memoryLimiter(() => clock.nowMs)],
        limits: { 'acme/scarce-cheap': { rpm: 30 } },
      },
      { now: () => clock.nowMs },
    );
    const counts = { long: 0, short: 0 };
    const minutes = 20;
    for (let second = 0; second < minutes * 60; second++) {
      clock.nowMs += 1_000;
      const kind = second % 2 === 0 ? 'long' : 'short';
      const { providerMeta } = await vibe.generate({
        model: 'acme/auto',
        prompt: 'Hi',
        route,
        maxOutputTokens: kind === 'long' ? 1_000 : 50,
        waitOnRateLimit: false,
      });
      const isLearned = second >= (minutes / 2) * 60;
      if (isLearned && providerMeta.model === 'scarce-cheap') counts[kind]++;
    }
    await vibe.close();
    return counts;
  }

  it('is left to the calls that save the most with it', async () => {
    const { long, short } = await served('cheap');
    expect(long).toBeGreaterThan(short * 3);
    // The room that there is is used.
    expect(long + short).toBeGreaterThan(0.9 * 30 * 10);
  });

  it('is shared by all where money is not what counts', async () => {
    const { long, short } = await served('quality');
    expect(long).toBeLessThan(short * 2);
  });
});

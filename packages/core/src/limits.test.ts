import { describe, expect, it } from 'vitest';
import { fails, says, scripted } from '../test/scripted-provider.js';
import { createVibe } from './create-vibe.js';
import { VibeError } from './errors/vibe-error.js';
import type { RateEnforcement } from './spec/provider.js';

const startMs = Date.parse('2026-11-22T12:00:00Z');

function client(scripts: Parameters<typeof scripted>[0], limits: object, rateLimits: RateEnforcement = {}) {
  const provider = scripted(scripts);
  const endpoints = provider.endpoints.map((endpoint) => ({ ...endpoint, rateLimits }));
  const clock = { nowMs: startMs };
  const environment = { now: () => clock.nowMs, random: () => 0 };
  const vibe = createVibe({ plugins: [{ ...provider, endpoints }], limits: limits as never }, environment);
  const outcome = (request: object = {}) =>
    vibe.generate({ model: 'acme-1', prompt: 'x', maxOutputTokens: 10, maxWaitMs: 0, ...request }).then(
      () => 'ok',
      (error: unknown) => {
        const { code, retryAfterMs } = VibeError.from(error);
        return [code, retryAfterMs];
      },
    );
  return { provider, clock, outcome };
}

describe('limits', () => {
  it('follow the short window that the endpoint declares', async () => {
    const burst = { share: 0.1, windowMs: 6_000 };
    const { clock, outcome } = client(says('a'), { '*': { rpm: 20 } }, { burst });
    expect([await outcome(), await outcome(), await outcome()]).toEqual(['ok', 'ok', ['rate_limited', 6_000]]);
    clock.nowMs += 6_000;
    expect(await outcome()).toBe('ok');
  });

  it('count days where the endpoint says, UTC otherwise', async () => {
    const pacific = client(says('a'), { '*': { rpd: 1 } }, { rpdTimezone: 'America/Los_Angeles' });
    expect([await pacific.outcome(), await pacific.outcome()]).toEqual(['ok', ['rate_limited', 20 * 3_600_000]]);
    const utc = client(says('a'), { '*': { rpd: 1 } });
    expect([await utc.outcome(), await utc.outcome()]).toEqual(['ok', ['rate_limited', 12 * 3_600_000]]);
    const own = client(says('a'), { '*': { rpd: 1, rpdTimezone: 'Asia/Shanghai' } }, { rpdTimezone: 'UTC' });
    expect([await own.outcome(), await own.outcome()]).toEqual(['ok', ['rate_limited', 4 * 3_600_000]]);
  });

  it('are set for a day by a 429 that speaks of a day, until the provider begins a new one', async () => {
    const quota = fails('provider_quota', 'no more today', { status: 429, details: { limitScope: 'day' } });
    const { clock, outcome, provider } = client([quota, says('a')], {}, { rpdTimezone: 'America/Los_Angeles' });
    expect(await outcome()).toEqual(['provider_quota', undefined]);
    expect(await outcome()).toEqual(['rate_limited', 20 * 3_600_000]);
    expect(provider.calls).toHaveLength(1);
    clock.nowMs += 20 * 3_600_000;
    expect(await outcome()).toBe('ok');
  });

  it('are waited for within the retry budget as well', async () => {
    const { outcome } = client(says('a'), { '*': { rpm: 1 } });
    expect(await outcome()).toBe('ok');
    expect(await outcome({ maxWaitMs: 100_000, retry: { budgetMs: 59_999 } })).toEqual(['rate_limited', 60_000]);
  });

  it('are free again for the tokens that an answer did not use', async () => {
    // Estimated at 35 tokens, an answer takes 11.
    const { outcome } = client(says('a'), { '*': { tpm: 46 } });
    expect([await outcome(), await outcome(), await outcome()]).toEqual(['ok', 'ok', ['rate_limited', 60_000]]);
  });
});

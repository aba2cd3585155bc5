import { describe, expect, it } from 'vitest';
import {
  fails,
  type ScriptedOptions,
  type ScriptedProvider,
  says,
  scripted,
  testPrices,
} from '../../test/scripted-provider.js';
import { createVibe } from '../create-vibe.js';
import { VibeError } from '../errors/vibe-error.js';
import type { VibeOptions } from '../spec/options.js';
import type { Provider, ProviderCall } from '../spec/provider.js';
import type { Quantities } from '../spec/usage.js';

type Counter = NonNullable<Provider['countTokens']>;

const request = { model: 'acme-1', prompt: 'Hello there', maxOutputTokens: 10 } as const;

function client(count: Counter | null, options: Partial<VibeOptions> = {}, scripts: ScriptedOptions = {}) {
  const asked: ProviderCall[] = [];
  const provider: ScriptedProvider = {
    ...scripted(says('fine'), scripts),
    ...(count !== null && {
      countTokens: (call) => {
        asked.push(call);
        return count(call);
      },
    }),
  };
  const vibe = createVibe({ plugins: [provider, testPrices], defaults: { countTokens: true }, ...options });
  const held: number[] = [];
  vibe.on('hold', ({ amountNanoUsd }) => held.push(amountNanoUsd));
  return { vibe, asked, held, provider };
}

const counts =
  (quantities: Quantities): Counter =>
  async () =>
    quantities;
/** 3 tokens of input and 10 of output. */
const exactNanoUsd = 3 * 1_000 + 10 * 2_000;

describe('a count of the service', () => {
  it('takes the place of the estimate in the hold', async () => {
    const { vibe, asked, held, provider } = client(counts({ input_token: 3 }));
    const { warnings } = await vibe.generate(request);
    expect(held).toEqual([exactNanoUsd]);
    expect(warnings).toEqual([]);
    expect(asked).toMatchObject([{ operation: 'chat', model: { id: 'acme-1' }, request: { maxOutputTokens: 10 } }]);
    expect(provider.calls).toHaveLength(1);
  });

  it('decides over a budget: exact is admitted, one nano-dollar less is not', async () => {
    const budget = (nanoUsd: number) => ({
      mode: 'strict_budget' as const,
      budgets: [{ window: 'total' as const, limitUsd: nanoUsd / 1e9 }],
    });
    expect((await client(counts({ input_token: 3 }), budget(exactNanoUsd)).vibe.generate(request)).status).toBe('ok');
    const short = client(counts({ input_token: 3 }), budget(exactNanoUsd - 1));
    await expect(short.vibe.generate(request)).rejects.toMatchObject({ code: 'budget_exceeded' });
    expect(short.provider.calls).toEqual([]);
  });

  it('is off unless somebody asks for it; a request may ask, or decline', async () => {
    const off = client(counts({ input_token: 3 }), { defaults: {} });
    await off.vibe.generate(request);
    expect(off.asked).toHaveLength(0);
    await off.vibe.generate({ ...request, countTokens: true });
    expect(off.asked).toHaveLength(1);
    const on = client(counts({ input_token: 3 }));
    await on.vibe.generate({ ...request, countTokens: false });
    expect(on.asked).toHaveLength(0);
  });

  it('is not asked for by an estimate unless its own request says so, and never by a dry run', async () => {
    const { vibe, asked } = client(counts({ input_token: 3 }));
    await vibe.estimate(request);
    await vibe.generate({ ...request, countTokens: true, dryRun: true });
    expect(asked).toHaveLength(0);
    const { inputTokens, worstCaseUsd } = await vibe.estimate({ ...request, countTokens: true });
    expect([inputTokens, worstCaseUsd]).toEqual([3, exactNanoUsd / 1e9]);
    const dry = client(counts({ input_token: 3 }), { dryRun: true });
    await dry.vibe.generate({ ...request, countTokens: true });
    await dry.vibe.generate({ ...request, countTokens: true, dryRun: false });
    expect(dry.asked).toHaveLength(0);
  });

  it('is asked of the endpoint that would serve the call, and of no region that it may not go to', async () => {
    const endpoints = [
      { id: 'far', region: 'us' },
      { id: 'near', region: 'eu' },
    ];
    const { vibe, asked } = client(counts({ input_token: 3 }), {}, { endpoints });
    await vibe.generate({ ...request, regions: ['eu'] });
    expect(asked.map(({ endpoint }) => endpoint.id)).toEqual(['near']);
    await expect(vibe.generate({ ...request, regions: ['jp'] })).rejects.toMatchObject({ code: 'no_route' });
    expect(asked).toHaveLength(1);
  });

  it('keeps what is billed beside the input', async () => {
    const { vibe, provider } = client(counts({ input_token: 3, input_image_token: 5 }));
    Object.assign(provider, {
      estimate: () => ({
        quantities: { input_token: 90, input_audio_token: 80, cached_input_token: 7 },
        unknown: true,
        source: 'estimated',
      }),
    });
    const { worstCaseUsd } = await vibe.estimate({ ...request, countTokens: true });
    expect(worstCaseUsd).toBeCloseTo((3 * 1_000 + 5 * 1_000 + 7 * 2_000 + 10 * 2_000) / 1e9, 12);
  });

  it('is a request of its own for the rate limits, and neither it nor its call waits for that', async () => {
    const { vibe, asked } = client(counts({ input_token: 3 }), { limits: { '*': { rpm: 3 } } });
    expect((await vibe.generate(request)).warnings).toEqual([]);
    // one left: it belongs to the call
    const second = await vibe.generate({ ...request, maxWaitMs: 0 });
    expect(asked).toHaveLength(1);
    expect(second.warnings.map(({ code }) => code)).toEqual(['tokens_not_counted']);
    await expect(vibe.generate({ ...request, maxWaitMs: 0 })).rejects.toMatchObject({ code: 'rate_limited' });
  });
});

describe('a count that fails', () => {
  const estimated = async () => {
    const plain = client(null);
    await plain.vibe.generate(request);
    return plain.held;
  };

  it.each<[string, Counter]>([
    ['with an error', async () => Promise.reject(new VibeError('provider_unavailable', 'it is down'))],
    ['with something else', async () => Promise.reject('no')],
    [
      'at once',
      () => {
        throw new Error('no');
      },
    ],
    ['with nonsense', counts({ input_token: Number.NaN })],
    ['with a negative number', counts({ input_token: -1 })],
    ['with nothing', counts({})],
  ])('%s leaves the estimate and a warning', async (_name, count) => {
    const { vibe, held } = client(count);
    const told: string[] = [];
    vibe.on('warning', ({ warning }) => told.push(warning.code));
    const { status, warnings } = await vibe.generate(request);
    expect(status).toBe('ok');
    expect(warnings.map(({ code }) => code)).toEqual(['tokens_not_counted']);
    expect(told).toEqual(['tokens_not_counted']);
    expect(held).toEqual(await estimated());
  });

  it('because the service cannot count this leaves the estimate and says nothing', async () => {
    const { vibe, held } = client(async () => null);
    expect((await vibe.generate(request)).warnings).toEqual([]);
    expect(held).toEqual(await estimated());
  });

  it('by never answering ends after its time, whether its provider hears the signal or not', async () => {
    const defaults = { countTokens: true, countTimeoutMs: 1 };
    const deaf: Counter = () => new Promise(() => undefined);
    const { vibe, asked } = client(deaf, { defaults });
    const { status, warnings } = await vibe.generate(request);
    expect([status, warnings[0]?.message]).toEqual(['ok', expect.stringContaining('longer than 1 ms')]);
    expect(asked[0]?.signal.aborted).toBe(true);
  });

  it('because its caller has left ends the call', async () => {
    const controller = new AbortController();
    const { vibe, provider, asked } = client(() => {
      controller.abort();
      return new Promise(() => undefined);
    });
    await expect(vibe.generate({ ...request, signal: controller.signal })).rejects.toMatchObject({ code: 'cancelled' });
    expect(provider.calls).toEqual([]);
    expect(asked[0]?.signal.aborted).toBe(true);
  });

  it('is not even asked for where the breaker is open', async () => {
    const provider = scripted([fails('provider_unavailable', 'it is down'), says('fine')]);
    let asked = 0;
    const counting = { ...provider, countTokens: async () => ({ input_token: ++asked }) };
    const environment = { now: () => 0, random: () => 0 };
    const breaker = { failures: 1, cooldownMs: 0 };
    const vibe = createVibe({ plugins: [counting, testPrices], defaults: { countTokens: true }, breaker }, environment);
    await vibe.generate({ ...request, retry: { attempts: 1 } }).catch(() => undefined);
    expect(asked).toBe(1);
    // half open: the one call that is let through is the probe itself
    expect((await vibe.generate(request)).status).toBe('ok');
    expect(asked).toBe(1);
  });
});

import type { Histogram } from '@opentelemetry/sdk-metrics';
import { afterEach, describe, expect, it } from 'vitest';
import { registerOtel, unregisterOtel } from '../../test/otel.js';
import { fails, failure, resultOf, says, saysThenHangs, scripted, testPrices } from '../../test/scripted-provider.js';
import { createVibe } from '../create-vibe.js';
import type { ProviderResult } from '../spec/event.js';
import type { VibeOptions } from '../spec/options.js';

afterEach(unregisterOtel);

const identity = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'acme',
  'gen_ai.request.model': 'acme-1',
  'server.address': 'main.example',
  'server.port': 443,
};
const served = { ...identity, 'gen_ai.response.model': 'acme-1-0001' };
const ours = { ...identity, 'vibe.endpoint': 'main' };

/** Every look at the clock takes 100 ms. */
function ticking(): () => number {
  let nowMs = Date.UTC(2026, 10, 22);
  return () => {
    nowMs += 100;
    return nowMs;
  };
}

function client(provider: ReturnType<typeof scripted>, options: Partial<VibeOptions> = {}) {
  return createVibe(
    { budgets: [{ window: 'day', limitUsd: 5 }], ...options, plugins: [provider, testPrices] },
    { random: () => 0, now: ticking() },
  );
}

/** Attributes and value of every point; of a histogram count and sum. */
async function measured(otel: ReturnType<typeof registerOtel>, metric: string) {
  const points = await otel.points(metric);
  return points.map(({ attributes, value }) => {
    if (typeof value === 'number') return [attributes, value];
    const { count, sum } = value as Histogram;
    return [attributes, { count, sum }];
  });
}

const reply = (usage: ProviderResult['usage']) =>
  async function* () {
    yield { type: 'final', result: { ...resultOf('a', 1), usage } } as const;
  };

describe('the metrics of attempts', () => {
  it('are duration, tokens and cost', async () => {
    const otel = registerOtel();
    const vibe = client(scripted(says('a', 'b')));
    const { attempts } = await vibe.generate({ model: 'acme-1', prompt: 'Hi' });
    const seconds = attempts[0]!.totalMs / 1000;
    expect(seconds).toBeGreaterThan(0);
    expect(await measured(otel, 'gen_ai.client.operation.duration')).toEqual([[served, { count: 1, sum: seconds }]]);
    expect(await measured(otel, 'gen_ai.client.token.usage')).toEqual([
      [
        { ...served, 'gen_ai.token.type': 'input' },
        { count: 1, sum: 10 },
      ],
      [
        { ...served, 'gen_ai.token.type': 'output' },
        { count: 1, sum: 2 },
      ],
    ]);
    expect(await measured(otel, 'vibe.cost')).toEqual([[{ ...ours, 'vibe.usage.source': 'provider' }, 0.000014]]);
    expect(await measured(otel, 'vibe.cost.unknown')).toEqual([]);
  });

  it('have the buckets of the conventions', async () => {
    const otel = registerOtel();
    await client(scripted(says('a'))).generate({ model: 'acme-1', prompt: 'Hi' });
    const boundaries = async (metric: string) =>
      ((await otel.points(metric))[0]!.value as Histogram).buckets.boundaries;
    expect(await boundaries('gen_ai.client.operation.duration')).toEqual([
      0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
    ]);
    expect((await boundaries('gen_ai.client.token.usage')).slice(0, 4)).toEqual([1, 4, 16, 64]);
  });

  it('have the time to the first chunk of streams, and of nothing else', async () => {
    const otel = registerOtel();
    const vibe = client(scripted(says('a', 'b')));
    await vibe.generate({ model: 'acme-1', prompt: 'Hi' });
    expect(await measured(otel, 'gen_ai.client.operation.time_to_first_chunk')).toEqual([]);
    const { attempts } = await vibe.stream({ model: 'acme-1', prompt: 'Hi' }).final();
    expect(await measured(otel, 'gen_ai.client.operation.time_to_first_chunk')).toEqual([
      [served, { count: 1, sum: attempts[0]!.ttftMs! / 1000 }],
    ]);
  });

  it('count a failed attempt with its error, and the next one without', async () => {
    const otel = registerOtel();
    await client(scripted([fails('provider_unavailable', 'down', { retryable: true }), says('a')])).generate({
      model: 'acme-1',
      prompt: 'Hi',
    });
    const points = await measured(otel, 'gen_ai.client.operation.duration');
    expect(points.map(([attributes]) => attributes)).toEqual([
      { ...identity, 'error.type': 'provider_unavailable' },
      served,
    ]);
  });

  it('do not take an own count of tokens for the provider’s, nor an unknown cost for none', async () => {
    const otel = registerOtel();
    const provider = scripted(saysThenHangs('a'), { models: [{ id: 'acme-1-unpriced' }] });
    const stream = client(provider, { budgets: [] }).stream({ model: 'acme-1-unpriced', prompt: 'Hi' });
    for await (const event of stream) if (event.type === 'delta') break;
    expect((await stream.final()).cost.actualUsd).toBeNull();
    expect(await measured(otel, 'gen_ai.client.token.usage')).toEqual([]);
    expect(await measured(otel, 'vibe.cost')).toEqual([]);
    expect(await measured(otel, 'vibe.cost.unknown')).toEqual([
      [{ ...ours, 'gen_ai.request.model': 'acme-1-unpriced' }, 1],
    ]);
  });

  it('count what a cancelled stream has cost', async () => {
    const otel = registerOtel();
    const stream = client(scripted(saysThenHangs('a'))).stream({ model: 'acme-1', prompt: 'Hi' });
    for await (const event of stream) if (event.type === 'delta') break;
    const { cost } = await stream.final();
    expect(cost.actualUsd).toBeGreaterThan(0);
    expect(await measured(otel, 'vibe.cost')).toEqual([[{ ...ours, 'vibe.usage.source': 'partial' }, cost.actualUsd]]);
  });
});

describe('the metrics of latest', () => {
  it('are counters by modality, and a distribution per attempt', async () => {
    const otel = registerOtel();
    const quantities = {
      input_token: 10,
      input_image_token: 7,
      cached_input_token: 5,
      output_token: 2,
      reasoning_token: 4,
    };
    const provider = scripted(reply({ quantities, unknown: false, source: 'provider' }), {
      models: [{ id: 'acme-1', input: ['text', 'image'] }],
    });
    await client(provider, { telemetry: { semconv: 'latest' } }).generate({ model: 'acme-1', prompt: 'Hi' });
    const inference = (name: string) => measured(otel, `gen_ai.client.inference.${name}`);
    const of = (modality: string) => ({ ...served, 'gen_ai.token.modality': modality });
    expect(await inference('usage.input_tokens')).toEqual([
      [of('image'), 7],
      [of('text'), 15],
    ]);
    expect(await inference('usage.output_tokens')).toEqual([[of('text'), 6]]);
    expect(await inference('usage.cache_read.input_tokens')).toEqual([[of('unknown'), 5]]);
    expect(await inference('usage.reasoning.output_tokens')).toEqual([[of('text'), 4]]);
    expect(await inference('operation.input_tokens')).toEqual([[served, { count: 1, sum: 22 }]]);
    expect(await inference('operation.output_tokens')).toEqual([[served, { count: 1, sum: 6 }]]);
    expect(await inference('duration')).toHaveLength(1);
  });

  it('count 0 of unknown modality where no usage came', async () => {
    const otel = registerOtel();
    const vibe = client(scripted(fails('invalid_request', 'no')), { telemetry: { semconv: 'latest' } });
    await failure(vibe.generate({ model: 'acme-1', prompt: 'Hi' }));
    const unknown = { ...identity, 'gen_ai.token.modality': 'unknown' };
    expect(await measured(otel, 'gen_ai.client.inference.usage.input_tokens')).toEqual([[unknown, 0]]);
    expect(await measured(otel, 'gen_ai.client.inference.operation.input_tokens')).toEqual([]);
  });

  it('and those of v1.41 share no name of the conventions', async () => {
    const namesOf = async (semconv: 'v1.41' | 'latest') => {
      const otel = registerOtel();
      await client(scripted(says('a')), { telemetry: { semconv } })
        .stream({ model: 'acme-1', prompt: 'Hi' })
        .final();
      const names = await otel.metricNames();
      unregisterOtel();
      return names.filter((name) => name.startsWith('gen_ai.'));
    };
    const [old, latest] = [await namesOf('v1.41'), await namesOf('latest')];
    expect(old.sort()).toEqual([
      'gen_ai.client.operation.duration',
      'gen_ai.client.operation.time_to_first_chunk',
      'gen_ai.client.token.usage',
    ]);
    expect(latest.filter((name) => old.includes(name))).toEqual([]);
    expect(latest).toContain('gen_ai.client.inference.time_to_first_chunk');
  });
});

describe('the metrics of the process', () => {
  it('have what is held while a call runs, and nothing when it is over', async () => {
    const otel = registerOtel();
    const vibe = client(scripted(saysThenHangs('a')));
    const holds: number[] = [];
    vibe.on('hold', ({ amountNanoUsd }) => holds.push(amountNanoUsd / 1e9));
    const stream = vibe.stream({ model: 'acme-1', prompt: 'Hi' });
    for await (const event of stream) {
      if (event.type !== 'delta') continue;
      expect(await measured(otel, 'vibe.held')).toEqual([[{}, holds[0]]]);
      break;
    }
    await stream.final();
    expect(holds[0]).toBeGreaterThan(0);
    expect(await measured(otel, 'vibe.held')).toEqual([[{}, 0]]);
  });

  it('have what a retry adds to the hold', async () => {
    const otel = registerOtel();
    const vibe = client(
      scripted([fails('timeout', 'late', { retryable: true, mayBeBilled: true }), saysThenHangs('a')]),
    );
    const extended: number[] = [];
    vibe.on('extend', ({ toNanoUsd }) => extended.push(toNanoUsd / 1e9));
    const stream = vibe.stream({ model: 'acme-1', prompt: 'Hi' });
    for await (const event of stream) if (event.type === 'delta') break;
    // The settlement is not awaited by break, the next line is.
    await stream.final();
    expect(extended).toHaveLength(1);
    expect(otel.span('vibe.generate').events.map(({ name }) => name)).toEqual([
      'vibe.hold',
      'vibe.retry',
      'vibe.extend',
    ]);
    expect((await measured(otel, 'vibe.held'))[0]?.[1]).toBeCloseTo(0, 12);
  });

  it('have the wait for rate limits of every attempt', async () => {
    const otel = registerOtel();
    const { attempts } = await client(scripted(says('a'))).generate({ model: 'acme-1', prompt: 'Hi' });
    expect(await measured(otel, 'vibe.limiter.wait')).toEqual([[ours, { count: 1, sum: attempts[0]!.waitMs / 1000 }]]);
  });

  it('have the state of a breaker', async () => {
    const otel = registerOtel();
    const down = scripted(fails('provider_unavailable', 'down'));
    const breaker = { failures: 2, cooldownMs: 3_600_000 };
    const vibe = client(down, { breaker, defaults: { retry: { attempts: 1 } } });
    const target = {
      'gen_ai.provider.name': 'acme',
      'gen_ai.request.model': 'acme-1',
      'vibe.endpoint': 'main',
      'vibe.profile': 'default',
    };
    await failure(vibe.generate({ model: 'acme-1', prompt: 'Hi' }));
    expect(await measured(otel, 'vibe.breaker.state')).toEqual([]);
    await failure(vibe.generate({ model: 'acme-1', prompt: 'Hi' }));
    expect(await measured(otel, 'vibe.breaker.state')).toEqual([[target, 2]]);
  });

  it('need no tracer', async () => {
    const otel = registerOtel({ tracing: false });
    await client(scripted(says('a'))).generate({ model: 'acme-1', prompt: 'Hi' });
    expect(await measured(otel, 'gen_ai.client.operation.duration')).toHaveLength(1);
    expect(otel.spans()).toEqual([]);
  });
});

import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { afterEach, describe, expect, it } from 'vitest';
import { registerOtel, unregisterOtel } from '../../test/otel.js';
import {
  fails,
  failure,
  resultOf,
  says,
  saysThenFails,
  saysThenHangs,
  scripted,
  testPrices,
} from '../../test/scripted-provider.js';
import { createVibe } from '../create-vibe.js';
import type { VibeOptions } from '../spec/options.js';

afterEach(unregisterOtel);

const budgets = [{ window: 'day', limitUsd: 5, id: 'daily' }] as const;

function client(provider: ReturnType<typeof scripted>, options: Partial<VibeOptions> = {}) {
  return createVibe(
    { budgets, ...options, plugins: [provider, testPrices, ...(options.plugins ?? [])] },
    { random: () => 0, now: () => Date.UTC(2026, 10, 22) },
  );
}

function attemptsOf(spans: readonly ReadableSpan[]): readonly ReadableSpan[] {
  return spans.filter(({ kind }) => kind === SpanKind.CLIENT);
}

function eventsOf(span: ReadableSpan) {
  return span.events.map(({ name, attributes }) => [name, attributes] as const);
}

describe('spans of a call that works', () => {
  it('are one for the call and a CLIENT span for its attempt', async () => {
    const otel = registerOtel();
    const vibe = client(scripted(says('Hello', ' world')));
    const response = await vibe.generate({
      model: 'acme-1',
      prompt: 'Hi',
      maxOutputTokens: 50,
      temperature: 0.5,
      seed: 7,
    });
    const call = otel.span('vibe.generate');
    const attempt = otel.span('chat acme-1');
    expect(otel.spans()).toHaveLength(2);
    expect(call.kind).toBe(SpanKind.INTERNAL);
    expect(call.attributes).toEqual({
      'vibe.call.id': response.id,
      'vibe.request.model': 'acme-1',
      'vibe.stream': false,
      'vibe.status': 'ok',
      'vibe.target': 'acme-1 @ acme/main',
      'vibe.attempts': 1,
      'vibe.cost': 0.000014,
      'vibe.cost.estimated': response.cost.estimatedUsd,
      'vibe.held': expect.any(Number),
      'vibe.limiter.wait': 0,
      'vibe.retry.wait': 0,
    });
    expect(eventsOf(call)).toEqual([
      [
        'vibe.hold',
        {
          'vibe.target': 'acme-1 @ acme/main',
          'vibe.held': call.attributes['vibe.held'],
          'vibe.budgets': ['daily'],
          'vibe.strict': false,
        },
      ],
    ]);
    expect(attempt.kind).toBe(SpanKind.CLIENT);
    expect(attempt.parentSpanContext?.spanId).toBe(call.spanContext().spanId);
    expect(attempt.attributes).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'acme',
      'gen_ai.request.model': 'acme-1',
      'gen_ai.request.max_tokens': 50,
      'gen_ai.request.temperature': 0.5,
      'gen_ai.request.seed': 7,
      'gen_ai.response.id': 'request-1',
      'gen_ai.response.model': 'acme-1-0001',
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.usage.input_tokens': 10,
      'gen_ai.usage.output_tokens': 2,
      'server.address': 'main.example',
      'server.port': 443,
      'vibe.attempt': 1,
      'vibe.profile': 'default',
      'vibe.endpoint': 'main',
      'vibe.region': 'global',
      'vibe.limiter.wait': 0,
      'vibe.retry.wait': 0,
      'vibe.status': 'ok',
      'vibe.cost': 0.000014,
      'vibe.cost.estimated': response.cost.estimatedUsd,
      'vibe.usage.source': 'provider',
    });
    expect([call, attempt].map(({ status }) => status)).toEqual([
      { code: SpanStatusCode.UNSET },
      { code: SpanStatusCode.UNSET },
    ]);
    expect(attempt.instrumentationScope).toMatchObject({
      name: '@vibe/core',
      schemaUrl: 'https://opentelemetry.io/schemas/1.41.0',
    });
  });

  it('of a stream say so and have the time to its first chunk', async () => {
    const otel = registerOtel();
    const vibe = client(scripted(says('a', 'b')));
    for await (const event of vibe.stream({ model: 'acme-1', prompt: 'Hi' })) void event;
    expect(otel.span('vibe.generate').attributes).toMatchObject({ 'vibe.stream': true, 'vibe.status': 'ok' });
    expect(otel.span('chat acme-1').attributes).toMatchObject({
      'gen_ai.request.stream': true,
      'gen_ai.response.time_to_first_chunk': expect.any(Number),
    });
  });

  it('count tokens as the conventions do: totals with their parts', async () => {
    const quantities = {
      input_token: 10,
      cached_input_token: 5,
      cache_write_token: 3,
      output_token: 2,
      reasoning_token: 4,
    };
    const script = async function* () {
      yield {
        type: 'final',
        result: { ...resultOf('a', 1), usage: { quantities, unknown: false, source: 'provider' } },
      } as const;
    };
    const tokens = async (semconv: 'v1.41' | 'latest') => {
      const otel = registerOtel();
      await client(scripted(script), { telemetry: { semconv } }).generate({ model: 'acme-1', prompt: 'Hi' });
      const { attributes } = otel.span('chat acme-1');
      unregisterOtel();
      return Object.fromEntries(Object.entries(attributes).filter(([name]) => name.startsWith('gen_ai.usage')));
    };
    const common = {
      'gen_ai.usage.input_tokens': 18,
      'gen_ai.usage.output_tokens': 6,
      'gen_ai.usage.cache_read.input_tokens': 5,
      'gen_ai.usage.reasoning.output_tokens': 4,
    };
    expect(await tokens('v1.41')).toEqual({ ...common, 'gen_ai.usage.cache_creation.input_tokens': 3 });
    expect(await tokens('latest')).toEqual({ ...common, 'gen_ai.usage.cache_write.input_tokens': 3 });
  });

  it('name providers and operations as the conventions do', async () => {
    const otel = registerOtel();
    const operations = ['chat', 'transcribe', 'speak', 'paint'] as const;
    const provider = scripted(says('a'), {
      id: 'gemini',
      models: [{ id: 'acme-1', operations, output: ['text', 'image'] }],
    });
    const vibe = createVibe({ plugins: [provider] });
    await vibe.generate({ model: 'acme-1', prompt: 'Hi', output: { type: 'object' } }).catch(() => undefined);
    await vibe.paint({ model: 'acme-1', prompt: 'A cat', count: 2 });
    const [chat, paint] = [attemptsOf(otel.spans())[0], attemptsOf(otel.spans()).at(-1)];
    expect(chat?.name).toBe('generate_content acme-1');
    expect(chat?.attributes).toMatchObject({ 'gen_ai.provider.name': 'gcp.gemini', 'gen_ai.output.type': 'json' });
    expect(paint?.attributes).toMatchObject({ 'gen_ai.output.type': 'image', 'gen_ai.request.choice.count': 2 });
    expect(otel.span('vibe.paint').attributes['vibe.status']).toBe('ok');
  });
});

describe('spans of a call that has trouble', () => {
  it('are two CLIENT spans for a retry, and only the first has failed', async () => {
    const otel = registerOtel();
    const vibe = client(scripted([fails('provider_unavailable', 'down', { status: 503, retryable: true }), says('a')]));
    await vibe.generate({ model: 'acme-1', prompt: 'Hi' });
    const call = otel.span('vibe.generate');
    const [first, second] = attemptsOf(otel.spans());
    expect(attemptsOf(otel.spans())).toHaveLength(2);
    expect(first?.status).toEqual({ code: SpanStatusCode.ERROR });
    expect(first?.attributes).toMatchObject({
      'error.type': 'provider_unavailable',
      'vibe.status': 'failed',
      'vibe.attempt': 1,
    });
    expect(second?.status).toEqual({ code: SpanStatusCode.UNSET });
    expect(second?.attributes).toMatchObject({ 'vibe.status': 'ok', 'vibe.attempt': 2 });
    expect(second?.attributes).not.toHaveProperty('error.type');
    expect([first, second].map((span) => span?.parentSpanContext?.spanId)).toEqual(
      Array(2).fill(call.spanContext().spanId),
    );
    expect(call.status).toEqual({ code: SpanStatusCode.UNSET });
    expect(call.attributes).toMatchObject({ 'vibe.status': 'ok', 'vibe.attempts': 2 });
    expect(call.attributes).not.toHaveProperty('error.type');
    expect(eventsOf(call)[1]).toEqual([
      'vibe.retry',
      {
        'vibe.target': 'acme-1 @ acme/main',
        'vibe.attempt': 2,
        'vibe.retry.wait': expect.any(Number),
        'vibe.reason': 'provider_unavailable',
      },
    ]);
  });

  it('tell a failover with its reason', async () => {
    const otel = registerOtel();
    const endpoints = [
      { id: 'one', region: 'global' },
      { id: 'two', region: 'global' },
    ];
    const vibe = client(scripted([fails('auth', 'wrong key'), says('a')], { endpoints }));
    await vibe.generate({ model: 'acme-1', prompt: 'Hi' });
    const call = otel.span('vibe.generate');
    expect(attemptsOf(otel.spans()).map(({ attributes }) => attributes['vibe.endpoint'])).toEqual(['one', 'two']);
    expect(eventsOf(call)).toContainEqual([
      'vibe.failover',
      { 'vibe.from': 'acme-1 @ acme/one', 'vibe.to': 'acme-1 @ acme/two', 'vibe.reason': 'auth' },
    ]);
    expect(eventsOf(call)).toContainEqual(['vibe.warning', { 'vibe.reason': 'auth' }]);
  });

  it('have the status of an error, with its code, when the call fails', async () => {
    const otel = registerOtel();
    const vibe = client(scripted(saysThenFails(['a'], 'stream_truncated', 'cut')));
    await failure(vibe.generate({ model: 'acme-1', prompt: 'Hi' }));
    for (const name of ['vibe.generate', 'chat acme-1']) {
      const { status, attributes } = otel.span(name);
      expect(status).toEqual({ code: SpanStatusCode.ERROR });
      expect(attributes).toMatchObject({ 'error.type': 'stream_truncated', 'vibe.status': 'failed' });
    }
    expect(otel.span('chat acme-1').attributes).toMatchObject({ 'vibe.usage.source': 'partial' });
  });

  it('have no error when the caller leaves', async () => {
    const otel = registerOtel();
    const vibe = client(scripted(saysThenHangs('a')));
    const stream = vibe.stream({ model: 'acme-1', prompt: 'Hi' });
    for await (const event of stream) if (event.type === 'delta') break;
    await stream.final();
    for (const name of ['vibe.generate', 'chat acme-1']) {
      const { status, attributes } = otel.span(name);
      expect(status).toEqual({ code: SpanStatusCode.UNSET });
      expect(attributes['vibe.status']).toBe('cancelled');
      expect(attributes).not.toHaveProperty('error.type');
    }
  });

  it('have no error when the caller aborts, also one that waits for the first token', async () => {
    const otel = registerOtel();
    const vibe = client(scripted(saysThenHangs()));
    const controller = new AbortController();
    const running = failure(vibe.generate({ model: 'acme-1', prompt: 'Hi', signal: controller.signal }));
    await new Promise(setImmediate);
    controller.abort();
    expect((await running).code).toBe('cancelled');
    expect(otel.span('vibe.generate').status).toEqual({ code: SpanStatusCode.UNSET });
    expect(otel.span('chat acme-1').attributes['vibe.status']).toBe('cancelled');
  });

  it('have the call cancelled when its rest fails after the caller has left', async () => {
    const otel = registerOtel();
    const vibe = client(scripted(saysThenFails(['a', 'b'], 'stream_truncated', 'cut')));
    const stream = vibe.stream({ model: 'acme-1', prompt: 'Hi', onCancel: 'drain' });
    for await (const event of stream) if (event.type === 'delta') break;
    await stream.final().catch(() => undefined);
    const { status, attributes } = otel.span('vibe.generate');
    expect(status).toEqual({ code: SpanStatusCode.UNSET });
    expect(attributes['vibe.status']).toBe('cancelled');
    expect(otel.span('chat acme-1').attributes['error.type']).toBe('stream_truncated');
  });

  it('tell a downgrade', async () => {
    const otel = registerOtel();
    const models = [
      { id: 'acme-1', tier: 'premium' },
      { id: 'acme-1-cheap', tier: 'economy' },
    ] as const;
    const vibe = client(scripted(says('a'), { models }), { budgets: [{ window: 'day', limitUsd: 0.00005 }] });
    await vibe.generate({ prompt: 'Hi', route: 'quality', maxOutputTokens: 20 });
    const call = otel.span('vibe.generate');
    const way = { 'vibe.from': 'acme-1 @ acme/main', 'vibe.to': 'acme-1-cheap @ acme/main' };
    expect(eventsOf(call)).toContainEqual(['vibe.downgrade', way]);
    expect(call.attributes['vibe.downgraded_from']).toBe('acme-1 @ acme/main');
  });

  it('are one without a CLIENT span when a budget refuses', async () => {
    const otel = registerOtel();
    const provider = scripted(says('a'));
    const vibe = client(provider, { budgets: [{ window: 'day', limitUsd: 0.000001 }] });
    await failure(vibe.generate({ model: 'acme-1', prompt: 'Hi' }));
    expect(otel.spans()).toHaveLength(1);
    const { attributes, status } = otel.span('vibe.generate');
    expect(attributes).toMatchObject({ 'error.type': 'budget_exceeded', 'vibe.status': 'blocked', 'vibe.attempts': 0 });
    expect(attributes).not.toHaveProperty('vibe.held');
    expect(status).toEqual({ code: SpanStatusCode.ERROR });
  });

  it('are ended, each once, when a consumer throws in the middle of a stream', async () => {
    const otel = registerOtel();
    const vibe = client(scripted(saysThenHangs('a')));
    const reading = (async () => {
      for await (const event of vibe.stream({ model: 'acme-1', prompt: 'Hi' })) throw new Error(event.type);
    })();
    await expect(reading).rejects.toThrow('delta');
    await vibe.close();
    expect(otel.spans().map(({ name }) => name)).toEqual(['chat acme-1', 'vibe.generate']);
  });
});

/** The provider against the simulator: the same wire with everything that can go wrong. */
import { type Fault, type Simulator, startSimulator } from '@vibe/simulator';
import { collect, failureOf, resultOf, user } from '@vibe/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chatCall, provide, testKey } from './testing.js';

let simulator: Simulator;
let provider: ReturnType<typeof provide>;

beforeAll(async () => {
  simulator = await startSimulator({ cachedShare: 0.5 });
  provider = provide({ apiKey: testKey, region: 'sg', baseUrl: simulator.baseUrls.qwen });
});
afterEach(() => simulator.reset());
afterAll(async () => {
  await provider.close?.();
  await simulator.close();
});

const prompt = { messages: [user('Why is the sky blue? Antworte auf Deutsch: 天空为什么是蓝色的？')] };
const calls = [
  ['streamed', true],
  ['unary', false],
] as const;

function ask(incremental: boolean, model = 'qwen-plus', reasoning?: 'low') {
  return collect(
    provider.stream(chatCall(provider, { ...prompt, ...(reasoning && { reasoning }) }, { incremental, model })),
  );
}

describe.each(calls)('a %s chat', (_name, incremental) => {
  it('ends with text, usage and the model that served', async () => {
    const result = resultOf(await ask(incremental));
    expect(result).toMatchObject({ finishReason: 'stop', rawFinishReason: 'stop', servedModel: 'qwen-plus' });
    expect(result.content).toMatchObject([{ type: 'text', text: expect.stringMatching(/.+/) }]);
    expect(result.usage).toMatchObject({ unknown: false, source: 'provider' });
    expect(result.usage?.quantities).toMatchObject({
      output_token: expect.any(Number),
      cached_input_token: expect.any(Number),
    });
    expect(result.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each(['qwen-plus', 'qwq-plus'])('of %s shows its thoughts', async (model) => {
    const { content, usage } = resultOf(await ask(incremental, model, 'low'));
    expect(content.map(({ type }) => type)).toEqual(['reasoning', 'text']);
    expect(usage?.quantities.reasoning_token).toBeGreaterThan(0);
  });

  it('says that usage is missing instead of 0', async () => {
    simulator.script({ fault: { kind: 'missingUsage' } });
    expect(resultOf(await ask(incremental)).usage).toBeNull();
  });

  it.each<[Fault, object]>([
    [
      { kind: 'status', status: 429, retryAfterMs: 2_000 },
      { code: 'provider_rate_limited', retryAfterMs: 2_000 },
    ],
    [
      { kind: 'status', reason: 'insufficient_quota' },
      { code: 'provider_rate_limited', status: 429 },
    ],
    [
      { kind: 'status', reason: 'free_quota_exceeded' },
      { code: 'provider_quota', retryable: false },
    ],
    [
      { kind: 'status', reason: 'arrearage' },
      { code: 'provider_quota', status: 400 },
    ],
    [
      { kind: 'status', reason: 'data_inspection_failed' },
      { code: 'content_filtered', status: 400 },
    ],
    [{ kind: 'status', reason: 'context_length' }, { code: 'context_length' }],
    [{ kind: 'status', reason: 'model_not_found' }, { code: 'model_not_found' }],
    [
      { kind: 'status', reason: 'too_large' },
      { code: 'invalid_request', status: 413 },
    ],
    [
      { kind: 'status', status: 500 },
      { code: 'provider_unavailable', mayBeBilled: false },
    ],
    [
      { kind: 'status', status: 503 },
      { code: 'provider_unavailable', retryable: true },
    ],
    [{ kind: 'reset' }, { code: 'provider_unavailable', mayBeBilled: true }],
    [{ kind: 'html' }, { code: 'provider_unavailable', status: 502 }],
    [{ kind: 'hugeError' }, { code: 'provider_unavailable', status: 500 }],
  ])('fails with %j as %j, once', async (fault, expected) => {
    simulator.script({ fault });
    const error = await failureOf(ask(incremental));
    expect(error).toMatchObject(expected);
    expect(JSON.stringify([error, error.message])).not.toContain(testKey);
    expect(simulator.stats().attempts.total).toBe(1);
  });
});

describe('a streamed chat', () => {
  it.each<Fault['kind']>(['crlf', 'lf', 'cr', 'comments', 'multiLineData', 'splitUtf8', 'usageAfterFinish'])(
    'is the same with %s',
    async (kind) => {
      const plain = resultOf(await ask(true));
      simulator.script({ fault: { kind } as Fault });
      const { content, usage } = resultOf(await ask(true));
      expect({ content, usage }).toEqual({ content: plain.content, usage: plain.usage });
    },
  );

  it.each<[Fault, object]>([
    [
      { kind: 'reset', afterDeltas: 1 },
      { code: 'stream_truncated', mayBeBilled: true },
    ],
    [{ kind: 'truncate' }, { code: 'stream_truncated' }],
    [{ kind: 'empty' }, { code: 'stream_truncated' }],
    [{ kind: 'errorInStream' }, { code: 'provider_unavailable', mayBeBilled: true }],
  ])('fails with %j as %j', async (fault, expected) => {
    simulator.script({ fault });
    expect(await failureOf(ask(true))).toMatchObject(expected);
  });

  it('ends upstream when the loop is left', async () => {
    simulator.script({ fault: { kind: 'stall', afterDeltas: 1 } });
    for await (const event of provider.stream(chatCall(provider, prompt))) if (event.type === 'delta') break;
    await simulator.waitFor(({ attempts }) => attempts.aborted === 1);
  });

  it('ends upstream when it is aborted before the first event', async () => {
    simulator.script({ fault: { kind: 'stall' } });
    const abort = new AbortController();
    const call = failureOf(collect(provider.stream(chatCall(provider, prompt, { signal: abort.signal }))));
    await simulator.waitFor(({ attempts }) => attempts.running === 1);
    abort.abort();
    expect(await call).toMatchObject({ code: 'cancelled' });
    await simulator.waitFor(({ attempts }) => attempts.aborted === 1);
  });
});

describe('the connection', () => {
  it('is used again', async () => {
    for (let n = 0; n < 5; n++) await ask(n % 2 === 0);
    const before = simulator.stats().connections.total;
    for (let n = 0; n < 5; n++) await ask(n % 2 === 0);
    expect(simulator.stats().connections.total).toBe(before);
  });

  it('is refused to a wrong key, with a hint about regions', async () => {
    const wrong = provide({ apiKey: 'wrong-key', baseUrl: simulator.baseUrls.qwen });
    const error = await failureOf(collect(wrong.stream(chatCall(wrong, prompt))));
    expect(error).toMatchObject({ code: 'auth', status: 401 });
    expect(error.message).toMatch(/DASHSCOPE_API_KEY.*region/);
    await wrong.close?.();
  });

  it('is pinged', async () => {
    const [endpoint] = provider.endpoints;
    if (endpoint === undefined) throw new Error('no endpoint');
    expect(await provider.ping?.(endpoint, new AbortController().signal)).toMatchObject({ ok: true, status: 200 });
  });
});

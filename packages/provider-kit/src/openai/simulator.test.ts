/** A provider made of a few lines, against the simulator's generic chat completions. */
import { VibeError } from '@vibe/core';
import { type Fault, type Simulator, startSimulator } from '@vibe/simulator';
import { collect, user } from '@vibe/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chatCall, testKey, testModel } from '../testing.js';
import { openAiCompatible } from './open-ai-compatible.js';

let simulator: Simulator;
let provider: ReturnType<typeof openAiCompatible>;

beforeAll(async () => {
  simulator = await startSimulator({ models: ['acme-large'] });
  provider = openAiCompatible({
    id: 'acme',
    endpoints: [{ id: 'main', baseUrl: simulator.baseUrls.openai, apiKey: testKey }],
    models: [testModel],
  });
});
afterEach(() => simulator.reset());
afterAll(async () => {
  await provider.close?.();
  await simulator.close();
});

async function ask(incremental: boolean) {
  const [endpoint] = provider.endpoints;
  const call = chatCall(
    { messages: [user('Why is the sky blue? 天空为什么是蓝色的？')] },
    { incremental, ...(endpoint && { endpoint }) },
  );
  const last = (await collect(provider.stream(call))).at(-1);
  if (last?.type !== 'final') throw new Error('no final');
  return last.result;
}

describe.each([
  ['streamed', true],
  ['unary', false],
] as const)('a %s chat', (_name, incremental) => {
  it('ends with text, usage and the model that served', async () => {
    const result = await ask(incremental);
    expect(result).toMatchObject({ finishReason: 'stop', servedModel: 'acme-large', usage: { source: 'provider' } });
    expect(result.content).toMatchObject([{ type: 'text', text: expect.stringMatching(/.+/) }]);
  });

  it.each<[Fault, object]>([
    [
      { kind: 'status', status: 429, retryAfterMs: 3_000 },
      { code: 'provider_rate_limited', retryAfterMs: 3_000 },
    ],
    [{ kind: 'status', status: 500 }, { code: 'provider_unavailable' }],
    [{ kind: 'reset' }, { code: 'provider_unavailable', mayBeBilled: true }],
    [{ kind: 'html' }, { code: 'provider_unavailable', status: 502 }],
    [{ kind: 'hugeError' }, { code: 'provider_unavailable', status: 500 }],
  ])('fails with %j as %j', async (fault, expected) => {
    simulator.script({ fault });
    const error: unknown = await ask(incremental).catch((reason) => reason);
    expect(VibeError.is(error)).toBe(true);
    expect(error).toMatchObject(expected);
  });
});

describe('a streamed chat', () => {
  it.each<Fault['kind']>(['crlf', 'lf', 'cr', 'comments', 'multiLineData', 'splitUtf8', 'usageAfterFinish'])(
    'is the same with %s',
    async (kind) => {
      const plain = await ask(true);
      simulator.script({ fault: { kind } as Fault });
      const { content, usage } = await ask(true);
      expect({ content, usage }).toEqual({ content: plain.content, usage: plain.usage });
    },
  );

  it.each<[Fault, object]>([
    [{ kind: 'reset', afterDeltas: 1 }, { code: 'stream_truncated' }],
    [{ kind: 'truncate' }, { code: 'stream_truncated' }],
    [{ kind: 'empty' }, { code: 'stream_truncated' }],
    [{ kind: 'errorInStream' }, { code: 'provider_unavailable', mayBeBilled: true }],
  ])('fails with %j as %j', async (fault, expected) => {
    simulator.script({ fault });
    expect(await ask(true).catch((reason) => reason)).toMatchObject(expected);
  });
});

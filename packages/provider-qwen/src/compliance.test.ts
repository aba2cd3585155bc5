import { createVibe, type Pricing, type VibeOptions } from '@vibe/core';
import { type Simulator, startSimulator } from '@vibe/simulator';
import { describe, expect, it, onTestFinished } from 'vitest';
import { qwen } from './index.js';

async function simulated(region: string): Promise<Simulator> {
  const simulator = await startSimulator({ region });
  onTestFinished(() => simulator.close());
  return simulator;
}

/** Two regions whose simulators count every request; sg is the one that is liked better, so that only the rule keeps calls away. */
async function world(options: Omit<VibeOptions, 'plugins'> = {}) {
  const [cn, sg] = [await simulated('cn'), await simulated('sg')];
  const place = (id: string, { baseUrls, url }: Simulator) => ({
    ...{ id, region: id, apiKey: 'any', baseUrl: baseUrls.qwen, nativeBaseUrl: baseUrls.qwenNative },
    mediaHosts: [url],
  });
  const vibe = createVibe({
    plugins: [qwen({ endpoints: [place('sg', sg), place('cn', cn)], pollMs: 1 }), prices],
    ...options,
    router: { probeIntervalMs: 10, compliance: [{ tags: { data: 'cn-only' }, regions: ['cn'] }], ...options.router },
  });
  onTestFinished(() => vibe.close());
  return { cn, sg, vibe };
}

const prices: Pricing = {
  kind: 'pricing',
  price: ({ model, usage }) => {
    const quantity = Object.values(usage.quantities).reduce<number>((sum, value) => sum + (value ?? 0), 0);
    const nanoUsd = quantity * (model === 'qwen-max' ? 1_000_000 : 1_000);
    const lines = [{ unit: 'output_token', quantity, nanoUsd, usd: nanoUsd / 1e9, priceId: 'test' }];
    return { lines, totalNanoUsd: nanoUsd, priceIds: ['test'], currency: 'USD', fxRate: null };
  },
  rates: () => [],
};

const bound = { tags: { data: 'cn-only' } } as const;
const prompt = 'tokens: 3';

describe('no request of a call that is bound to cn leaves for sg', () => {
  it('when it succeeds, although sg would be taken otherwise', async () => {
    const { cn, sg, vibe } = await world();
    expect((await vibe.generate({ model: 'qwen-plus', prompt })).providerMeta.region).toBe('sg');
    sg.reset();
    await vibe.generate({ model: 'qwen-plus', prompt, ...bound });
    await vibe.generate({ model: 'qwen-plus', prompt, regions: ['cn'] });
    for await (const _ of vibe.stream({ prompt, ...bound }));
    expect(cn.stats().attempts.total).toBeGreaterThanOrEqual(3);
    expect(chats(sg)).toBe(0);
  });

  it('when every attempt at cn fails, however often it is retried and whatever could take over', async () => {
    const { cn, sg, vibe } = await world();
    cn.script({ fault: { kind: 'status', status: 503 } });
    await expect(vibe.generate({ prompt, ...bound, retry: { attempts: 6 } })).rejects.toMatchObject({
      code: 'provider_unavailable',
    });
    expect(chats(cn)).toBe(6);
    expect(sg.stats().attempts.total).toBe(0);
  }, 60_000);

  it('when its budget makes it take a cheaper model', async () => {
    const { cn, sg, vibe } = await world({
      budgets: [{ window: 'day', limitUsd: 0.5 }],
      mode: 'strict_budget',
      router: { policy: 'fixed', order: ['qwen-max', 'qwen-plus'] },
    });
    const response = await vibe.generate({ prompt, maxOutputTokens: 1_000, ...bound });
    expect(response.downgradedFrom?.model).toBe('qwen-max');
    expect(chats(cn)).toBe(1);
    expect(sg.stats().attempts.total).toBe(0);
  });

  it('when its answer has to be repaired', async () => {
    const { cn, sg, vibe } = await world();
    const output = {
      type: 'object',
      properties: { city: { type: 'string', enum: ['none of these'] } },
      required: ['city'],
    };
    await vibe.generate({ model: 'qwen-plus', prompt: 'echo: no JSON', output, ...bound }).catch(() => undefined);
    expect(chats(cn)).toBe(2);
    expect(sg.stats().attempts.total).toBe(0);
  });

  it('when a task is submitted, looked at and its result is fetched', async () => {
    const { cn, sg, vibe } = await world();
    const picture = await vibe.paint({ model: 'wan2.2-t2i-flash', prompt: 'A river', ...bound });
    expect(picture.content[0]?.type).toBe('image');
    const audio = { type: 'file_ref', uri: `${cn.url}/a.wav`, mediaType: 'audio/wav' } as const;
    await vibe.transcribe({ model: 'paraformer-v2', audio, ...bound });
    await vibe.speak({ model: 'qwen3-tts-flash', text: 'Hello', ...bound });
    const endpoints = Object.keys(cn.stats().byEndpoint);
    expect(endpoints).toEqual(
      expect.arrayContaining(['qwen.images', 'qwen.task', 'qwen.result', 'qwen.transcription']),
    );
    expect(sg.stats().attempts.total).toBe(0);
  });

  it('when its tokens are counted, before it is sent and when it is only estimated', async () => {
    const { cn, sg, vibe } = await world();
    await vibe.generate({ model: 'qwen-plus', prompt, countTokens: true, ...bound });
    expect(Object.keys(cn.stats().byPath)).toEqual(expect.arrayContaining([expect.stringMatching(/\/tokenizer$/)]));
    expect(chats(cn)).toBe(2);
    await vibe.estimate({ prompt, countTokens: true, ...bound });
    expect(chats(cn)).toBe(3);
    expect(chats(sg)).toBe(0);
  });

  it('when it is only estimated or run dry, and then not to cn either', async () => {
    const { cn, sg, vibe } = await world();
    await vibe.estimate({ prompt, ...bound });
    await vibe.generate({ prompt, ...bound, dryRun: true });
    expect([cn.stats().attempts.total, sg.stats().attempts.total]).toEqual([0, 0]);
  });
});

/** Requests that belong to a call: probes look at the list of models. */
function chats(simulator: Simulator): number {
  const { byPath } = simulator.stats();
  return Object.entries(byPath).reduce((sum, [path, count]) => (path.endsWith('/models') ? sum : sum + count), 0);
}

/** Everything besides chat, from the client through hold, request and settlement, over real HTTP. */
import { type Budget, createVibe, memoryLedger, type Pricing, type VibeError, type VibeOptions } from '@vibe/core';
import { readWav, wavOf } from '@vibe/provider-kit';
import { type Simulator, startSimulator } from '@vibe/simulator';
import { collect, failureOf } from '@vibe/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { QwenOptions } from './options.js';
import { qwen } from './plugin.js';
import { callOf, provide, testKey } from './testing.js';

let simulator: Simulator;
const clients: { close(): Promise<void> }[] = [];
beforeEach(async () => {
  simulator = await startSimulator();
});
afterEach(async () => {
  for (const each of clients.splice(0)) await each.close();
  await simulator.close();
});

/** Nano-USD per unit. What is not listed has no price. */
const rates: Readonly<Record<string, number>> = {
  input_token: 1,
  cached_input_token: 1,
  output_token: 2,
  reasoning_token: 3,
  input_image_token: 5,
  input_audio_token: 7,
  output_audio_token: 11,
  audio_second: 32_000,
  character: 10_000,
  image: 20_000_000,
};

const prices: Pricing = {
  kind: 'pricing',
  price({ usage }) {
    const lines = Object.entries(usage.quantities).map(([unit, quantity = 0]) => {
      const nanoUsd = quantity === 0 ? 0 : Math.ceil(quantity) * (rates[unit] ?? Number.NaN);
      return { unit, quantity, usd: nanoUsd / 1e9, nanoUsd, priceId: `test/${unit}` };
    });
    if (lines.some(({ nanoUsd }) => Number.isNaN(nanoUsd))) return null;
    const totalNanoUsd = lines.reduce((sum, { nanoUsd }) => sum + nanoUsd, 0);
    return { lines, totalNanoUsd, priceIds: [], currency: 'USD', fxRate: null };
  },
  rates: () => [],
};

/** A strict client: what is not priced and bounded is not sent. */
function client(options: QwenOptions = {}, more: Partial<VibeOptions> = {}) {
  const provider = qwen({ apiKey: testKey, baseUrl: simulator.baseUrls.qwen, pollMs: 1, ...options });
  const budgets: Budget[] = [{ id: 'day', window: 'day', limitUsd: 10 }];
  const vibe = createVibe({ plugins: [provider, memoryLedger(), prices], mode: 'strict_budget', budgets, ...more });
  clients.push(vibe);
  const holds: number[] = [];
  vibe.on('hold', ({ amountNanoUsd }) => holds.push(amountNanoUsd));
  return { vibe, holds, spent: async () => (await vibe.budgets())[0] };
}

const endpoints = () => simulator.requests().map(({ endpoint }) => endpoint);
const speech = wavOf(new Uint8Array(16_000), { rate: 4_000, channels: 1 }); // two seconds
const audio = { type: 'audio', mediaType: 'audio/wav', data: speech } as const;
const fileOf = (query: string) =>
  ({ type: 'audio', mediaType: 'audio/wav', data: new URL(`https://a.example/a.wav${query}`) }) as const;
const png = Buffer.from(
  '89504e470d0a1a0a0000000d494844520000003800000038010000000037f9c4ed0000000049454e44ae426082',
  'hex',
);

async function settled(t: ReturnType<typeof client>, nanoUsd: number) {
  expect(await t.spent()).toMatchObject({ spentNanoUsd: nanoUsd, heldNanoUsd: 0 });
  expect(t.holds).toHaveLength(1);
  expect(t.holds[0]).toBeGreaterThanOrEqual(nanoUsd);
}

describe.each(['compatible', 'native'] as const)('a chat over the %s API', (api) => {
  it('sees an image: its tokens are held and settled apart', async () => {
    const t = client({ api });
    const image = { type: 'image', mediaType: 'image/png', data: png } as const;
    const messages = [{ role: 'user', content: [{ type: 'text', text: 'echo: a red square' }, image] }] as const;
    const { text, usage, cost } = await t.vibe.generate({ model: 'qwen3-vl-plus', messages, maxOutputTokens: 50 });
    expect([text, usage?.quantities.input_image_token]).toEqual(['a red square', 2 * 2 + 2]);
    expect(cost.lines.find(({ unit }) => unit === 'input_image_token')).toMatchObject({ nanoUsd: 30 });
    await settled(t, cost.actualNanoUsd ?? Number.NaN);
  });

  it('hears an audio, also of an address', async () => {
    const t = client({ api });
    const ask = (data: Uint8Array | URL) => {
      const content = [
        { type: 'text', text: 'echo: rain' },
        { ...audio, data },
      ] as const;
      return t.vibe.generate({ model: 'qwen3-omni-flash', messages: [{ role: 'user', content }], maxOutputTokens: 50 });
    };
    expect(await ask(speech)).toMatchObject({ text: 'rain', usage: { quantities: { input_audio_token: 50 } } });
    const unbounded = await failureOf(ask(new URL('https://a.example/a.wav')));
    expect(unbounded).toMatchObject({ code: 'unpriced' });
  });

  it('calls tools in parallel, takes their results and answers', async () => {
    const { vibe } = client({ api });
    const tools = ['weather', 'clock'].map((name) => ({ name, input: { type: 'object', properties: {} } }));
    const prompt = 'call: weather {"city":"Bonn"}\ncall: clock {}';
    const asked = { model: 'qwen-plus', tools, prompt } as const;
    const whole = await vibe.generate(asked);
    const streamed = await vibe.stream(asked).final();
    for (const { content, finishReason } of [whole, streamed]) {
      expect(finishReason).toBe('tool_calls');
      expect(content).toMatchObject([
        { type: 'tool_call', name: 'weather', input: { city: 'Bonn' } },
        { type: 'tool_call', name: 'clock', input: {} },
      ]);
    }
    const results = whole.content.flatMap((part) =>
      part.type === 'tool_call' ? [{ type: 'tool_result', id: part.id, output: 'fine' } as const] : [],
    );
    const messages = [
      { role: 'user', content: prompt },
      { role: 'assistant', content: whole.content },
      { role: 'tool', content: results },
    ] as const;
    const answer = await vibe.generate({ model: 'qwen-plus', tools, messages });
    expect([answer.finishReason, answer.text]).toEqual(['stop', expect.stringContaining('simulated answer')]);
  });

  it('answers in JSON that fits a schema, and thinks when it is told to', async () => {
    const { vibe } = client({ api });
    const output = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } as const;
    const { object } = await vibe.generate({ model: 'qwen-plus', prompt: 'A city?', output });
    expect(object).toEqual({ city: 'simulated city' });
    const thought = await vibe.generate({ model: 'qwen-plus', prompt: 'echo: 4', reasoning: { budgetTokens: 20 } });
    expect(thought.content).toEqual([
      { type: 'reasoning', text: expect.any(String) },
      { type: 'text', text: '4' },
    ]);
    expect(thought.usage?.quantities.reasoning_token).toBe(20);
  });

  it('fails like the other, whole and in a stream', async () => {
    const { vibe } = client({ api }, { defaults: { retry: { attempts: 1 } } });
    const codes = async (reason: string) => {
      simulator.reset();
      simulator.script({ fault: { kind: 'status', reason } });
      const asked = { model: 'qwen-plus', prompt: 'Hi' };
      const failures = await Promise.all([failureOf(vibe.generate(asked)), failureOf(vibe.stream(asked).final())]);
      return failures.map(({ code }) => code);
    };
    expect(await codes('limit_requests')).toEqual(['provider_rate_limited', 'provider_rate_limited']);
    expect(await codes('insufficient_quota')).toEqual(['provider_rate_limited', 'provider_rate_limited']);
    expect(await codes('free_quota_exceeded')).toEqual(['provider_quota', 'provider_quota']);
    expect(await codes('data_inspection_failed')).toEqual(['content_filtered', 'content_filtered']);
    expect(await codes('context_length')).toEqual(['context_length', 'context_length']);
    expect(await codes('model_not_found')).toEqual(['model_not_found', 'model_not_found']);
    expect(await codes('model_unavailable')).toEqual(['provider_unavailable', 'provider_unavailable']);
    simulator.reset();
    simulator.script({ fault: { kind: 'errorInStream', reason: 'model_unavailable', afterDeltas: 2 } });
    const cut = await failureOf(vibe.stream({ model: 'qwen-plus', prompt: 'tokens: 40' }).final());
    expect(cut).toMatchObject({ code: 'provider_unavailable', ...(api === 'native' && { status: 503 }) });
    expect(cut.usage?.quantities.output_token).toBeGreaterThan(0);
  });
});

describe('speech of an omni model', () => {
  it('comes as samples beside the text, and is held and billed at its own rate', async () => {
    const t = client();
    const stream = t.vibe.stream({
      model: 'qwen3-omni-flash',
      prompt: 'echo: Hello there, how are you?',
      maxOutputTokens: 200,
      providerOptions: { qwen: { modalities: ['text', 'audio'], audio: { voice: 'Cherry', format: 'wav' } } },
    });
    const { content, text, usage, cost } = await stream.final();
    expect(text).toBe('Hello there, how are you?');
    expect(content[1]).toMatchObject({ type: 'audio', mediaType: 'audio/pcm;rate=24000' });
    const { data } = content[1] as { data: Uint8Array };
    expect(data.byteLength).toBe(Math.round(25 * 0.06 * 24_000) * 2);
    expect(usage?.quantities).toMatchObject({ output_audio_token: 75, output_token: expect.any(Number) });
    await settled(t, cost.actualNanoUsd ?? Number.NaN);
  });
});

describe('transcription', () => {
  it('of bytes is billed by the second', async () => {
    const t = client();
    const { text, usage, cost } = await t.vibe.transcribe({ model: 'qwen3-asr-flash', audio, language: 'de' });
    expect(text).toContain('simulated answer from qwen3-asr-flash');
    expect(usage).toEqual({ quantities: { audio_second: 2 }, unknown: false, source: 'provider' });
    expect(cost.actualNanoUsd).toBe(64_000);
    expect(simulator.requests()[0]?.body).toMatchObject({ parameters: { asr_options: { language: 'de' } } });
    await settled(t, 64_000);
  });

  it('streams: the first words come while the rest is held back', async () => {
    const { vibe } = client();
    simulator.script({ fault: { kind: 'hold', afterDeltas: 1 } });
    const stream = vibe.transcribeStream({ model: 'qwen3-asr-flash', audio });
    const iterator = stream[Symbol.asyncIterator]();
    const first = await iterator.next();
    expect(first.value).toMatchObject({ type: 'delta', text: expect.stringMatching(/.+/) });
    expect(simulator.stats().attempts).toMatchObject({ running: 1, completed: 0 });
    simulator.release();
    let deltas = 1;
    for (let step = await iterator.next(); step.done !== true; step = await iterator.next())
      if (step.value.type === 'delta') deltas++;
    expect(deltas).toBeGreaterThanOrEqual(3);
    expect((await stream.final()).text).toContain('simulated answer');
  });

  it('that is left stops at the service and is settled', async () => {
    const t = client();
    simulator.script({ fault: { kind: 'stall', afterDeltas: 1 } });
    const stream = t.vibe.transcribeStream({ model: 'qwen3-asr-flash', audio });
    for await (const event of stream) if (event.type === 'delta') break;
    expect(await stream.final()).toMatchObject({ status: 'cancelled', usage: { quantities: { audio_second: 2 } } });
    await simulator.waitFor(({ attempts }) => attempts.aborted === 1);
    await settled(t, 64_000);
  });

  it.each(['qwen3-asr-flash-filetrans', 'fun-asr', 'paraformer-v2'])('of a file by %s is a task', async (model) => {
    const t = client();
    const { text, usage, rawFinishReason } = await t.vibe.transcribe({ model, audio: fileOf('?echo=hello%20world') });
    expect([text, usage?.quantities, rawFinishReason]).toEqual(['hello world', { audio_second: 10 }, 'SUCCEEDED']);
    expect(endpoints()).toEqual(['qwen.transcription', 'qwen.task', 'qwen.task', 'qwen.task', 'qwen.result']);
    await settled(t, 320_000);
  });

  it('of an uploaded file says so to the service', async () => {
    const { vibe } = client();
    const file = { type: 'file_ref', uri: 'oss://bucket/a.wav', mediaType: 'audio/wav' } as const;
    await vibe.transcribe({ model: 'fun-asr', audio: file, language: 'en' });
    const [submit] = simulator.requests();
    expect(submit?.headers['x-dashscope-ossresourceresolve']).toBe('enable');
    expect(submit?.body).toMatchObject({
      input: { file_urls: ['oss://bucket/a.wav'] },
      parameters: { language_hints: ['en'] },
    });
  });

  it('of bytes does not go to a model of files', async () => {
    const { vibe } = client();
    const error = await failureOf(vibe.transcribe({ model: 'fun-asr', audio }));
    expect(error).toMatchObject({ code: 'no_route', message: expect.stringContaining('not its bytes') });
  });

  it('is refused when its transcript cannot be fetched: paid, and not made again', async () => {
    const t = client();
    simulator.script({ match: { endpoint: 'qwen.result' }, fault: { kind: 'status', status: 500 } });
    const error = await failureOf(t.vibe.transcribe({ model: 'fun-asr', audio: fileOf('') }));
    expect(error).toMatchObject({ code: 'provider_unavailable', retryable: false, mayBeBilled: true });
    expect(error.details['taskId']).toMatch(/^[0-9a-f-]{36}$/);
    expect(endpoints().filter((endpoint) => endpoint === 'qwen.transcription')).toHaveLength(1);
    // what the service counted, not the twelve hours that were held
    expect(error.usage).toMatchObject({ quantities: { audio_second: expect.any(Number) }, source: 'partial' });
    const seconds = error.usage?.quantities['audio_second'] ?? 0;
    expect(seconds).toBeLessThan(12 * 3_600);
    expect(await t.spent()).toMatchObject({ spentNanoUsd: seconds * 32_000, heldNanoUsd: 0 });
  });
});

describe('speaking', () => {
  it('fetches the file at once, without the key, and bills characters', async () => {
    const t = client();
    const { content, usage, warnings } = await t.vibe.speak({ model: 'qwen3-tts-flash', text: '你好, world' });
    expect(content).toEqual([{ type: 'audio', mediaType: 'audio/wav', data: expect.any(Uint8Array) }]);
    expect(readWav((content[0] as { data: Uint8Array }).data)).toMatchObject({ rate: 24_000, channels: 1 });
    expect([usage?.quantities, warnings]).toEqual([{ character: 11 }, []]);
    const [, fetched] = simulator.requests();
    expect(fetched).toMatchObject({ endpoint: 'qwen.result', status: 200 });
    expect(fetched?.headers).not.toHaveProperty('authorization');
    expect(simulator.requests()[0]?.body).toMatchObject({ input: { text: '你好, world', voice: 'Cherry' } });
    await settled(t, 110_000);
  });

  it.each(['qwen3-tts-flash', 'qwen-tts'])(
    'streams samples of %s: the first come while the rest is held back',
    async (model) => {
      const t = client();
      simulator.script({ match: { endpoint: 'qwen.multimodal' }, fault: { kind: 'hold', afterDeltas: 1 } });
      const stream = t.vibe.speakStream({ model, text: 'The sky is blue today.', voice: 'Ethan' });
      const iterator = stream[Symbol.asyncIterator]();
      const samples: Uint8Array[] = [];
      for (let step = await iterator.next(); step.done !== true; step = await iterator.next()) {
        const { value: event } = step;
        if (event.type !== 'delta' || event.part.type !== 'audio') continue;
        expect(event.part.mediaType).toBe('audio/pcm;rate=24000');
        samples.push(event.part.data as Uint8Array);
        if (samples.length === 1) expect(simulator.stats().attempts.completed).toBe(0);
        simulator.release();
      }
      expect(samples.length).toBeGreaterThanOrEqual(3);
      const { content, usage, cost } = await stream.final();
      expect((content[0] as { data: Uint8Array }).data).toEqual(
        wavOf(Buffer.concat(samples), { rate: 24_000, channels: 1 }),
      );
      expect(Object.keys(usage?.quantities ?? {})).toEqual(
        model === 'qwen-tts' ? ['input_token', 'output_token', 'output_audio_token'] : ['character'],
      );
      expect(endpoints()).toEqual(['qwen.multimodal']);
      await settled(t, cost.actualNanoUsd ?? Number.NaN);
    },
  );

  it('that is left stops at the service and pays for the text', async () => {
    const t = client();
    simulator.script({ fault: { kind: 'stall', afterDeltas: 1 } });
    const stream = t.vibe.speakStream({ model: 'qwen3-tts-flash', text: 'The sky is blue.' });
    for await (const event of stream) if (event.type === 'delta') break;
    const { status, usage } = await stream.final();
    expect([status, usage?.quantities['character']]).toEqual(['cancelled', 16]);
    await simulator.waitFor(({ attempts }) => attempts.aborted === 1);
    await settled(t, 160_000);
  });

  it('that is left pays what the service had said when the samples came', async () => {
    const { vibe } = client();
    simulator.script({ fault: { kind: 'stall', afterDeltas: 1 } });
    const stream = vibe.speakStream({ model: 'qwen-tts', text: 'The sky is blue.' });
    for await (const event of stream) if (event.type === 'delta') break;
    expect((await stream.final()).usage).toMatchObject({ quantities: { output_audio_token: 48 }, source: 'partial' });
  });

  it('of a service that streams no samples gives its file as the one delta', async () => {
    const { vibe } = client({ models: [{ id: 'qwen3-tts-flash', streams: false }] });
    const stream = vibe.speakStream({ model: 'qwen3-tts-flash', text: 'Hi' });
    const deltas = [];
    for await (const event of stream) if (event.type === 'delta') deltas.push(event.part);
    expect(deltas).toEqual((await stream.final()).content);
  });

  it.each(['speak', 'speakStream'] as const)(
    'gives raw samples for pcm, and says that there is no mp3: %s',
    async (how) => {
      const { vibe } = client();
      const ask = (format: 'pcm' | 'mp3') => {
        const request = { model: 'qwen3-tts-flash', text: 'Hi', format };
        return how === 'speak' ? vibe.speak(request) : vibe.speakStream(request).final();
      };
      const raw = await ask('pcm');
      expect(raw.content).toMatchObject([{ mediaType: 'audio/pcm;rate=24000', data: { byteLength: 14_400 } }]);
      const other = await ask('mp3');
      expect(other.content).toMatchObject([{ mediaType: 'audio/wav' }]);
      expect(other.warnings).toMatchObject([{ code: 'unsupported_parameter', details: { parameter: 'format' } }]);
    },
  );

  it.each([
    ['cannot be fetched', { kind: 'status', status: 500 }],
    ['is cut', { kind: 'reset' }],
  ] as const)('keeps what was paid for when it %s: its address, with a warning', async (_name, fault) => {
    const t = client();
    simulator.script({ match: { endpoint: 'qwen.result' }, fault });
    const { content, warnings } = await t.vibe.speak({ model: 'qwen3-tts-flash', text: 'Hi' });
    expect(content).toEqual([{ type: 'audio', mediaType: 'audio/wav', data: expect.any(URL) }]);
    expect(warnings.map(({ code }) => code)).toEqual(['media_not_fetched']);
    await settled(t, 20_000);
  });

  it('in a stream that is cut is an error', async () => {
    const { vibe } = client({}, { defaults: { retry: { attempts: 1 } } });
    simulator.script({ fault: { kind: 'truncate', afterDeltas: 2 } });
    const error = await failureOf(vibe.speakStream({ model: 'qwen3-tts-flash', text: 'The sky is blue.' }).final());
    expect(error.code).toBe('stream_truncated');
  });

  it('says what the service says about a voice it does not have', async () => {
    const { vibe } = client();
    const error = await failureOf(vibe.speak({ model: 'qwen3-tts-flash', text: 'Hi', voice: 'unknown' }));
    expect(error).toMatchObject({ code: 'provider_rejected', message: expect.stringContaining('Invalid voice') });
  });
});

describe('painting', () => {
  it('at once: the picture is fetched without the key and billed as one image', async () => {
    const t = client();
    const { content, usage, requestId } = await painted(t, { model: 'qwen-image-plus', size: '1664x928' });
    expect(content).toEqual([{ type: 'image', mediaType: 'image/png', data: expect.any(Uint8Array) }]);
    expect(Buffer.from((content[0] as { data: Uint8Array }).data).readUInt32BE(16)).toBe(1_664);
    expect([usage?.quantities, requestId]).toEqual([{ image: 1 }, expect.any(String)]);
    expect(simulator.requests()[0]?.body).toMatchObject({ parameters: { n: 1, size: '1664*928' } });
    expect(endpoints()).toEqual(['qwen.multimodal', 'qwen.result']);
    await settled(t, 20_000_000);
  });

  it('edits a picture where the model can, and refuses where it cannot', async () => {
    const t = client();
    const images = [{ type: 'image', mediaType: 'image/png', data: png }] as const;
    await painted(t, { model: 'qwen-image-2.0', images });
    expect(JSON.stringify(simulator.requests()[0]?.body)).toContain('"image":"data:image/png;base64,');
    const error = await failureOf(painted(t, { model: 'wan2.2-t2i-plus', images }));
    expect(error).toMatchObject({ code: 'no_route' });
    expect(error.message).toContain('it takes no image input');
  });

  it.each(['wan2.6-t2i', 'wan2.2-t2i-plus'])('by %s is a task that is looked at until it ends', async (model) => {
    const t = client();
    const { content, usage } = await painted(t, { model, count: 3 });
    expect([content.length, usage?.quantities]).toEqual([3, { image: 3 }]);
    const submit =
      model === 'wan2.6-t2i'
        ? '/api/v1/services/aigc/image-generation/generation'
        : '/api/v1/services/aigc/text2image/image-synthesis';
    expect(simulator.requests()[0]?.path).toBe(submit);
    expect(endpoints().filter((endpoint) => endpoint === 'qwen.task')).toHaveLength(3);
    await settled(t, 60_000_000);
  });

  it('bills what was made when a part of it failed', async () => {
    const t = client();
    const { content, usage, warnings } = await painted(t, {
      model: 'wan2.2-t2i-plus',
      count: 3,
      prompt: 'a cat, task: partial',
    });
    expect([content.length, usage?.quantities]).toEqual([2, { image: 2 }]);
    expect(warnings).toMatchObject([{ code: 'image_failed', details: { providerCode: 'InternalError.Timeout' } }]);
    expect((await t.spent())?.spentNanoUsd).toBe(40_000_000);
  });

  it.each([
    ['failed', 'provider_unavailable', 0],
    ['failed DataInspectionFailed', 'content_filtered', 0],
    ['canceled', 'provider_rejected', 0],
    ['unknown', 'invalid_response', 20_000_000],
  ] as const)('that ends as %s is %s and is never sent again', async (outcome, code, nanoUsd) => {
    const t = client();
    const error = await failureOf(painted(t, { model: 'wan2.2-t2i-plus', prompt: `a cat, task: ${outcome}` }));
    expect(error).toMatchObject({ code, retryable: false, mayBeBilled: nanoUsd > 0 });
    expect(endpoints().filter((endpoint) => endpoint === 'qwen.images')).toHaveLength(1);
    expect(await t.spent()).toMatchObject({ spentNanoUsd: nanoUsd, heldNanoUsd: 0 });
  });

  it('survives looks that fail, and not a service that is gone: then it may be billed', async () => {
    const t = client();
    simulator.script({ match: { endpoint: 'qwen.task' }, fault: { kind: 'status', status: 503 }, times: 4 });
    expect((await painted(t, { model: 'wan2.2-t2i-plus' })).content).toHaveLength(1);
    simulator.reset();
    simulator.script({ match: { endpoint: 'qwen.task' }, fault: { kind: 'reset' } });
    const error = await failureOf(painted(t, { model: 'wan2.2-t2i-plus' }));
    expect(error).toMatchObject({ code: 'provider_unavailable', retryable: false, mayBeBilled: true });
    expect(endpoints().filter((endpoint) => endpoint === 'qwen.images')).toHaveLength(1);
  });

  it('is not submitted again when the answer to its submission was lost: there may be a task', async () => {
    const t = client();
    simulator.script({ match: { endpoint: 'qwen.images' }, fault: { kind: 'reset' } });
    const error = await failureOf(painted(t, { model: 'wan2.2-t2i-plus' }));
    expect(error).toMatchObject({ code: 'provider_unavailable', retryable: false, mayBeBilled: true });
    expect(endpoints()).toEqual(['qwen.images']);
    expect((await t.spent())?.spentNanoUsd).toBe(20_000_000);
  });

  it.each([
    ['its submission', 'qwen.images', { firstChunkMs: 300 }, ['qwen.images']],
    ['a look at it', 'qwen.task', { chunkMs: 300 }, ['qwen.images', 'qwen.task', 'qwen.cancel']],
  ] as const)('is not submitted again when a timeout ended %s', async (_, endpoint, timeout, asked) => {
    const t = client();
    simulator.script({ match: { endpoint }, fault: { kind: 'stall' } });
    const error = await failureOf(painted(t, { model: 'wan2.2-t2i-plus', timeout }));
    expect(error).toMatchObject({ code: 'timeout', retryable: false, mayBeBilled: true });
    expect(Object.keys(timeout)).toEqual([error.details['timeout']]);
    await simulator.waitFor(({ attempts }) => attempts.total === asked.length);
    expect(endpoints()).toEqual(asked);
    expect(await t.spent()).toMatchObject({ spentNanoUsd: 20_000_000, heldNanoUsd: 0 });
  });

  it.each([
    ['wan2.2-t2i-plus', { count: 3, prompt: 'a cat, task: partial' }, 2],
    ['qwen-image-plus', {}, 1],
  ] as const)('that is left while %s waits for its pictures pays for what was made', async (model, request, made) => {
    const t = client();
    simulator.script({ match: { endpoint: 'qwen.result' }, fault: { kind: 'stall' } });
    const abort = new AbortController();
    const work = failureOf(painted(t, { model, ...request, signal: abort.signal }));
    await simulator.waitFor(({ byEndpoint }) => (byEndpoint['qwen.result'] ?? 0) > 0);
    abort.abort();
    expect(await work).toMatchObject({ code: 'cancelled', usage: { quantities: { image: made }, source: 'partial' } });
    expect(await t.spent()).toMatchObject({ spentNanoUsd: made * 20_000_000, heldNanoUsd: 0 });
  });

  it('gives a sign of life after its submission and after every look, for the timeouts of the chain', async () => {
    const provider = provide({ apiKey: testKey, baseUrl: simulator.baseUrls.qwen, pollMs: 1 });
    const asked = { operation: 'paint', request: { prompt: 'a cat' } } as const;
    const events = await collect(provider.stream(callOf(provider, asked, 'wan2.2-t2i-plus')));
    expect(events.map(({ type }) => type)).toEqual(['usage', 'usage', 'usage', 'usage', 'delta', 'final']);
    await provider.close?.();
  });

  it('tries a submission again that the service refused for the moment', async () => {
    const t = client();
    const hint = { kind: 'status', status: 429, retryAfterMs: 1, hints: ['retry-after-ms'] } as const;
    simulator.script({ match: { endpoint: 'qwen.images' }, fault: hint, times: 1 });
    const { content, attempts } = await painted(t, { model: 'wan2.2-t2i-plus' });
    expect([content.length, attempts.length]).toEqual([1, 2]);
  });

  it('ends with its signal, and cancels the task that nobody waits for', async () => {
    const t = client();
    simulator.script({ match: { endpoint: 'qwen.task' }, fault: { kind: 'stall' } });
    const abort = new AbortController();
    const work = failureOf(painted(t, { model: 'wan2.2-t2i-plus', signal: abort.signal }));
    await simulator.waitFor(({ byEndpoint }) => byEndpoint['qwen.task'] === 1);
    abort.abort();
    expect((await work).code).toBe('cancelled');
    await simulator.waitFor(({ byEndpoint }) => byEndpoint['qwen.cancel'] === 1);
    expect(simulator.requests().at(-1)).toMatchObject({ endpoint: 'qwen.cancel', status: 200 });
    expect((await t.spent())?.spentNanoUsd).toBe(20_000_000);
  });

  it('says how many pictures a model makes at most', async () => {
    const t = client();
    const { content, warnings } = await painted(t, { model: 'qwen-image-max', count: 2 });
    expect(content).toHaveLength(1);
    expect(warnings).toMatchObject([{ code: 'unsupported_parameter', details: { parameter: 'count' } }]);
    expect(t.holds).toEqual([20_000_000]);
  });
});

async function painted(t: ReturnType<typeof client>, request: Partial<Parameters<typeof t.vibe.paint>[0]>) {
  const response = await t.vibe.paint({ prompt: 'a cat', ...request });
  return { ...response, requestId: response.providerMeta.requestId };
}

describe('a dry run', () => {
  it.each([
    ['transcribe', { model: 'qwen3-asr-flash', audio }, '/services/aigc/multimodal-generation/generation'],
    ['transcribe', { model: 'fun-asr', audio: fileOf('') }, '/services/audio/asr/transcription'],
    ['speak', { model: 'qwen3-tts-flash', text: 'Hi' }, '/services/aigc/multimodal-generation/generation'],
    ['paint', { model: 'qwen-image-plus', prompt: 'a cat' }, '/services/aigc/multimodal-generation/generation'],
    ['paint', { model: 'wan2.5-t2i-preview', prompt: 'a cat' }, '/services/aigc/text2image/image-synthesis'],
  ] as const)('of %s describes exactly what is sent, without the key', async (operation, request, path) => {
    const { vibe } = client();
    const run = (dryRun: boolean) => vibe[operation]({ ...request, dryRun } as never);
    const { plan } = await run(true);
    expect(simulator.stats().attempts.total).toBe(0);
    expect(JSON.stringify(plan)).not.toContain(testKey);
    expect(new URL(plan?.wire?.url ?? '').pathname).toBe(`/api/v1${path}`);
    await run(false);
    const [sent] = simulator.requests();
    expect(plan?.wire?.body).toEqual(sent?.body);
    const { authorization: _, ...headers } = plan?.wire?.headers ?? {};
    expect(sent?.headers).toMatchObject(headers);
  });
});

describe('compliance', () => {
  it('keeps results of a region away from other hosts', async () => {
    const endpoint = {
      id: 'x',
      region: 'sg',
      baseUrl: 'https://x.example/v1',
      nativeBaseUrl: simulator.baseUrls.qwenNative,
    };
    const { vibe } = client({ baseUrl: undefined, endpoints: [{ ...endpoint, apiKey: testKey }] });
    const { warnings } = await vibe.speak({ model: 'qwen3-tts-flash', text: 'Hi', regions: ['sg'] });
    expect(warnings).toEqual([]); // the native API itself is allowed
    simulator.script({ match: { endpoint: 'qwen.multimodal' }, fault: { kind: 'empty' } });
    const error: VibeError = await failureOf(vibe.speak({ model: 'qwen3-tts-flash', text: 'Hi', regions: ['cn'] }));
    expect(error.code).toBe('no_route');
  });
});

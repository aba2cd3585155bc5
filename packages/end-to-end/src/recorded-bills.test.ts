/** Recorded answers, read by the real providers, priced by the built-in list. Every amount is worked out by hand. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createVibe, type GenerationResponse, type Vibe } from '@vibe/core';
import { pricingRegistry } from '@vibe/pricing-registry';
import { gemini } from '@vibe/provider-gemini';
import { qwen } from '@vibe/provider-qwen';
import { type Loopback, listen, recordingsFolder, reply } from '@vibe/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const atMs = Date.UTC(2026, 10, 22);

let server: Loopback;
let answer: { readonly type: string; readonly body: string };
let vibe: Vibe;
const spoken = Buffer.from(
  'RIFF\u0024\0\0\0WAVEfmt \u0010\0\0\0\u0001\0\u0001\0\u0080\u003e\0\0\0\u007d\0\0\u0002\0\u0010\0data\0\0\0\0',
  'latin1',
);

beforeAll(async () => {
  server = await listen((response, { path }) =>
    path.startsWith('/media')
      ? reply(200, { 'content-type': 'audio/wav' }, spoken)(response)
      : reply(200, { 'content-type': answer.type }, answer.body)(response),
  );
  vibe = createVibe(
    {
      plugins: [
        gemini({ apiKey: 'a-key-for-tests', baseUrl: `${server.url}/v1beta` }),
        qwen({ apiKey: 'a-key-for-tests', baseUrl: `${server.url}/v1`, nativeBaseUrl: `${server.url}/api/v1` }),
        pricingRegistry(),
      ],
    },
    { now: () => atMs },
  );
});
afterAll(async () => {
  await vibe.close();
  await server.close();
});

function replay(recording: string): void {
  const folder = join(recordingsFolder ?? '', recording);
  const streamed = existsSync(join(folder, 'response.sse'));
  const text = readFileSync(join(folder, streamed ? 'response.sse' : 'response.json'), 'utf8');
  answer = {
    type: streamed ? 'text/event-stream' : 'application/json',
    // The addresses of results have expired; what they held is served from here.
    body: text
      .replace(/"url": ?"https?:[^"]+"/g, `"url":"${server.url}/media"`)
      .replace(/"image": ?"https?:[^"]+"/g, `"image":"${server.url}/media"`),
  };
}

/** The cost by unit, in nano-USD; checks that the total is the sum of the lines. */
async function bill(recording: string, call: () => Promise<GenerationResponse>): Promise<Record<string, number>> {
  replay(recording);
  const { cost } = await call();
  expect(cost.actualNanoUsd).toBe(cost.lines.reduce((sum, line) => sum + line.nanoUsd, 0));
  return Object.fromEntries(cost.lines.map(({ unit, nanoUsd }) => [unit, nanoUsd]));
}

const prompt = 'Hello';
const audio = { type: 'audio', mediaType: 'audio/wav', data: new Uint8Array(spoken) } as const;
const chat = (model: string) => () => vibe.generate({ model, prompt });
async function streamed(model: string): Promise<GenerationResponse> {
  return vibe.stream({ model, prompt }).final();
}

describe.skipIf(recordingsFolder === null)('the bill of a recorded answer', () => {
  it('Gemini: a cached prompt of 9622, of which 9609 cached', async () => {
    // gemini-2.5-flash, nano per token: 300 in, 30 cached, 2500 out
    expect(await bill('gemini/cache-2-use', chat('gemini-2.5-flash'))).toEqual({
      input_token: 13 * 300,
      cached_input_token: 9_609 * 30,
      output_token: 35 * 2_500,
      reasoning_token: 136 * 2_500,
    });
  });

  it('Gemini: thoughts are billed as output', async () => {
    // gemini-3-flash-preview: 44 × 500 + 551 × 3000 + 1116 × 3000
    expect(await bill('gemini/thinking-nonstream', chat('gemini-3-flash-preview'))).toEqual({
      input_token: 22_000,
      output_token: 1_653_000,
      reasoning_token: 3_348_000,
    });
  });

  it('Gemini: sound costs more than words, and less when cached', async () => {
    // 14 × 300, 119 × 1000, 10 × 2500, 21 × 2500
    const heard = () => vibe.transcribe({ model: 'gemini-2.5-flash', audio });
    expect(await bill('gemini/audio-transcription', heard)).toEqual({
      input_token: 4_200,
      input_audio_token: 119_000,
      output_token: 25_000,
      reasoning_token: 52_500,
    });
    // 1 × 300, 36 × 1000, 297 × 300, 15,498 × 30, 1881 × 100, 68 × 2500, 821 × 2500
    expect(await bill('gemini/vision-youtube-implicit-cache-multimodal', chat('gemini-2.5-flash'))).toEqual({
      input_token: 300,
      input_audio_token: 36_000,
      input_image_token: 89_100,
      cached_input_token: 464_940,
      cached_input_audio_token: 188_100,
      output_token: 170_000,
      reasoning_token: 2_052_500,
    });
  });

  it('Gemini: a picture, and the words beside it', async () => {
    // 17 × 300; 1290 × 30,000; the other 46 of 1336 are text at 2500
    const painted = (model: string) => () => vibe.paint({ model, prompt });
    expect(await bill('gemini/image-gen-2-5-flash-image', painted('gemini-2.5-flash-image'))).toEqual({
      input_token: 5_100,
      output_image_token: 38_700_000,
      output_token: 115_000,
    });
    // 22 × 2000; 1120 × 120,000 (documented: $0.134 for 1K and 2K); 96 and 179 × 12,000
    expect(await bill('gemini/image-gen-3-pro-image', painted('gemini-3-pro-image'))).toEqual({
      input_token: 44_000,
      output_image_token: 134_400_000,
      output_token: 1_152_000,
      reasoning_token: 2_148_000,
    });
  });

  it('Gemini: 4.45 seconds of speech are 111 tokens', async () => {
    // 11 × 500 + 111 × 10,000; text tokens of the answer: none, which is said and costs nothing
    const said = () => vibe.speak({ model: 'gemini-2.5-flash-preview-tts', text: prompt });
    expect(await bill('gemini/tts-single-speaker', said)).toEqual({
      input_token: 5_500,
      output_audio_token: 1_110_000,
    });
  });

  it('Gemini: the flex tier costs half', async () => {
    // gemini-3-flash-preview: half of 5 × 500, 1 × 3000, 51 × 3000
    expect(await bill('gemini/text-vertex-flex-tier', chat('gemini-3-flash-preview'))).toEqual({
      input_token: 1_250,
      output_token: 1_500,
      reasoning_token: 76_500,
    });
  });

  it('Gemini: the model that answered is billed, not the one that was asked', async () => {
    // asked gemini-3-pro-preview, served by gemini-3.1-pro-preview: 11 × 2000, 34 × 12,000, 222 × 12,000
    expect(await bill('gemini/model-rerouted', chat('gemini/gemini-3-pro-preview'))).toEqual({
      input_token: 22_000,
      output_token: 408_000,
      reasoning_token: 2_664_000,
    });
  });

  it('Qwen in Beijing: CNY at 0.1433525 USD, each line rounded up', async () => {
    // qwen-plus: 11 × 800 × 0.1433525 = 1,261.502; 65 × 2000 × 0.1433525 = 18,635.825
    expect(await bill('qwen/compat-chat-plain-qwen-plus', chat('qwen-plus'))).toEqual({
      input_token: 1_262,
      output_token: 18_636,
    });
    // qwen3-max: 18 × 6000 × 0.1433525 = 15,482.07; 779 × 24,000 × 0.1433525 = 2,680,118.34
    expect(await bill('qwen/compat-stream-include-usage', () => streamed('qwen3-max'))).toEqual({
      input_token: 15_483,
      output_token: 2_680_119,
    });
  });

  it('Qwen: speech by the character, a second of recognition, a picture', async () => {
    // 195 characters × 0.8 / 10,000 CNY × 0.1433525
    const said = () => vibe.speak({ model: 'qwen3-tts-flash', text: prompt });
    expect(await bill('qwen/native-tts-url', said)).toEqual({ character: 2_236_299 });
    // 0.000032 USD
    const heard = () => vibe.transcribe({ model: 'qwen3-asr-flash', audio });
    expect(await bill('qwen/native-asr-qwen3-asr-flash', heard)).toEqual({ audio_second: 32_000 });
    // 0.50 CNY × 0.1433525
    const painted = () => vibe.paint({ model: 'qwen-image-max', prompt });
    expect(await bill('qwen/native-image-sync-qwen-image', painted)).toEqual({ image: 71_676_250 });
  });

  it('adds up in the report, over chat, pictures and sound', async () => {
    const { totals } = await vibe.report({ sinceMs: atMs, untilMs: atMs + 1 });
    // the totals of the bills above, in their order
    const bills = [719_670, 5_023_000, 200_700, 3_000_940, 38_820_100, 137_744_000, 1_115_500, 79_250, 3_094_000];
    const more = [19_898, 2_695_602, 2_236_299, 32_000, 71_676_250];
    expect(totals.costNanoUsd).toBe([...bills, ...more].reduce((sum, nanoUsd) => sum + nanoUsd, 0));
    expect(totals.unpriced).toBe(0);
  });
});

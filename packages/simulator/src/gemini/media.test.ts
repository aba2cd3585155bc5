import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asArray, type JsonObject } from '../json.js';
import { pngOf, pngSize } from '../media/png.js';
import { speechOf, wavOfSpeech } from '../media/speech.js';
import { type Simulator, startSimulator } from '../simulator.js';
import { at, postJson, readEvents, readJson } from '../testing.js';

let simulator: Simulator;
const key = { 'x-goog-api-key': 'test-key' };
beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());

function ask(model: string, parts: readonly object[], more: object = {}, stream = false): Promise<Response> {
  const method = stream ? 'streamGenerateContent?alt=sse' : 'generateContent';
  const body = { contents: [{ role: 'user', parts }], ...more };
  return postJson(`${simulator.baseUrls.gemini}/models/${model}:${method}`, body, key);
}

function details(data: unknown, field = 'promptTokensDetails'): Record<string, number> {
  const list = asArray(at(data, 'usageMetadata', field)) as { modality: string; tokenCount: number }[];
  return Object.fromEntries(list.map(({ modality, tokenCount }) => [modality, tokenCount]));
}

const inline = (mimeType: string, bytes: Uint8Array) => ({
  inlineData: { mimeType, data: Buffer.from(bytes).toString('base64') },
});

describe('media in a prompt', () => {
  it('count by modality and add up', async () => {
    const sound = inline('audio/wav', wavOfSpeech(speechOf('hello hello hello hello')));
    const data = await readJson(
      await ask('gemini-2.5-flash', [{ text: 'What is this?' }, inline('image/png', pngOf(8, 8, 'x')), sound]),
    );
    const { TEXT = 0, IMAGE, AUDIO = 0 } = details(data);
    expect(IMAGE).toBe(258);
    expect(AUDIO).toBe(Math.ceil(23 * 0.06 * 32));
    expect(at(data, 'usageMetadata', 'promptTokenCount')).toBe(TEXT + 258 + AUDIO);
  });

  it('are counted by countTokens too', async () => {
    const contents = [{ parts: [inline('image/png', pngOf(8, 8, 'x'))] }];
    const url = `${simulator.baseUrls.gemini}/models/gemini-2.5-flash:countTokens`;
    const data = await readJson(await postJson(url, { contents }, key));
    expect(asArray(data['promptTokensDetails'])).toContainEqual({ modality: 'IMAGE', tokenCount: 258 });
    expect(data['totalTokens']).toBe(259);
  });
});

describe('speech', () => {
  const config = {
    generationConfig: {
      responseModalities: ['AUDIO'],
      speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: 'Kore' } } },
    },
  };

  it('is raw PCM with its tokens, and the same in pieces', async () => {
    const whole = await readJson(await ask('gemini-2.5-flash-preview-tts', [{ text: 'The sky is blue.' }], config));
    const part = at(whole, 'candidates', 0, 'content', 'parts', 0, 'inlineData') as { mimeType: string; data: string };
    expect(part.mimeType).toBe('audio/L16;codec=pcm;rate=24000');
    const { AUDIO } = details(whole, 'candidatesTokensDetails');
    expect(AUDIO).toBe(at(whole, 'usageMetadata', 'candidatesTokenCount'));
    expect(AUDIO).toBe(Math.ceil((Buffer.from(part.data, 'base64').byteLength / 48_000) * 25));
    const events = await readEvents(
      await ask('gemini-3.1-flash-tts-preview', [{ text: 'The sky is blue.' }], config, true),
    );
    const pieces = events.flatMap(
      (event) => at(event, 'candidates', 0, 'content', 'parts', 0, 'inlineData', 'data') ?? [],
    );
    expect(pieces.length).toBeGreaterThan(2);
    expect(Buffer.concat(pieces.map((piece) => Buffer.from(String(piece), 'base64'))).toString('base64')).toBe(
      part.data,
    );
  });

  it('is cut at the cap, refused by a text model and in a voice that does not exist', async () => {
    const capped = { generationConfig: { ...config.generationConfig, maxOutputTokens: 10 } };
    const cut = await readJson(
      await ask('gemini-2.5-flash-preview-tts', [{ text: 'The sky is very blue today.' }], capped),
    );
    expect(at(cut, 'candidates', 0, 'finishReason')).toBe('MAX_TOKENS');
    expect(at(cut, 'usageMetadata', 'candidatesTokenCount')).toBe(10);
    expect((await ask('gemini-2.5-flash', [{ text: 'Hi' }], config)).status).toBe(400);
    const voice = { prebuiltVoiceConfig: { voiceName: 'no-such-voice' } };
    const odd = { generationConfig: { responseModalities: ['AUDIO'], speechConfig: { voiceConfig: voice } } };
    expect((await ask('gemini-2.5-flash-preview-tts', [{ text: 'Hi' }], odd)).status).toBe(400);
  });
});

describe('pictures', () => {
  it.each([
    ['gemini-2.5-flash-image', {}, 1_290, { width: 1_024, height: 1_024 }],
    ['gemini-3-pro-image', { aspectRatio: '16:9', imageSize: '4K' }, 2_000, { width: 4_096, height: 2_304 }],
  ])('of %s are real files with their tokens', async (model, imageConfig, tokens, size) => {
    for (const stream of [false, true]) {
      const response = await ask(model, [{ text: 'A cat' }], { generationConfig: { imageConfig } }, stream);
      const events = stream ? await readEvents(response) : [await readJson(response)];
      const parts = events.flatMap((event) => asArray(at(event, 'candidates', 0, 'content', 'parts')) as JsonObject[]);
      const png = parts.flatMap((part) => at(part, 'inlineData', 'data') ?? []).map(String);
      expect(png.map((data) => pngSize(Buffer.from(data, 'base64')))).toEqual([size]);
      const usage = at(events.at(-1), 'usageMetadata');
      expect(details(events.at(-1), 'candidatesTokensDetails')).toEqual({ IMAGE: tokens });
      expect(Number(at(usage, 'candidatesTokenCount'))).toBeGreaterThan(tokens);
    }
  });

  it('of Imagen are as many as asked for, without those that are filtered', async () => {
    const url = `${simulator.baseUrls.gemini}/models/imagen-4.0-generate-001:predict`;
    const predict = (prompt: string, sampleCount: number) =>
      postJson(url, { instances: [{ prompt }], parameters: { sampleCount } }, key);
    const data = await readJson(await predict('A cat. filter: 1', 3));
    const predictions = asArray(data['predictions']) as JsonObject[];
    expect(predictions.map((each) => Object.keys(each))).toEqual([
      ['mimeType', 'bytesBase64Encoded'],
      ['mimeType', 'bytesBase64Encoded'],
      ['raiFilteredReason'],
    ]);
    expect((await predict('A cat', 5)).status).toBe(400);
  });
});

describe('tools and JSON', () => {
  const input = { type: 'object', properties: { city: { type: 'string' } } };
  const tools = [{ functionDeclarations: [{ name: 'weather', parametersJsonSchema: input }, { name: 'clock' }] }];

  it('are called, in parallel too, and answered in words after their results', async () => {
    const text = 'call: weather {"city":"Bonn"}\ncall: clock';
    const calls = async (model: string, stream: boolean) => {
      const response = await ask(model, [{ text }], { tools }, stream);
      const events = stream ? await readEvents(response) : [await readJson(response)];
      expect(at(events.at(-1), 'candidates', 0, 'finishReason')).toBe('STOP');
      const parts = events.flatMap((event) => asArray(at(event, 'candidates', 0, 'content', 'parts')) as JsonObject[]);
      return parts.filter((part) => part['functionCall'] !== undefined);
    };
    for (const stream of [false, true]) {
      expect(await calls('gemini-2.5-flash', stream)).toEqual([
        { functionCall: { name: 'weather', args: { city: 'Bonn' } } },
        { functionCall: { name: 'clock', args: expect.any(Object) } },
      ]);
      const [first, second] = await calls('gemini-3.5-flash', stream);
      expect(first).toMatchObject({ functionCall: { id: 'call1' }, thoughtSignature: expect.any(String) });
      expect(second).not.toHaveProperty('thoughtSignature');
    }
    const results = [{ functionResponse: { name: 'weather', response: {} } }];
    const said = await readJson(await ask('gemini-2.5-flash', results, { tools }));
    expect(at(said, 'candidates', 0, 'content', 'parts', 0, 'text')).toContain('simulated');
  });

  it.each([
    ['NONE', undefined],
    ['ANY', 'clock'],
  ])('are chosen as %s says', async (mode, name) => {
    const toolConfig = { functionCallingConfig: { mode, allowedFunctionNames: ['clock'] } };
    const data = await readJson(await ask('gemini-2.5-flash', [{ text: 'What time is it?' }], { tools, toolConfig }));
    expect(at(data, 'candidates', 0, 'content', 'parts', 0, 'functionCall', 'name')).toBe(name);
  });

  it('give an object that fits the schema', async () => {
    const schema = { type: 'object', properties: { city: { type: 'string' }, size: { type: 'integer' } } };
    const json = async (config: object) => {
      const generationConfig = { responseMimeType: 'application/json', ...config };
      const data = await readJson(await ask('gemini-2.5-flash', [{ text: 'A city' }], { generationConfig }));
      return JSON.parse(String(at(data, 'candidates', 0, 'content', 'parts', 0, 'text')));
    };
    const fitting = { city: expect.any(String), size: expect.any(Number) };
    expect(await json({ responseJsonSchema: schema })).toEqual(fitting);
    expect(await json({ responseSchema: { ...schema, type: 'OBJECT' } })).toEqual(fitting);
    expect(await json({})).toEqual({ answer: 'simulated' });
  });
});

describe('blocking', () => {
  it.each([false, true])('is a 200 without text (stream: %s)', async (stream) => {
    const read = async (prompt: string) => {
      const response = await ask('gemini-2.5-flash', [{ text: prompt }], {}, stream);
      return stream ? (await readEvents(response))[0] : readJson(response);
    };
    const prompt = await read('block: PROHIBITED_CONTENT');
    expect([at(prompt, 'promptFeedback', 'blockReason'), at(prompt, 'candidates')]).toEqual([
      'PROHIBITED_CONTENT',
      undefined,
    ]);
    expect(at(prompt, 'usageMetadata', 'promptTokenCount')).toBeGreaterThan(0);
    expect(at(await read('finish: SAFETY'), 'candidates', 0)).toEqual({
      content: {},
      finishReason: 'SAFETY',
      index: 0,
    });
  });
});

/** What operations other than chat send, and how much they can cost at most. */
import type { OperationRequest, Quantities } from '@vibe/core';
import { wavOf } from '@vibe/provider-kit';
import { collect, user } from '@vibe/testing';
import { describe, expect, it } from 'vitest';
import { imageSizeOf } from './image-header.js';
import { nearestRatio } from './image-size.js';
import { imageTokens } from './image-tokens.js';
import { chatCall, provide, testKey } from './testing.js';

const provider = provide({ apiKey: testKey, models: [{ id: 'imagen-4.0-generate-001', operations: ['paint'] }] });

function callOf(asked: OperationRequest, model: string) {
  const manifest = provider.models.find(({ id }) => id === model);
  if (manifest === undefined) throw new Error(`no ${model}`);
  return { ...chatCall(provider), ...asked, model: manifest, incremental: false } as Parameters<
    typeof provider.stream
  >[0];
}

function bodyOf(
  asked: OperationRequest,
  model: string,
): Record<string, never> & { generationConfig: Record<string, unknown> } {
  return provider.describe?.(callOf(asked, model)).body as never;
}

async function bound(
  asked: OperationRequest,
  model: string,
  generic: Quantities = {},
): Promise<Quantities | undefined> {
  const call = callOf(asked, model);
  return (await provider.estimate?.(call.request, call.model, { operation: call.operation, quantities: generic }))
    ?.quantities;
}

const png = (width: number, height: number) => {
  const bytes = Buffer.alloc(24);
  bytes.write('\x89PNG', 0, 'latin1');
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return bytes;
};
const gif = Buffer.from('GIF89a\x10\x00\x20\x00', 'latin1');
const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xc0, 0, 17, 8, 0, 100, 0, 200, 3, 1, 1, 1, 1]);

describe('the size of a picture', () => {
  it.each([
    ['PNG bytes', png(640, 480), { width: 640, height: 480 }],
    ['PNG in base64', png(640, 480).toString('base64'), { width: 640, height: 480 }],
    ['PNG in a data URL', new URL(`data:image/png;base64,${png(3, 4).toString('base64')}`), { width: 3, height: 4 }],
    ['GIF', gif, { width: 16, height: 32 }],
    ['JPEG', jpeg, { width: 200, height: 100 }],
    ['a PNG without a size', png(0, 0), null],
    ['an address', new URL('https://a.example/1.png'), null],
    ['something else', Buffer.from('not a picture, but long enough for one'), null],
    ['a JPEG that is cut', jpeg.subarray(0, 9), null],
  ])('is read from %s', (_name, data, size) => {
    expect(imageSizeOf(data)).toEqual(size);
  });

  it.each([
    ['gemini-2.5-flash', png(384, 384), 258],
    ['gemini-2.5-flash', png(960, 540), 6 * 258],
    ['gemini-2.5-flash', png(1_536, 1_536), 4 * 258],
    ['gemini-2.5-flash', Buffer.from('webp?'), 16 * 258],
    ['gemini-3.5-flash', png(10, 10), 16 * 258],
  ])('bounds its tokens on %s', (model, data, tokens) => {
    expect(imageTokens({ type: 'image', mediaType: 'image/png', data }, model)).toBe(tokens);
  });
});

describe('an estimate', () => {
  const generic = { input_token: 50 };
  const content = (part: object) =>
    ({ operation: 'chat', request: { messages: [{ role: 'user', content: [part] }] } }) as never;
  const file = (mediaType: string, sizeBytes?: number) =>
    content({
      type: 'file_ref',
      uri: 'files/1',
      mediaType,
      ...(sizeBytes !== undefined && { providerData: { sizeBytes } }),
    });

  it.each<[string, OperationRequest, Quantities]>([
    ['text', { operation: 'chat', request: { messages: [user('Hi')] } }, generic],
    [
      'a small picture',
      content({ type: 'image', mediaType: 'image/png', data: png(8, 8) }),
      { ...generic, input_image_token: 258 },
    ],
    [
      'sound of known size',
      content({ type: 'audio', mediaType: 'audio/mp3', data: Buffer.alloc(5_000) }),
      { ...generic, input_audio_token: 330 },
    ],
    [
      'sound behind an address',
      content({ type: 'audio', mediaType: 'audio/mp3', data: new URL('https://a.example/1') }),
      { ...generic, input_audio_token: 1_048_576 },
    ],
    ['an uploaded sound', file('audio/mp3', 5_000), { ...generic, input_audio_token: 330 }],
    ['a sound of unknown size', file('audio/mp3'), { ...generic, input_audio_token: 1_048_576 }],
    ['a picture that lies there', file('image/png'), { ...generic, input_image_token: 4_128 }],
    ['a document of unknown size', file('application/pdf'), { ...generic, input_image_token: 258_000 }],
    [
      'the recorded document of 258 tokens',
      file('application/pdf', 18_810),
      { ...generic, input_image_token: 151_962 },
    ],
    ['a huge document', file('application/pdf', 100_000_000), { ...generic, input_image_token: 258_000 }],
    ['a text', file('text/plain', 1_000), { ...generic, input_image_token: 1_258 }],
    ['a video', file('video/mp4', 20_000), { ...generic, input_image_token: 2_630, input_audio_token: 330 }],
  ])('of a chat bounds %s', async (_name, asked, expected) => {
    expect(await bound(asked, 'gemini-2.5-flash', generic)).toEqual(expected);
  });

  it('of a chat bounds a page at more tokens for models that look closer', async () => {
    expect(await bound(file('application/pdf', 320), 'gemini-3.5-flash', generic)).toMatchObject({
      input_image_token: 11 * 1_120,
    });
    expect(await bound(file('application/pdf'), 'gemini-3.5-flash', generic)).toMatchObject({
      input_image_token: 1_048_576,
    });
  });

  it.each<[string, OperationRequest]>([
    ['gemini-2.5-flash-preview-tts', { operation: 'speak', request: { text: 'x'.repeat(100) } }],
    ['gemini-2.5-flash-image', { operation: 'paint', request: { prompt: 'A cat' } }],
    ['gemini-3-pro-image', { operation: 'paint', request: { prompt: 'A cat', size: '4096x4096' } }],
    [
      'gemini-2.5-flash',
      {
        operation: 'transcribe',
        request: { audio: { type: 'audio', mediaType: 'audio/mp3', data: Buffer.alloc(7_500) } },
      },
    ],
  ])('of %s is the cap that is sent', async (model, asked) => {
    const cap = bodyOf(asked, model).generationConfig['maxOutputTokens'];
    const quantities = Object.entries((await bound(asked, model)) ?? {}).filter(([unit]) => unit.startsWith('output'));
    expect(quantities.map(([, quantity]) => quantity)).toEqual([cap]);
    expect(cap).toBeLessThan(8_000);
  });

  it('knows the length of a WAV file by its header', async () => {
    const wav = Buffer.from(wavOf(new Uint8Array(96_000), { rate: 24_000, channels: 1 }));
    for (const data of [wav, wav.toString('base64'), `data:audio/wav;base64,${wav.toString('base64')}`]) {
      const asked = {
        operation: 'transcribe',
        request: { audio: { type: 'audio', mediaType: 'audio/wav', data } },
      } as const;
      expect((await bound(asked, 'gemini-2.5-flash'))?.['input_audio_token']).toBe(2 * 33);
    }
  });

  it('of Imagen is a number of pictures', async () => {
    const asked = { operation: 'paint', request: { prompt: 'A cat', count: 9 } } as const;
    expect(await bound(asked, 'imagen-4.0-generate-001')).toEqual({ image: 4 });
    expect(bodyOf(asked, 'imagen-4.0-generate-001')['parameters']).toMatchObject({ sampleCount: 4 });
  });

  it('of an operation nobody knows is left to core', async () => {
    const call = chatCall(provider);
    expect(await provider.estimate?.(call.request, call.model, { operation: 'embed', quantities: {} })).toBeNull();
  });
});

describe('a size in pixels', () => {
  const ratios = ['1:1', '3:4', '4:3', '9:16', '16:9'] as const;
  it.each([
    ['1024x1024', { ratio: '1:1', exact: true }],
    ['1920x1080', { ratio: '16:9', exact: true }],
    ['1000x1100', { ratio: '1:1', exact: false }],
    ['100x9000', { ratio: '9:16', exact: false }],
  ])('%s becomes a ratio', (size, expected) => {
    expect(nearestRatio(size, ratios)).toEqual(expected);
  });

  it.each([
    ['gemini-3-pro-image', '2048x2048', { aspectRatio: '1:1', imageSize: '2K' }],
    ['gemini-3-pro-image', '3840x2160', { aspectRatio: '16:9', imageSize: '4K' }],
    ['gemini-2.5-flash-image', '1024x1024', { aspectRatio: '1:1' }],
  ] as const)('is sent to %s as it knows it: %s', (model, size, imageConfig) => {
    expect(bodyOf({ operation: 'paint', request: { prompt: 'A cat', size } }, model).generationConfig).toMatchObject({
      imageConfig,
    });
  });
});

describe('options of the provider', () => {
  const ask = (gemini: unknown, more: object = {}) =>
    bodyOf(
      { operation: 'chat', request: { messages: [user('Hi')], providerOptions: { gemini }, ...more } } as never,
      'gemini-2.5-flash',
    );

  it('reach the request, with safety settings and tools of Google beside the own ones', () => {
    const safetySettings = [{ category: 'HARM_CATEGORY_HATE_SPEECH', threshold: 'BLOCK_NONE' }];
    expect(ask({ safetySettings })['safetySettings']).toEqual(safetySettings);
    const tools = [{ name: 'weather', input: { type: 'object' } }];
    expect(ask({ tools: [{ googleSearch: {} }] }, { tools })['tools']).toMatchObject([
      { functionDeclarations: [{ name: 'weather' }] },
      { googleSearch: {} },
    ]);
  });

  it.each([
    [{ generationConfig: { maxOutputTokens: 1 } }],
    [{ generationConfig: { max_output_tokens: 1 } }],
    [{ generationConfig: { candidateCount: 2 } }],
    [{ generation_config: {} }],
    [{ contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] }],
    [{ systemInstruction: { parts: [{ text: 'Be brief.' }] } }],
    [{ system_instruction: { parts: [{ text: 'Be brief.' }] } }],
  ])('that would cost more than is held are refused: %j', (options) => {
    expect(() => ask(options)).toThrow(/providerOptions.*must not/);
  });

  it('must not change how many pictures Imagen makes', () => {
    const request = { prompt: 'A cat', providerOptions: { gemini: { parameters: { sampleCount: 4 } } } };
    expect(() => bodyOf({ operation: 'paint', request }, 'imagen-4.0-generate-001')).toThrow(/sampleCount/);
    const seed = { prompt: 'A cat', providerOptions: { gemini: { parameters: { seed: 7 } } } };
    expect(bodyOf({ operation: 'paint', request: seed }, 'imagen-4.0-generate-001')['parameters']).toMatchObject({
      seed: 7,
    });
  });
});

it('refuses what would be left out silently', async () => {
  const image = { type: 'image', mediaType: 'image/png', data: png(1, 1) } as const;
  const messages = [{ role: 'system' as const, content: [image] }, user('Hi')];
  await expect(collect(provider.stream(chatCall(provider, { messages })))).rejects.toMatchObject({
    code: 'invalid_request',
  });
  expect(() =>
    bodyOf({ operation: 'paint', request: { prompt: 'A cat', images: [image] } }, 'imagen-4.0-generate-001'),
  ).toThrow(/pictures to start from/);
});

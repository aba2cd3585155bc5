import type { AnyRequest, Operation, Part, Quantities } from '@vibe/core';
import { wavOf } from '@vibe/provider-kit';
import { describe, expect, it } from 'vitest';
import { provide } from './testing.js';

const { models, estimate } = provide({ apiKey: 'any' });
const generic: Quantities = { input_token: 100, input_image_token: 4_128, audio_second: 900, character: 7 };

async function bound(operation: Operation, model: string, request: AnyRequest): Promise<Quantities | null> {
  const manifest = models.find(({ id }) => id === model);
  if (manifest === undefined) throw new Error(model);
  return (await estimate?.(request, manifest, { operation, quantities: generic }))?.quantities ?? null;
}

const png = (width: number, height: number) => {
  const bytes = Buffer.alloc(33);
  bytes.write('89504e470d0a1a0a0000000d49484452', 'hex');
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return bytes;
};
const image = (data: Uint8Array | URL): Part => ({ type: 'image', mediaType: 'image/png', data });
const chat = (parts: readonly Part[], options: Record<string, never> | object = {}) =>
  ({
    messages: [{ role: 'user', content: parts }],
    maxOutputTokens: 50,
    providerOptions: { qwen: options },
  }) as AnyRequest;
const audio = (data: Uint8Array | URL) => ({ audio: { type: 'audio', mediaType: 'audio/wav', data } }) as AnyRequest;

describe('the bound of a chat', () => {
  it('is the generic one where nothing is known better', async () => {
    expect(await bound('chat', 'qwen-plus', chat([{ type: 'text', text: 'Hi' }]))).toEqual(generic);
  });

  it.each([
    ['by its size', png(560, 280), {}, 21 * 11 + 2],
    ['that is tiny, which is enlarged', png(1, 1), {}, 86],
    ['that is huge, which is reduced', png(9_000, 9_000), {}, 2_562],
    ['in full resolution', png(9_000, 9_000), { vl_high_resolution_images: true }, 16_386],
    ['of another format', Buffer.alloc(100), {}, 2_562],
    ['behind an address', new URL('https://a.example/a.png'), {}, 2_562],
  ])('has the tokens of an image %s', async (_name, data, options, tokens) => {
    expect(await bound('chat', 'qwen3-vl-plus', chat([image(data)], options))).toMatchObject({
      input_image_token: tokens,
    });
  });

  it('covers recorded images: 2,503 tokens, and 3,577 in full resolution', async () => {
    const of = async (options: object) =>
      (await bound('chat', 'qwen3-vl-plus', chat([image(new URL('https://a.example'))], options)))?.input_image_token;
    expect(await of({})).toBeGreaterThanOrEqual(2_503);
    expect(await of({ vl_high_resolution_images: true })).toBeGreaterThanOrEqual(3_577);
  });

  it('has what is billed beside tokens of text', async () => {
    const spoken = chat([{ type: 'text', text: 'Hi' }], { modalities: ['text', 'audio'], enable_search: true });
    expect(await bound('chat', 'qwen3-omni-flash', spoken)).toMatchObject({ output_audio_token: 50, web_search: 1 });
  });

  it('has the tokens of a picture that lies at the service', async () => {
    const stored: Part = { type: 'file_ref', uri: 'oss://a/b.png', mediaType: 'image/png' };
    expect(await bound('chat', 'qwen3-vl-plus', chat([stored, image(png(560, 280))]))).toMatchObject({
      input_image_token: 2_562 + 21 * 11 + 2,
    });
  });

  it('does not exist for what nobody can look into', async () => {
    const file: Part = { type: 'file_ref', uri: 'oss://a/b.mp4', mediaType: 'video/mp4' };
    const sound: Part = { type: 'audio', mediaType: 'audio/wav', data: new URL('https://a.example/a.wav') };
    for (const part of [file, sound]) expect(await bound('chat', 'qwen3-omni-flash', chat([part]))).toBeNull();
  });
});

describe('the bound of a transcription', () => {
  const wav = (seconds: number) => wavOf(new Uint8Array(seconds * 2_000), { rate: 1_000, channels: 1 });
  it.each([
    ['a WAV file', 'qwen3-asr-flash', wav(2), 2],
    ['a started second', 'qwen3-asr-flash', wav(2.25), 3],
    ['no second at all', 'qwen3-asr-flash', wav(0), 1],
    ['another format, by its size', 'qwen3-asr-flash', Buffer.alloc(60_000), 120],
    ['more than a call may have', 'qwen3-asr-flash', wav(400), 300],
    [
      'an address, as configured but no more than a call may have',
      'qwen3-asr-flash',
      new URL('https://a.example/a.wav'),
      300,
    ],
    ['the address of a file, as configured', 'fun-asr', new URL('https://a.example/a.wav'), 900],
  ])('is the seconds of %s', async (_name, model, data, seconds) => {
    expect(await bound('transcribe', model, audio(data))).toEqual({ audio_second: seconds });
  });
});

describe('the bound of a transcription nobody can look into', () => {
  const behindAddress = audio(new URL('https://a.example/a.wav'));
  it.each([
    ['what was configured', 60, 60],
    ['what a call may have, where more was configured', 900, 300],
    ['what a call may have, where nothing was', undefined, 300],
  ])('is %s', async (_name, configured, seconds) => {
    const manifest = models.find(({ id }) => id === 'qwen3-asr-flash');
    const quantities = configured === undefined ? {} : { audio_second: configured };
    const usage = manifest && (await estimate?.(behindAddress, manifest, { operation: 'transcribe', quantities }));
    expect(usage?.quantities).toEqual({ audio_second: seconds });
  });
});

describe('the bound of speech and pictures', () => {
  it('is characters, and never less than they are counted', async () => {
    expect(await bound('speak', 'qwen3-tts-flash', { text: '你好, T恤！' })).toEqual({ character: 2 * 4 + 3 });
  });

  it('is tokens for the model that bills tokens', async () => {
    expect(await bound('speak', 'qwen-tts', { text: 'Hello' })).toEqual({ input_token: 100, output_audio_token: 250 });
  });

  it.each([
    ['wan2.6-t2i', undefined, 1],
    ['wan2.6-t2i', 3, 3],
    ['wan2.6-t2i', 9, 4],
    ['qwen-image-max', 2, 1],
    ['qwen-image-2.0', 6, 6],
  ])('is as many pictures as %s makes of %s', async (model, count, images) => {
    const request = { prompt: 'a cat', ...(count !== undefined && { count }) };
    expect(await bound('paint', model, request)).toEqual({ image: images });
  });

  it('does not exist for operations of others', async () => {
    expect(await bound('dance', 'qwen-plus', { prompt: 'a cat' })).toBeNull();
  });
});

/** Recorded answers of operations other than chat, served byte for byte, and what a call of today would have sent. */
import type { ProviderCall } from '@vibe/core';
import { collect, listen, type Recording, recordings, reply, resultOf, slices } from '@vibe/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { uploadFile } from './index.js';
import { provide, testKey } from './testing.js';

const all = recordings('gemini');
let replayed = 0;
if (all.length === 0) console.warn('gemini media recordings: skipped, the folder is missing (VIBE_RECORDINGS)');
afterAll(() => {
  if (all.length > 0) console.info(`gemini media recordings: ${replayed} replays`);
});

function find(name: string): Recording {
  const recording = all.find((each) => each.name === name);
  if (recording === undefined) throw new Error(`the recording ${name} is missing`);
  return recording;
}

const wav = { type: 'audio', mediaType: 'audio/wav', data: Buffer.alloc(48_044) } as const;
const models = [{ id: 'imagen-3.0-generate-002', operations: ['paint'], streams: false, input: ['text' as const] }];

/** What a recording says to a call, in several splits. */
async function replay(name: string, asked: Pick<ProviderCall, 'operation' | 'request'>, model: string) {
  const { status, headers, body } = find(name);
  const results = [];
  for (const pieces of [[body], slices(body, 997)]) {
    const server = await listen(reply(status, headers, ...pieces));
    const provider = provide({ apiKey: testKey, baseUrl: server.url, models });
    const [endpoint] = provider.endpoints;
    const manifest = provider.models.find(({ id }) => id === model);
    if (endpoint === undefined || manifest === undefined) throw new Error(`no ${model}`);
    const call = {
      ...asked,
      endpoint,
      model: manifest,
      incremental: false,
      signal: new AbortController().signal,
      timeout: { connectMs: 5_000 },
    } as ProviderCall;
    try {
      results.push(resultOf(await collect(provider.stream(call))));
    } finally {
      replayed += 1;
      await provider.close?.();
      await server.close();
    }
  }
  expect(results[1]).toEqual(results[0]);
  const [result] = results;
  if (result === undefined) throw new Error('nothing was replayed');
  return result;
}

describe.skipIf(all.length === 0)('recorded media of Gemini', () => {
  it('speech becomes a WAV file that plays, or the PCM as it came', async () => {
    const asked = { operation: 'speak', request: { text: 'Ruby is a programming language.' } } as const;
    const { content, usage } = await replay('tts-single-speaker', asked, 'gemini-2.5-flash-preview-tts');
    expect(content.map(({ type }) => type)).toEqual(['audio']);
    const [part] = content;
    if (part?.type !== 'audio' || !(part.data instanceof Uint8Array)) throw new Error('no bytes');
    const file = Buffer.from(part.data);
    expect([part.mediaType, file.toString('latin1', 0, 4), file.readUInt32LE(24)]).toEqual([
      'audio/wav',
      'RIFF',
      24_000,
    ]);
    expect(file.readUInt32LE(40)).toBe(90_000); // 120,000 kept characters of base64
    expect(usage?.quantities).toEqual({ input_token: 11, output_token: 0, output_audio_token: 111 });
    const raw = { ...asked, request: { ...asked.request, format: 'pcm' as const } };
    const pcm = (await replay('tts-single-speaker', raw, 'gemini-2.5-flash-preview-tts')).content[0];
    expect(pcm).toMatchObject({ mediaType: 'audio/L16;codec=pcm;rate=24000', data: file.subarray(44) });
    // speech is smooth when its samples are read in the right order, and noise when they are not
    const samples = new DataView(file.buffer, file.byteOffset + 44, file.byteLength - 44);
    expect(roughness(samples, true) * 10).toBeLessThan(roughness(samples, false));
  });

  it('a transcript is text with its sound billed apart', async () => {
    const asked = { operation: 'transcribe', request: { audio: wav } } as const;
    expect(await replay('audio-transcription', asked, 'gemini-2.5-flash')).toMatchObject({
      content: [{ type: 'text', text: 'Ruby is a programming language designed for developer happiness.' }],
      finishReason: 'stop',
      usage: { quantities: { input_token: 14, input_audio_token: 119, output_token: 10, reasoning_token: 21 } },
    });
  });

  it.each([
    ['image-gen-2-5-flash-image', 'gemini-2.5-flash-image', 'image/png', 1_290],
    ['image-gen-flash-lite-image', 'gemini-3.1-flash-lite-image', 'image/jpeg', 1_120],
    ['image-gen-3-pro-image', 'gemini-3-pro-image', 'image/jpeg', 1_120],
  ])('a picture is bytes: %s', async (name, model, mediaType, tokens) => {
    const { content, usage } = await replay(name, { operation: 'paint', request: { prompt: 'A cat' } }, model);
    const pictures = content.flatMap((part) => (part.type === 'image' ? [part] : []));
    expect(pictures).toMatchObject([{ mediaType, data: expect.any(Uint8Array) }]);
    expect(usage?.quantities['output_image_token']).toBe(tokens);
  });

  it.each([
    ['imagen-predict', ['image'], 'stop', 1, 0],
    ['imagen-predict-all-blocked', [], 'content_filter', 0, 1],
    ['mock-imagen-some-filtered', ['file_ref', 'file_ref'], 'stop', 2, 1],
  ])('Imagen bills what it made: %s', async (name, types, finishReason, image, warnings) => {
    const asked = { operation: 'paint', request: { prompt: 'A cat', count: 4 } } as const;
    const result = await replay(name, asked, 'imagen-3.0-generate-002');
    expect(result.content.map(({ type }) => type)).toEqual(types);
    expect(result).toMatchObject({ finishReason, usage: { quantities: { image }, unknown: false } });
    expect(result.warnings?.filter(({ code }) => code === 'image_filtered')).toHaveLength(warnings);
  });

  it.each([
    ['imagen-404-wrong-model', 'model_not_found'],
    ['tts-400-text-only-model', 'provider_rejected'],
  ])('a refusal keeps its code: %s', async (name, code) => {
    const asked = { operation: 'paint', request: { prompt: 'A cat' } } as const;
    await expect(replay(name, asked, 'imagen-3.0-generate-002')).rejects.toMatchObject({ code });
  });

  it('an upload gives the reference that was recorded', async () => {
    const [start, finish] = [find('file-upload-1-start'), find('file-upload-2-finalize')];
    const server = await listen((response) => {
      const isStart = server.received.length === 1;
      const headers = isStart ? { 'x-goog-upload-url': `${server.url}/upload/v1beta/files?upload_id=AJjj` } : {};
      void reply(200, headers, isStart ? start.body : finish.body)(response);
    });
    const file = await uploadFile({
      data: Buffer.alloc(18_810),
      mediaType: 'application/pdf',
      apiKey: testKey,
      baseUrl: `${server.url}/v1beta`,
    });
    await server.close();
    replayed += 1;
    expect(file).toEqual({
      type: 'file_ref',
      uri: 'https://generativelanguage.googleapis.com/v1beta/files/mwp1gi5it47f',
      mediaType: 'application/pdf',
      providerData: { name: 'files/mwp1gi5it47f', sizeBytes: 18_810, expiresAt: '2026-08-21T14:34:21.475407640Z' },
    });
    expect(server.received.map(({ path }) => path)).toEqual([
      '/upload/v1beta/files',
      '/upload/v1beta/files?upload_id=AJjj',
    ]);
  });
});

/** How much neighbouring samples differ, on average. */
function roughness(samples: DataView, littleEndian: boolean): number {
  const count = Math.floor(samples.byteLength / 2);
  let sum = 0;
  for (let at = 1; at < count; at++)
    sum += Math.abs(samples.getInt16(2 * at, littleEndian) - samples.getInt16(2 * at - 2, littleEndian));
  return sum / (count - 1);
}

import { expect, it } from 'vitest';
import { audioSeconds } from './audio-length.js';

/** Sixteen-bit PCM, mono: `seconds` of silence at `rate`; `extra` is a chunk between the header and the samples. */
function wav(seconds: number, rate = 16_000, extra = 0): Uint8Array {
  const samples = seconds * rate * 2;
  const bytes = new Uint8Array(44 + (extra > 0 ? 8 + extra : 0) + samples);
  const view = new DataView(bytes.buffer);
  const text = (at: number, word: string) => bytes.set(new TextEncoder().encode(word), at);
  text(0, 'RIFF');
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  let at = 36;
  if (extra > 0) {
    text(at, 'LIST');
    view.setUint32(at + 4, extra, true);
    at += 8 + extra;
  }
  text(at, 'data');
  view.setUint32(at + 4, samples, true);
  return bytes;
}

const part = (data: Uint8Array | URL | string) => ({ type: 'audio', mediaType: 'audio/wav', data }) as const;

it.each([
  ['a minute', wav(60), 60],
  ['a minute of telephone', wav(60, 8_000), 60],
  ['a started second', wav(1.5), 2],
  ['next to nothing', wav(0.001), 1],
  ['a header with more in it', wav(60, 16_000, 300), 60],
])('reads the length of %s from the header', (_, bytes, seconds) => {
  expect(audioSeconds(part(bytes))).toBe(seconds);
  const base64 = Buffer.from(bytes).toString('base64');
  expect(audioSeconds(part(base64))).toBe(seconds);
  expect(audioSeconds(part(`data:audio/wav;base64,${base64}`))).toBe(seconds);
  expect(audioSeconds(part(new URL(`data:audio/wav;base64,${base64}`)))).toBe(seconds);
});

it('bounds what has no such header by its size, at 4 kbit/s', () => {
  expect(audioSeconds(part(new Uint8Array(5_000)))).toBe(10);
  expect(audioSeconds(part('!!! no base64 !!!'))).toBe(1);
});

it('does not believe a header that makes the sound look shorter than its samples', () => {
  const bytes = wav(60);
  new DataView(bytes.buffer).setUint32(28, 4_000_000_000, true);
  expect(audioSeconds(part(bytes))).toBe(Math.ceil(bytes.byteLength / 500));
});

it('knows nothing of what is behind an address', () => {
  expect(audioSeconds(part(new URL('https://a.example/a.wav')))).toBeNull();
  expect(audioSeconds(part('https://a.example/a.wav'))).toBeNull();
  expect(audioSeconds({ type: 'file_ref', uri: 'files/1', mediaType: 'audio/wav' })).toBeNull();
});

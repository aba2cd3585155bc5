import { inflateSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { pngOf, pngSize } from './png.js';
import { SPEECH_RATE, speechOf, speechSeconds, wavOfSpeech, wavSeconds } from './speech.js';

it('a picture is a real PNG of the size asked for, the same for the same words', () => {
  const png = pngOf(1_328, 17, 'a cat');
  expect(pngSize(png)).toEqual({ width: 1_328, height: 17 });
  const data = png.subarray(png.indexOf('IDAT') + 4, png.indexOf('IEND') - 8);
  expect(inflateSync(data)).toHaveLength(17 * (1 + 166));
  expect(pngOf(1_328, 17, 'a cat').equals(png)).toBe(true);
  expect(png.byteLength).toBeLessThan(1_000);
  expect(pngSize(Buffer.from('GIF89a'))).toBeNull();
});

it.each([
  [1, 1],
  [3, 3],
  [64, 48],
  [40, 200],
  [333, 17],
])('a picture of %i × %i has a disc in its middle and ground in its corners', (width, height) => {
  const png = pngOf(width, height, 'a boat');
  const rows = inflateSync(png.subarray(png.indexOf('IDAT') + 4, png.indexOf('IEND') - 8));
  const bytes = 1 + Math.ceil(width / 8);
  const pixel = (x: number, y: number) => ((rows[y * bytes + 1 + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1;
  const radius = Math.min(width, height) / 3;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const distance = Math.hypot(x + 0.5 - width / 2, y + 0.5 - height / 2);
      // At the edge it may be either.
      if (distance < radius - 1) expect(pixel(x, y)).toBe(1);
      if (distance > radius + 1) expect(pixel(x, y)).toBe(0);
    }
  }
  expect(rows).toHaveLength(height * bytes);
});

it('speech is as long as its text, and its WAV file says so', () => {
  const pcm = speechOf('The sky is blue.');
  expect(pcm.byteLength).toBe(Math.round(16 * 0.06 * SPEECH_RATE) * 2);
  expect(speechSeconds(pcm)).toBeCloseTo(0.96);
  expect(wavSeconds(wavOfSpeech(pcm))).toBeCloseTo(0.96);
  expect(speechOf('The sky is blue.').equals(pcm)).toBe(true);
  expect(speechOf('The sky is grey.').equals(pcm)).toBe(false);
  expect(speechSeconds(speechOf('x'.repeat(100_000)))).toBe(120);
  expect(wavSeconds(Buffer.from('ID3'))).toBeNull();
});

import { expect, it } from 'vitest';
import { wavFile } from './wav.js';

it('writes the header of PCM in front of the samples', () => {
  const wav = Buffer.from(wavFile(new Uint8Array([1, 0, 2, 0]), { rate: 24_000, channels: 2 }));
  expect(wav.toString('latin1', 0, 16)).toBe('RIFF\x28\0\0\0WAVEfmt ');
  expect([20, 22, 32, 34].map((at) => wav.readUInt16LE(at))).toEqual([1, 2, 4, 16]);
  expect([24, 28, 40].map((at) => wav.readUInt32LE(at))).toEqual([24_000, 96_000, 4]);
  expect([...wav.subarray(44)]).toEqual([1, 0, 2, 0]);
});

it('drops half a sample', () => {
  expect(wavFile(new Uint8Array([1, 0, 2]), { rate: 8_000, channels: 1 })).toHaveLength(46);
});

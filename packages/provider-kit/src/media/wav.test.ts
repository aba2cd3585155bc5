import { expect, it } from 'vitest';
import { pcmMediaType, pcmOf, readWav, wavOf } from './wav.js';

const wav = Buffer.from(wavOf(new Uint8Array([1, 0, 2, 0]), { rate: 24_000, channels: 2 }));

it('writes the header of PCM in front of the samples', () => {
  expect(wav.toString('latin1', 0, 16)).toBe('RIFF\x28\0\0\0WAVEfmt ');
  expect([20, 22, 32, 34].map((at) => wav.readUInt16LE(at))).toEqual([1, 2, 4, 16]);
  expect([24, 28, 40].map((at) => wav.readUInt32LE(at))).toEqual([24_000, 96_000, 4]);
  expect([...wav.subarray(44)]).toEqual([1, 0, 2, 0]);
});

it('drops half a sample', () => {
  expect(wavOf(new Uint8Array([1, 0, 2]), { rate: 8_000, channels: 1 })).toHaveLength(46);
});

it('reads what it wrote, and nothing else', () => {
  expect(readWav(wav)).toEqual({ rate: 24_000, channels: 2, bytesPerSecond: 96_000, dataOffset: 44 });
  expect(readWav(new Uint8Array(100))).toBeNull();
  expect(readWav(wav.subarray(0, 20))).toBeNull();
});

it('reads and writes the media type of raw PCM', () => {
  expect(pcmOf('audio/L16;codec=pcm;rate=16000')).toEqual({ rate: 16_000, channels: 1 });
  expect(pcmOf('audio/pcm')).toEqual({ rate: 24_000, channels: 1 });
  expect(pcmOf('audio/mpeg')).toBeNull();
  expect(pcmOf(pcmMediaType({ rate: 8_000, channels: 2 }))).toEqual({ rate: 8_000, channels: 2 });
  expect(pcmMediaType({ rate: 8_000, channels: 2 })).toBe('audio/pcm;rate=8000;channels=2');
});

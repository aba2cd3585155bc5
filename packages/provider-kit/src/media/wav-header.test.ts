import { describe, expect, it } from 'vitest';
import { wavFile } from './wav.js';
import { pcmOf, readWav } from './wav-header.js';

const format = { rate: 24_000, channels: 1 };
const samples = Uint8Array.from({ length: 4_800 }, (_, at) => at % 251);
const wav = () => Buffer.from(wavFile(samples, format));

describe('the header of a WAV file', () => {
  it('is read, and the samples behind it', () => {
    const expected = { ...format, bitsPerSample: 16, dataOffset: 44, dataBytes: 4_800, seconds: 0.1 };
    expect(readWav(wav())).toEqual(expected);
    expect(pcmOf(wav())).toEqual(Buffer.from(samples));
  });

  it('may have other chunks before its samples, of odd lengths too, and something behind them', () => {
    const list = Buffer.from('LIST\x03\x00\x00\x00abc\x00', 'latin1');
    const parts = [wav().subarray(0, 36), list, wav().subarray(36), Buffer.from('junk')];
    expect(pcmOf(Buffer.concat(parts))).toEqual(Buffer.from(samples));
  });

  it.each([0, 0xffff_ffff])('of a stream says %i bytes and means the rest', (size) => {
    const streamed = wav();
    streamed.writeUInt32LE(size, 40);
    expect(readWav(streamed)).toMatchObject({ dataBytes: 4_800 });
  });

  it('of a file that was cut has what is there', () => {
    expect(readWav(wav().subarray(0, 1_044))).toMatchObject({ dataBytes: 1_000 });
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['an MP3', Buffer.from('ID3\x04')],
    ['a RIFF file of another kind', Buffer.from('RIFF\x04\x00\x00\x00AVI LIST')],
    ['a header without samples', wav().subarray(0, 36)],
    ['samples before their format', Buffer.concat([Buffer.from('RIFF\0\0\0\0WAVE'), Buffer.from('data\0\0\0\0')])],
    ['no bytes per second', wavFile(samples, { rate: 0, channels: 1 })],
  ])('is not that of %s', (_name, bytes) => {
    expect([readWav(bytes), pcmOf(bytes)]).toEqual([null, null]);
  });
});

import { hash32 } from '../answer/random.js';

/** Facts: speech of both providers is 16-bit mono PCM at this rate. */
export const SPEECH_RATE = 24_000;
const BYTES_PER_SAMPLE = 2;
const HEADER_BYTES = 44;
/** How long one character is spoken. */
const SECONDS_PER_CHARACTER = 0.06;
/** The longest speech that is made. */
const MAX_SECONDS = 120;

/** Speech of a text as raw samples: a tone whose length and pitch the text decides. */
export function speechOf(text: string): Buffer {
  const seconds = Math.min(MAX_SECONDS, Math.max(0.3, [...text].length * SECONDS_PER_CHARACTER));
  const samples = Math.round(seconds * SPEECH_RATE);
  const step = ((220 + (hash32(text) % 220)) * 2 * Math.PI) / SPEECH_RATE;
  const pcm = Buffer.alloc(samples * BYTES_PER_SAMPLE);
  for (let at = 0; at < samples; at++) pcm.writeInt16LE(Math.round(Math.sin(at * step) * 8_000), at * BYTES_PER_SAMPLE);
  return pcm;
}

/** How long samples of speech play. */
export function speechSeconds(pcm: Uint8Array): number {
  return pcm.byteLength / BYTES_PER_SAMPLE / SPEECH_RATE;
}

/** A WAV file of speech. */
export function wavOfSpeech(pcm: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(HEADER_BYTES - 8 + pcm.byteLength, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(SPEECH_RATE, 24);
  header.writeUInt32LE(SPEECH_RATE * BYTES_PER_SAMPLE, 28);
  header.writeUInt16LE(BYTES_PER_SAMPLE, 32);
  header.writeUInt16LE(8 * BYTES_PER_SAMPLE, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(pcm.byteLength, 40);
  return Buffer.concat([header, pcm]);
}

/** How long a WAV file plays, by its header; null for anything else. */
export function wavSeconds(bytes: Uint8Array): number | null {
  const wav = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isWav = wav.toString('latin1', 0, 4) === 'RIFF' && wav.toString('latin1', 8, 16) === 'WAVEfmt ';
  const bytesPerSecond = isWav && wav.byteLength >= HEADER_BYTES ? wav.readUInt32LE(28) : 0;
  return bytesPerSecond === 0 ? null : Math.max(0, wav.byteLength - HEADER_BYTES) / bytesPerSecond;
}

import type { AudioPart, FileRefPart } from '../../spec/content.js';
import { amrSeconds } from './amr.js';
import { type ByteSource, base64Of, bytesOf } from './byte-source.js';
import { flacSeconds } from './flac.js';
import { mp4Seconds } from './mp4.js';
import { mpegSeconds } from './mpeg.js';
import { oggSeconds } from './ogg.js';
import { wavSeconds } from './wav.js';

/**
 * What a reader of one format says: seconds, never fewer than are there; null where it is that format and its length cannot
 * be told, not even by its size; undefined where it is another one.
 */
export type AudioReader = (bytes: ByteSource) => number | null | undefined;

const readers: readonly AudioReader[] = [wavSeconds, flacSeconds, oggSeconds, mp4Seconds, amrSeconds, mpegSeconds];

/** Below the bit rate of every codec for speech in use, 4 kbit/s. Bounds the length of what no reader knows by its size. */
const minBytesPerSecond = 500;

/**
 * How long a sound is at most, in whole seconds as recognition is billed: from what is in the file (WAV, MP3, AAC, FLAC,
 * Opus, Vorbis, M4A, AMR), else by its size. Lengths that a header claims are checked against what is there. Null behind an
 * address, and where the file is broken in a way that leaves its length open.
 */
export function audioSeconds(audio: AudioPart | FileRefPart): number | null {
  const bytes = sourceOf(audio);
  if (bytes === null) return null;
  for (const reader of readers) {
    const seconds = reader(bytes);
    if (seconds === null) return null;
    if (seconds !== undefined) return Math.max(1, Math.ceil(seconds));
  }
  return Math.max(1, Math.ceil(bytes.length / minBytesPerSecond));
}

function sourceOf(audio: AudioPart | FileRefPart): ByteSource | null {
  if (audio.type === 'file_ref') return null;
  const { data } = audio;
  if (data instanceof Uint8Array) return bytesOf(data);
  const text = data instanceof URL ? data.href : data;
  if (/^(?!data:)[a-z][a-z0-9+.-]*:/i.test(text)) return null;
  return base64Of(text, /^data:/i.test(text) ? text.indexOf(',') + 1 : 0);
}

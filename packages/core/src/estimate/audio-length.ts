import type { AudioPart, FileRefPart } from '../spec/content.js';

/** The lowest bit rate of speech in practice: 6 kbit/s. Bounds the length of audio by its size. */
const bytesPerAudioSecond = 750;
/** Where the header of a WAV file ends at the latest, in base64: the first chunks of any recorder. */
const headerCharacters = 4_096;

/**
 * How long a sound is at most, in whole seconds as recognition is billed: exactly where a WAV header says it, else by its
 * size. Null behind an address, where neither is known.
 */
export function audioSeconds(audio: AudioPart | FileRefPart): number | null {
  if (audio.type === 'file_ref' || audio.data instanceof URL) return null;
  const { data } = audio;
  if (typeof data !== 'string') return secondsOf(data.byteLength, wavHeader(data));
  if (/^(?!data:)[a-z][a-z0-9+.-]*:/i.test(data)) return null;
  const start = data.startsWith('data:') ? data.indexOf(',') + 1 : 0;
  const padding = data.endsWith('==') ? 2 : data.endsWith('=') ? 1 : 0;
  const bytes = Math.floor(((data.length - start - padding) * 3) / 4);
  return secondsOf(bytes, wavHeader(bytesOfBase64(data.slice(start, start + headerCharacters))));
}

interface WavHeader {
  readonly bytesPerSecond: number;
  readonly dataOffset: number;
}

function secondsOf(bytes: number, header: WavHeader | null): number {
  if (header === null) return Math.ceil(bytes / bytesPerAudioSecond);
  return Math.max(1, Math.ceil((bytes - header.dataOffset) / header.bytesPerSecond));
}

/** RIFF: a `fmt ` chunk with the byte rate, then a `data` chunk. Null for anything else, and for rates that contradict themselves. */
function wavHeader(bytes: Uint8Array): WavHeader | null {
  if (bytes.length < 44 || textAt(bytes, 0) !== 'RIFF' || textAt(bytes, 8) !== 'WAVE') return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let bytesPerSecond = 0;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const size = view.getUint32(at + 4, true);
    const name = textAt(bytes, at);
    if (name === 'data') return bytesPerSecond > 0 ? { bytesPerSecond, dataOffset: at + 8 } : null;
    if (name === 'fmt ' && at + 24 <= bytes.length) {
      bytesPerSecond = view.getUint32(at + 16, true);
      const rate = view.getUint32(at + 12, true);
      const perFrame = view.getUint16(at + 20, true);
      // PCM plays as fast as its samples say; a header that says faster would make the sound look shorter.
      if (view.getUint16(at + 8, true) !== 1 || bytesPerSecond !== rate * perFrame) return null;
    }
    at += 8 + size + (size % 2);
  }
  return null;
}

function textAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0, bytes[at + 3] ?? 0);
}

function bytesOfBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text.slice(0, text.length - (text.length % 4))), (character) =>
      character.charCodeAt(0),
    );
  } catch {
    return new Uint8Array(0);
  }
}

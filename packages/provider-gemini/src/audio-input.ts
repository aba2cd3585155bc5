import type { AudioPart, FileRefPart, JsonObject } from '@vibe/core';
import { mediaSource, readWav } from '@vibe/provider-kit';

/** Facts: measured 32.15 audio tokens per second (119 for 3.70 s); documented 32. */
export const AUDIO_TOKENS_PER_SECOND = 33;

/** Bytes per second of speech at the lowest bit rate in practice, 6 kbit/s: bounds the length of audio by its size. */
const MIN_BYTES_PER_SECOND = 750;

/** A sound or a file as a part of `contents`. */
export function audioPart(audio: AudioPart | FileRefPart): JsonObject {
  if (audio.type === 'file_ref') return { fileData: { mimeType: audio.mediaType, fileUri: audio.uri } };
  const source = mediaSource(audio);
  if (source.kind === 'url') return { fileData: { mimeType: audio.mediaType, fileUri: source.url } };
  return { inlineData: { mimeType: source.mediaType, data: source.base64 } };
}

/** An upper bound of the length in seconds; null when the bytes are not here. */
export function audioSeconds(audio: AudioPart | FileRefPart): number | null {
  const size = audioBytes(audio);
  if (size === null) return null;
  const rate = audio.type === 'audio' ? wavBytesPerSecond(audio.data) : null;
  return Math.max(1, Math.ceil(size / (rate ?? MIN_BYTES_PER_SECOND)));
}

/** The size, or what it is at most. */
function audioBytes(audio: AudioPart | FileRefPart): number | null {
  if (audio.type === 'file_ref') return sizeOfUpload(audio);
  const { data } = audio;
  if (data instanceof Uint8Array) return data.byteLength;
  const text = data instanceof URL ? data.href : data;
  if (/^(?!data:)[a-z][a-z0-9+.-]*:/i.test(text)) return null;
  return Math.ceil((text.length * 3) / 4);
}

/** What `uploadFile` noted about the file. */
export function sizeOfUpload(file: FileRefPart & { readonly providerData?: unknown }): number | null {
  const size = (file.providerData as { readonly sizeBytes?: unknown } | null | undefined)?.sizeBytes;
  return typeof size === 'number' && Number.isFinite(size) && size >= 0 ? size : null;
}

/** The byte rate in the header of a WAV file with PCM; null for anything else. */
function wavBytesPerSecond(data: AudioPart['data']): number | null {
  if (data instanceof URL) return null;
  const head =
    data instanceof Uint8Array
      ? data.subarray(0, 64)
      : Buffer.from(data.replace(/^data:[^,]*,/i, '').slice(0, 88), 'base64');
  const rate = readWav(head)?.bytesPerSecond ?? 0;
  return rate >= MIN_BYTES_PER_SECOND ? rate : null;
}

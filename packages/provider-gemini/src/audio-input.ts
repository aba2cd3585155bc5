import { type AudioPart, audioSeconds, type FileRefPart, type JsonObject } from '@vibe/core';
import { mediaSource } from '@vibe/provider-kit';

/** Facts: measured 32.15 audio tokens per second (119 for 3.70 s); documented 32. */
export const AUDIO_TOKENS_PER_SECOND = 33;

/** Bytes per second below those of every codec for speech, 4 kbit/s: bounds the length of an upload by its size. */
const MIN_BYTES_PER_SECOND = 500;

/** A sound or a file as a part of `contents`. */
export function audioPart(audio: AudioPart | FileRefPart): JsonObject {
  if (audio.type === 'file_ref') return { fileData: { mimeType: audio.mediaType, fileUri: audio.uri } };
  const source = mediaSource(audio);
  if (source.kind === 'url') return { fileData: { mimeType: audio.mediaType, fileUri: source.url } };
  return { inlineData: { mimeType: source.mediaType, data: source.base64 } };
}

/** An upper bound of the length in seconds; null when nothing here says it. */
export function boundSeconds(audio: AudioPart | FileRefPart): number | null {
  if (audio.type === 'audio') return audioSeconds(audio);
  const size = sizeOfUpload(audio);
  // silence takes next to no bytes in FLAC
  if (size === null || /flac/i.test(audio.mediaType)) return null;
  return Math.max(1, Math.ceil(size / MIN_BYTES_PER_SECOND));
}

/** What `uploadFile` noted about the file. */
export function sizeOfUpload(file: FileRefPart & { readonly providerData?: unknown }): number | null {
  const size = (file.providerData as { readonly sizeBytes?: unknown } | null | undefined)?.sizeBytes;
  return typeof size === 'number' && Number.isFinite(size) && size >= 0 ? size : null;
}

import { asArray, asObject, asString, eitherCase, type JsonObject } from '../json.js';
import { wavSeconds } from '../media/speech.js';
import type { Shelf } from '../shelf.js';
import { type StoredFile, storedFile } from './stored-file.js';

export type Modality = 'IMAGE' | 'AUDIO' | 'VIDEO' | 'DOCUMENT';
/** Tokens of the media in a prompt; what is not there is missing. */
export type MediaTokens = Readonly<Partial<Record<Modality, number>>>;

/** Facts: 258 tokens for a small image and for a recorded one-page PDF. */
const IMAGE_TOKENS = 258;
/** Facts: measured 119 tokens for 3.70 s. */
const AUDIO_TOKENS_PER_SECOND = 32;
/** Facts: documented 263. */
const VIDEO_TOKENS_PER_SECOND = 263;
/** How long sound and video are that nobody can look into. */
const UNSEEN_SECONDS = 10;
/** The byte rate that stands for files of which only the size is known. */
const BYTES_PER_SECOND = 32_000;

/** What the media of a request count, by modality. */
export function mediaTokens(contents: readonly (JsonObject | null)[], shelf: Shelf): MediaTokens {
  const sums: Partial<Record<Modality, number>> = {};
  for (const part of contents.flatMap((content) => asArray(content?.['parts']).map(asObject))) {
    const counted = inlineTokens(part) ?? fileTokens(part, shelf);
    if (counted !== null) sums[counted.modality] = (sums[counted.modality] ?? 0) + counted.tokens;
  }
  return sums;
}

export function sumOf(media: MediaTokens): number {
  return Object.values(media).reduce((sum, tokens) => sum + tokens, 0);
}

interface Counted {
  readonly modality: Modality;
  readonly tokens: number;
}

function inlineTokens(part: JsonObject | null): Counted | null {
  const inline = asObject(eitherCase(part, 'inlineData'));
  if (inline === null) return null;
  const bytes = Buffer.from(asString(inline['data']) ?? '', 'base64');
  return counted(asString(eitherCase(inline, 'mimeType')) ?? '', wavSeconds(bytes));
}

function fileTokens(part: JsonObject | null, shelf: Shelf): Counted | null {
  const file = asObject(eitherCase(part, 'fileData'));
  if (file === null) return null;
  const stored: StoredFile | null = storedFile(shelf, asString(eitherCase(file, 'fileUri')) ?? '');
  const mimeType = asString(eitherCase(file, 'mimeType')) ?? stored?.mimeType ?? '';
  return counted(mimeType, stored === null ? null : stored.bytes / BYTES_PER_SECOND);
}

function counted(mimeType: string, seconds: number | null): Counted {
  const length = seconds ?? UNSEEN_SECONDS;
  if (mimeType.startsWith('audio/')) return { modality: 'AUDIO', tokens: Math.ceil(length * AUDIO_TOKENS_PER_SECOND) };
  if (mimeType.startsWith('video/')) return { modality: 'VIDEO', tokens: Math.ceil(length * VIDEO_TOKENS_PER_SECOND) };
  return { modality: mimeType.startsWith('image/') ? 'IMAGE' : 'DOCUMENT', tokens: IMAGE_TOKENS };
}

import {
  type AnyRequest,
  type AudioPart,
  audioSeconds,
  type ChatRequest,
  type FileRefPart,
  type GenericBound,
  type ImagePart,
  type JsonObject,
  type ModelManifest,
  type PaintRequest,
  type Part,
  type Quantities,
  type SpeakRequest,
  type TranscribeRequest,
  type Usage,
} from '@vibe/core';
import { mediaSource } from '@vibe/provider-kit';
import { pictureCount } from './paint-request.js';
import { transcribesFiles } from './transcribe-file.js';

/** Facts: the longest audio of one call, in seconds. */
const MAX_SHORT_AUDIO_SECONDS = 300;
const MAX_FILE_SECONDS = 12 * 3_600;
/** Facts: tokens of one image at most, and with `vl_high_resolution_images`. */
const MAX_IMAGE_TOKENS = 2_562;
const MAX_LARGE_IMAGE_TOKENS = 16_386;
/** Facts: a token is 28 × 28 pixels or larger; small images are enlarged to 64 of 32 × 32. */
const TOKEN_SIDE = 28;
const MIN_IMAGE_TOKENS = 86;
/** Speech: 50 tokens per second; nobody takes longer than a second for a character. */
const SPEECH_TOKENS_PER_CHARACTER = 50;

/** Upper bounds in the units that DashScope bills. Null: the generic bound stands. */
export function estimateUsage(request: AnyRequest, model: ModelManifest, generic: GenericBound): Usage | null {
  const quantities = boundOf(request, model, generic);
  return quantities === null ? null : { quantities, unknown: true, source: 'estimated' };
}

function boundOf(
  request: AnyRequest,
  model: ModelManifest,
  { operation, quantities }: GenericBound,
): Quantities | null {
  switch (operation) {
    case 'chat':
      return chatBound(request as ChatRequest, model, quantities);
    case 'transcribe':
      return { audio_second: boundSeconds((request as TranscribeRequest).audio, model, quantities) };
    case 'speak':
      return speechBound((request as SpeakRequest).text, model, quantities);
    case 'paint':
      return { image: pictureCount(model, (request as PaintRequest).count) };
    default:
      return null;
  }
}

/** What a file holds nobody knows: the generic bound says so. Extras that are billed beside tokens are part of the bound. */
function chatBound(request: ChatRequest, model: ModelManifest, generic: Quantities): Quantities | null {
  const parts = request.messages.flatMap(({ content }) => content);
  if (parts.some(isOfUnknownLength)) return null;
  const options = (request.providerOptions?.['qwen'] ?? {}) as JsonObject;
  const images = parts.filter((part): part is ImagePart & typeof part => part.type === 'image');
  const storedImages = parts.filter((part) => part.type === 'file_ref').length;
  const most = options['vl_high_resolution_images'] === true ? MAX_LARGE_IMAGE_TOKENS : MAX_IMAGE_TOKENS;
  const speaks = ((options['modalities'] ?? []) as readonly unknown[]).includes('audio');
  const cap = request.maxOutputTokens ?? model.maxOutputTokens;
  return {
    ...generic,
    ...(images.length + storedImages > 0 && {
      input_image_token: images.reduce((sum, image) => sum + imageTokens(image, most), storedImages * most),
    }),
    ...(speaks && cap !== undefined && { output_audio_token: cap }),
    ...(options['enable_search'] === true && { web_search: 1 }),
  };
}

/** A stored picture has no more tokens than any other. */
function isOfUnknownLength(part: Part): boolean {
  if (part.type === 'file_ref') return !part.mediaType.startsWith('image/');
  return part.type === 'audio' && mediaSource(part).kind === 'url';
}

function imageTokens({ data }: ImagePart, most: number): number {
  if (!(data instanceof Uint8Array) || data.byteLength < 24) return most;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (view.getUint32(0) !== 0x8950_4e47) return most; // sizes of other formats do not stand at the beginning
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const tokens = (Math.ceil(width / TOKEN_SIDE) + 1) * (Math.ceil(height / TOKEN_SIDE) + 1) + 2;
  return Math.min(most, Math.max(MIN_IMAGE_TOKENS, tokens));
}

/** What the file says, else what the caller has configured, and never more than a call may have. */
function boundSeconds(audio: AudioPart | FileRefPart, model: ModelManifest, generic: Quantities): number {
  const most = transcribesFiles(model) ? MAX_FILE_SECONDS : MAX_SHORT_AUDIO_SECONDS;
  return Math.min(most, audioSeconds(audio) ?? generic.audio_second ?? most);
}

/** Facts: qwen3 models bill characters, an ideograph as two; the first qwen-tts bills tokens. */
function speechBound(text: string, { id }: ModelManifest, generic: Quantities): Quantities {
  const characters = [...text];
  if (/^qwen-tts/.test(id)) {
    return {
      input_token: generic.input_token ?? characters.length,
      output_audio_token: characters.length * SPEECH_TOKENS_PER_CHARACTER,
    };
  }
  // whatever is not plain ASCII might be counted as two
  return { character: characters.reduce((sum, character) => sum + (character > '\u007f' ? 2 : 1), 0) };
}

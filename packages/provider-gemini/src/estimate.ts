import type {
  AnyRequest,
  ChatRequest,
  FileRefPart,
  GenericBound,
  Json,
  ModelManifest,
  PaintRequest,
  Quantities,
  SpeakRequest,
  TranscribeRequest,
  Usage,
} from '@vibe/core';
import { AUDIO_TOKENS_PER_SECOND, boundSeconds, sizeOfUpload } from './audio-input.js';
import { echoedTokens } from './echoed-tokens.js';
import { imageTokens } from './image-tokens.js';
import { imagenCount, isImagen } from './imagen.js';
import { serviceTierOf } from './options-on-wire.js';
import { pictureCap } from './paint.js';
import { speechCap } from './speak.js';
import { transcriptCap } from './transcribe.js';
import { searchBound } from './web-searches.js';

/** What a model can take in at most when its manifest does not say: the largest context of the facts. */
const LARGEST_CONTEXT = 1_048_576;

/**
 * Upper bounds in Gemini's own units. A file or an address, whose length nobody knows here, fills at most the context of
 * the model. Null where core knows as much.
 */
export function estimate(request: AnyRequest, model: ModelManifest, generic: GenericBound): Usage | null {
  const bounded = bounds(request, model, generic);
  if (bounded === null) return null;
  const quantities = { ...bounded, ...searchBound(request, model.id) };
  const serviceTier = serviceTierOf(request);
  return { quantities, unknown: true, source: 'estimated', ...(serviceTier !== undefined && { serviceTier }) };
}

function bounds(request: AnyRequest, model: ModelManifest, generic: GenericBound): Quantities | null {
  switch (generic.operation) {
    case 'chat':
      return chatInput(request as ChatRequest, model, generic.quantities);
    case 'transcribe':
      return transcription(request as TranscribeRequest, model, generic.quantities);
    case 'speak':
      return speech(request as SpeakRequest, model, generic.quantities);
    case 'paint':
      return picture(request as PaintRequest, model, generic.quantities);
    default:
      return null;
  }
}

function chatInput({ messages, providerOptions }: ChatRequest, model: ModelManifest, generic: Quantities): Quantities {
  let image = 0;
  let audio = 0;
  let echoed = 0;
  for (const part of messages.flatMap(({ content }) => content)) {
    echoed += echoedTokens(part);
    if (part.type === 'image') image += imageTokens(part, model.id);
    if (part.type === 'audio') audio += audioTokens(boundSeconds(part), model);
    if (part.type === 'file_ref') {
      const tokens = fileTokens(part, model);
      image += tokens.image;
      audio += tokens.audio;
    }
  }
  return {
    ...generic,
    ...(echoed > 0 && { input_token: (generic.input_token ?? 0) + echoed }),
    ...(image > 0 && { input_image_token: image }),
    ...(audio > 0 && { input_audio_token: audio }),
    ...(usesCache(providerOptions?.['gemini']) && { cached_input_token: contextOf(model) }),
  };
}

/** An explicit cache of the caller: what is in it nobody knows here, so it fills at most the context. */
function usesCache(options: Json | undefined): boolean {
  if (typeof options !== 'object' || options === null) return false;
  return 'cachedContent' in options || 'cached_content' in options;
}

/** Facts: 258 tokens for a page; 263 for a second of video, its sound not counted. */
const PAGE_TOKENS = 258;
/** Models from 3 on count a page by its resolution: at most 1,120 tokens (Google's page on media resolution). */
const LARGE_PAGE_TOKENS = 1_120;
/** What a document may have at most (Google's page on documents). */
const MAX_PAGES = 1_000;
const VIDEO_TOKENS_PER_SECOND = 263;
/** The shortest page of a document and the poorest video that mean anything. */
const MIN_BYTES_PER_PAGE = 32;
const MIN_VIDEO_BYTES_PER_SECOND = 2_000;

/** What a file can be at most: by its size, where the upload has noted it, and never more than the context. */
function fileTokens(file: FileRefPart, model: ModelManifest): { readonly image: number; readonly audio: number } {
  const context = contextOf(model);
  const { mediaType } = file;
  if (mediaType.startsWith('audio/')) return { image: 0, audio: audioTokens(boundSeconds(file), model) };
  if (mediaType.startsWith('image/')) return { image: imageTokens(null, model.id), audio: 0 };
  const bytes = sizeOfUpload(file);
  if (mediaType === 'application/pdf') {
    const pages = bytes === null ? MAX_PAGES : Math.min(MAX_PAGES, 1 + Math.ceil(bytes / MIN_BYTES_PER_PAGE));
    const perPage = /^(models\/)?gemini-[12]\./.test(model.id) ? PAGE_TOKENS : LARGE_PAGE_TOKENS;
    return { image: Math.min(context, pages * perPage), audio: 0 };
  }
  if (bytes === null) return { image: context, audio: 0 };
  if (mediaType.startsWith('video/')) {
    const seconds = bytes / MIN_VIDEO_BYTES_PER_SECOND;
    const image = Math.min(context, Math.ceil(seconds * VIDEO_TOKENS_PER_SECOND));
    return { image, audio: Math.min(context, Math.ceil(seconds * AUDIO_TOKENS_PER_SECOND)) };
  }
  // of text every byte is a token at most
  return { image: Math.min(context, PAGE_TOKENS + bytes), audio: 0 };
}

function audioTokens(seconds: number | null, model: ModelManifest): number {
  const context = contextOf(model);
  return seconds === null ? context : Math.min(context, Math.ceil(seconds * AUDIO_TOKENS_PER_SECOND));
}

function contextOf({ contextTokens }: ModelManifest): number {
  return contextTokens ?? LARGEST_CONTEXT;
}

/** The instruction around a sound, generously. */
const INSTRUCTION_TOKENS = 64;

function transcription(request: TranscribeRequest, model: ModelManifest, generic: Quantities): Quantities | null {
  const cap = transcriptCap(request, model.maxOutputTokens);
  if (cap === undefined) return null; // without any cap the bill has no bound
  const spoken = audioTokens(boundSeconds(request.audio) ?? generic['audio_second'] ?? null, model);
  return {
    input_token: INSTRUCTION_TOKENS + (request.language?.length ?? 0),
    input_audio_token: spoken,
    output_token: cap,
  };
}

function speech(request: SpeakRequest, model: ModelManifest, generic: Quantities): Quantities {
  return {
    input_token: generic['input_token'] ?? 0,
    output_audio_token: speechCap(request, model.maxOutputTokens),
  };
}

function picture(request: PaintRequest, model: ModelManifest, generic: Quantities): Quantities {
  if (isImagen(model.id)) return { image: imagenCount(request.count) };
  const given = (request.images ?? []).reduce((sum, image) => sum + imageTokens(image, model.id), 0);
  return {
    input_token: generic['input_token'] ?? 0,
    ...(given > 0 && { input_image_token: given }),
    output_image_token: pictureCap(request, model.id, model.maxOutputTokens),
  };
}

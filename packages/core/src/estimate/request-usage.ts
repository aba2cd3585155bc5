import type { AudioPart, FileRefPart } from '../spec/content.js';
import type { Call } from '../spec/middleware.js';
import type { Quantities } from '../spec/usage.js';
import { audioSeconds } from './audio/audio-length.js';
import { type Frame, tokensAround } from './framing.js';
import { addChatText } from './request-text.js';
import { TextShape } from './text-shape.js';
import { boundOf, weightsOf } from './token-weights.js';

/** An upper bound of what a request sends, by unit. */
export interface InputBound {
  readonly quantities: Quantities;
  /** Why there is no upper bound; null when there is one. */
  readonly unboundedReason: string | null;
  /** The quantities are everything that will be billed, output included: the provider has said so. */
  readonly whole?: boolean;
  /** The service tier that was asked for. Default: the standard one. */
  readonly serviceTier?: string;
}

/** Gemini bills 258 tokens per 768 px tile, Qwen-VL at most 2,560 for one image: a bound for up to 16 tiles. */
const tokensPerImage = 4_128;
/** Gemini 32 tokens per second, Qwen 25. */
const audioTokensPerSecond = 32;

type Units = Record<string, number>;

/** What a request sends, looked through once; its bound is then told for each family of tokenizers. */
export class RequestBound {
  readonly #shape: TextShape | null;
  readonly #frame: Frame | null;
  readonly #media: Units;
  readonly #unboundedReason: string | null;
  #family: string | undefined;
  #last: InputBound | null = null;

  constructor(shape: TextShape | null, frame: Frame | null, media: Units, unboundedReason: string | null) {
    this.#shape = shape;
    this.#frame = frame;
    this.#media = media;
    this.#unboundedReason = unboundedReason;
  }

  /** For models whose tokenizer is of that family; without one for any. Candidates of one provider share the answer. */
  of(family: string | undefined): InputBound {
    if (this.#last !== null && this.#family === family) return this.#last;
    const quantities: Quantities =
      this.#shape === null ? this.#media : { input_token: this.#tokensOf(this.#shape, family), ...this.#media };
    this.#family = family;
    this.#last = { quantities, unboundedReason: this.#unboundedReason };
    return this.#last;
  }

  #tokensOf(shape: TextShape, family: string | undefined): number {
    return (this.#frame === null ? 0 : tokensAround(this.#frame, family)) + boundOf(shape, weightsOf(family));
  }
}

/** `maxAudioSeconds` bounds sound whose length nobody can see; without it such a request has no bound. */
export function requestBound(call: Call, maxAudioSeconds: number | undefined): RequestBound {
  const shape = new TextShape();
  switch (call.operation) {
    case 'chat': {
      const media = new MediaUnits(maxAudioSeconds);
      for (const { content } of call.request.messages) {
        for (const part of content) {
          if (part.type === 'image') media.image();
          else if (part.type === 'audio' || part.type === 'file_ref') media.audio(part);
        }
      }
      return new RequestBound(shape, addChatText(shape, call.request), media.units, media.unboundedReason);
    }
    case 'transcribe': {
      const media = new MediaUnits(maxAudioSeconds);
      media.audio(call.request.audio);
      const { input_audio_token: tokens } = media.units;
      const units: Units = tokens === undefined ? {} : { audio_second: tokens / audioTokensPerSecond, ...media.units };
      return new RequestBound(null, null, units, media.unboundedReason);
    }
    case 'speak':
      shape.add(call.request.text);
      return new RequestBound(shape, null, { character: characters(call.request.text) }, null);
    case 'paint': {
      shape.add(call.request.prompt);
      const images = call.request.images?.length ?? 0;
      return new RequestBound(
        shape,
        { messages: 1, tools: 0 },
        images > 0 ? { input_image_token: images * tokensPerImage } : {},
        null,
      );
    }
  }
}

/** Adds up pictures and sounds. */
class MediaUnits {
  readonly units: Units = {};
  unboundedReason: string | null = null;
  readonly #maxAudioSeconds: number | undefined;

  constructor(maxAudioSeconds: number | undefined) {
    this.#maxAudioSeconds = maxAudioSeconds;
  }

  image(): void {
    this.units['input_image_token'] = (this.units['input_image_token'] ?? 0) + tokensPerImage;
  }

  audio(audio: AudioPart | FileRefPart): void {
    const isSound = audio.mediaType.startsWith('audio/');
    const seconds = audioSeconds(audio) ?? (isSound ? this.#maxAudioSeconds : undefined);
    if (seconds === undefined) this.unboundedReason ??= unboundedReason(audio, isSound);
    else {
      const tokens = Math.ceil(seconds) * audioTokensPerSecond;
      this.units['input_audio_token'] = (this.units['input_audio_token'] ?? 0) + tokens;
    }
  }
}

function unboundedReason(audio: AudioPart | FileRefPart, isSound: boolean): string {
  const what =
    audio.type === 'file_ref'
      ? `the file ${audio.uri}`
      : `audio ${isAddress(audio) ? 'behind a URL' : 'whose file does not say it'}`;
  return `the length of ${what} is not known${isSound ? ' (defaults.maxAudioSeconds bounds it)' : ''}`;
}

function isAddress({ data }: AudioPart): boolean {
  return data instanceof URL || (typeof data === 'string' && /^https?:/i.test(data));
}

/** As text-to-speech services count: an ideograph is two characters. */
function characters(text: string): number {
  let count = 0;
  for (const character of text)
    count += /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]/u.test(character) ? 2 : 1;
  return count;
}

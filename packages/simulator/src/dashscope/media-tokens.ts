import { asArray, asObject, asString } from '../json.js';
import { pngSize } from '../media/png.js';
import { wavSeconds } from '../media/speech.js';

/** Facts: an image has one token per 28 × 28 pixels and two more, 2,560 at most; the recorded beach has 1,247. */
const PIXELS_PER_SIDE = 28;
const MAX_IMAGE_TOKENS = 2_560;
const UNSEEN_IMAGE_TOKENS = 1_247;
/** Facts: 25 tokens per second of audio. */
const AUDIO_TOKENS_PER_SECOND = 25;
/** How long audio is that nobody can look into. */
export const UNHEARD_SECONDS = 10;

/** What the media of some messages count, in either form: `image_url`/`input_audio` parts, or `image`/`audio` items. */
export interface MediaTokens {
  readonly image: number;
  readonly audio: number;
}

export function mediaTokens(messages: readonly unknown[]): MediaTokens {
  let image = 0;
  let audio = 0;
  for (const message of messages) {
    for (const part of asArray(asObject(message)?.['content'])) {
      const { picture, sound } = mediaOf(part);
      if (picture !== null) image += imageTokens(picture);
      if (sound !== null) audio += Math.ceil(secondsOf(sound) * AUDIO_TOKENS_PER_SECOND);
    }
  }
  return { image, audio };
}

/** How long the audio behind an address plays; a data URL of a WAV file says so. */
export function secondsOf(address: string): number {
  const bytes = inlineBytes(address);
  return (bytes && wavSeconds(bytes)) ?? UNHEARD_SECONDS;
}

function mediaOf(part: unknown): { readonly picture: string | null; readonly sound: string | null } {
  const fields = asObject(part);
  return {
    picture: asString(fields?.['image']) ?? asString(asObject(fields?.['image_url'])?.['url']),
    sound: asString(fields?.['audio']) ?? asString(asObject(fields?.['input_audio'])?.['data']),
  };
}

function imageTokens(address: string): number {
  const bytes = inlineBytes(address);
  const size = bytes && pngSize(bytes);
  if (!size) return UNSEEN_IMAGE_TOKENS;
  const sides = Math.ceil(size.width / PIXELS_PER_SIDE) * Math.ceil(size.height / PIXELS_PER_SIDE);
  return Math.min(MAX_IMAGE_TOKENS, sides + 2);
}

function inlineBytes(address: string): Buffer | null {
  const base64 = /^data:[^,]*;base64,(.*)$/s.exec(address)?.[1];
  return base64 === undefined ? null : Buffer.from(base64, 'base64');
}

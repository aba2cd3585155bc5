import { asArray, asObject, asString, type JsonObject } from '../json.js';
import { wavSeconds } from '../media/speech.js';

/** One image at low detail, as most services document it. */
const IMAGE_TOKENS = 85;
const AUDIO_TOKENS_PER_SECOND = 10;
/** How long audio is that nobody can look into. */
const UNHEARD_SECONDS = 10;

function partsOf(body: JsonObject): readonly (JsonObject | null)[] {
  return asArray(body['messages']).flatMap((message) => asArray(asObject(message)?.['content']).map(asObject));
}

/** Tokens of the sound in a request. */
export function audioTokensOf(body: JsonObject): number {
  return partsOf(body).reduce((sum, part) => {
    const data = asString(asObject(part?.['input_audio'])?.['data']);
    if (data === null) return sum;
    const seconds = wavSeconds(Buffer.from(data, 'base64')) ?? UNHEARD_SECONDS;
    return sum + Math.ceil(seconds * AUDIO_TOKENS_PER_SECOND);
  }, 0);
}

/** Tokens of all media; they are part of `prompt_tokens`. */
export function mediaTokensOf(body: JsonObject): number {
  const images = partsOf(body).filter((part) => part?.['image_url'] !== undefined).length;
  return images * IMAGE_TOKENS + audioTokensOf(body);
}

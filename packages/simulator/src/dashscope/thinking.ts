import { randomStream } from '../answer/random.js';
import { asNumber, type JsonObject } from '../json.js';

const MIN_REASONING = 30;
const MAX_REASONING = 160;

/** Facts: these models think always, and only in streams. */
function thinksOnly(model: string): boolean {
  return /-thinking|^qwq-|^qvq-/.test(model);
}

/** Facts: the open-weight hybrids think unless they are told not to; commercial models only when they are asked. */
function thinksByDefault(model: string): boolean {
  return thinksOnly(model) || /^qwen3-\d+(\.\d+)?b/.test(model);
}

/** Whether a request makes its model think. */
export function wantsThinking(model: string, body: JsonObject): boolean {
  const asked = body['enable_thinking'];
  return typeof asked === 'boolean' ? asked || thinksOnly(model) : thinksByDefault(model);
}

/** Why a thinking request is refused outside a stream; null when it is not. Newer commercial models allow it. */
export function refusedWithoutStream(model: string): string | null {
  if (thinksOnly(model))
    return 'This model only support stream mode, please enable the stream parameter to access the model.';
  return thinksByDefault(model) ? 'parameter.enable_thinking must be set to false for non-streaming calls' : null;
}

/** How many tokens a thinking model thinks, at most `thinking_budget`. */
export function reasoningLength(model: string, body: JsonObject, seed: number, prompt: string): number {
  const random = randomStream('thinking', seed, model, prompt);
  const natural = Math.round(MIN_REASONING + random() * (MAX_REASONING - MIN_REASONING));
  return Math.min(natural, asNumber(body['thinking_budget']) ?? natural);
}

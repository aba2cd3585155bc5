import { refuse } from '../errors.js';
import type { Exchange } from '../exchange.js';
import type { Reply } from '../http/reply.js';
import { asArray, asNumber, asObject, asString, type JsonObject } from '../json.js';
import { bearerToken, isAcceptedKey, isKnownModel } from '../known.js';
import { wantsSpeech } from './completion.js';
import { refusedWithoutStream, wantsThinking } from './thinking.js';

/** Facts: a missing key, a wrong one and one of another region get the same 401. */
export function refuseKey(exchange: Exchange): Reply | null {
  const key = bearerToken(exchange.headers.authorization);
  return key !== '' && isAcceptedKey(exchange.settings, key) ? null : refuse(exchange, { reason: 'invalid_api_key' });
}

/** What DashScope refuses before a model sees it; null when it would answer. */
export function refuseEarly(exchange: Exchange): Reply | null {
  const refusal = refuseKey(exchange);
  if (refusal) return refusal;
  if (exchange.received.kind === 'too_large') return refuse(exchange, { reason: 'too_large' });
  if (exchange.model !== null && !isKnownModel(exchange.settings, 'qwen', exchange.model)) {
    return refuse(exchange, { reason: 'model_not_found' });
  }
  const message = findFault(exchange);
  return message === null ? null : refuse(exchange, { reason: 'invalid_parameter_error', message });
}

function findFault({ received, body, model, stream }: Exchange): string | null {
  if (received.kind === 'malformed') return 'Required body invalid, please check the request body format.';
  if (model === null) return 'you must provide a model parameter';
  if (asArray(body['messages']).length === 0) return "[] is too short - 'messages'";
  const maxTokens = asNumber(body['max_completion_tokens']) ?? asNumber(body['max_tokens']);
  if (maxTokens !== null && maxTokens < 1) {
    return '<400> InternalError.Algo.InvalidParameter: Range of max_tokens should be [1, 65536]';
  }
  if (asString(asObject(body['response_format'])?.['type']) === 'json_object' && !mentionsJson(body)) {
    return "<400> InternalError.Algo.InvalidParameter: 'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.";
  }
  if (wantsSpeech(body) && !stream)
    return "<400> InternalError.Algo.InvalidParameter: 'audio' output only support with stream=true";
  return !stream && wantsThinking(model, body) ? refusedWithoutStream(model) : null;
}

/** Facts: JSON mode needs the word in the messages, in any case of letters. */
function mentionsJson(body: JsonObject): boolean {
  return /json/i.test(JSON.stringify(body['messages'] ?? ''));
}

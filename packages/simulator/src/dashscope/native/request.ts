import type { IncomingHttpHeaders } from 'node:http';
import { refuse } from '../../errors.js';
import type { Exchange } from '../../exchange.js';
import type { Reply } from '../../http/reply.js';
import { asArray, asObject, asString, type JsonObject } from '../../json.js';
import { isKnownModel } from '../../known.js';
import { refuseKey } from '../admission.js';

/** Facts: either of these two headers turns a native answer into events. */
export function asksForEvents(_body: JsonObject, headers: IncomingHttpHeaders): boolean {
  return headers['x-dashscope-sse'] === 'enable' || headers.accept === 'text/event-stream';
}

/** The fields of a native chat as compatible mode has them, so that both have the same model behind them. */
export function flatBody(body: JsonObject): JsonObject {
  const input = asObject(body['input']) ?? {};
  const prompt = asString(input['prompt']);
  const messages = input['messages'] ?? (prompt === null ? [] : [{ role: 'user', content: prompt }]);
  return { ...asObject(body['parameters']), model: body['model'], messages };
}

/** The conversation, or whatever else a native request is about, as text. */
export function nativePrompt(body: JsonObject): string {
  const input = asObject(body['input']) ?? {};
  const messages = asArray(input['messages']).map((message) => itemsText(asObject(message)?.['content']));
  const single = [input['prompt'], input['text'], input['file_url'], ...asArray(input['file_urls'])];
  return [...messages, ...single.filter((text) => typeof text === 'string')].join('\n');
}

/** The text of `[{text}, …]` or of a string. */
export function itemsText(content: unknown): string {
  if (typeof content === 'string') return content;
  return asArray(content)
    .map((item) => asString(asObject(item)?.['text']) ?? '')
    .join('');
}

/** What every native service refuses: a bad key, a body that is none, an unknown model. */
export function refuseNative(exchange: Exchange): Reply | null {
  const refusal = refuseKey(exchange);
  if (refusal) return refusal;
  if (exchange.received.kind === 'too_large') return refuse(exchange, { reason: 'too_large' });
  if (exchange.received.kind === 'malformed') {
    return invalid(exchange, 'Required body invalid, please check the request body format.');
  }
  if (exchange.model === null) return invalid(exchange, 'Model can not be empty.');
  const known = isKnownModel(exchange.settings, 'qwen', exchange.model);
  return known ? null : refuse(exchange, { reason: 'model_not_found' });
}

export function invalid(exchange: Exchange, message: string): Reply {
  return refuse(exchange, { reason: 'invalid_parameter_error', message });
}

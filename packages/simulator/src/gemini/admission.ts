import { refuse } from '../errors.js';
import type { Exchange } from '../exchange.js';
import type { Reply } from '../http/reply.js';
import { isAcceptedKey, isKnownModel } from '../known.js';
import { findGeminiFault } from './request.js';

/** Facts: no key is a 403, a bad key a 400. Only the header counts; a key in the URL would end in logs. */
export function refuseKey(exchange: Exchange): Reply | null {
  const key = exchange.headers['x-goog-api-key'];
  if (typeof key !== 'string' || key === '') return refuse(exchange, { reason: 'no_key' });
  return isAcceptedKey(exchange.settings, key) ? null : refuse(exchange, { reason: 'api_key_invalid' });
}

/** Refusals for the model alone: key, unreadable body, unknown model. */
export function refuseModel(exchange: Exchange): Reply | null {
  const refusal = refuseKey(exchange);
  if (refusal) return refusal;
  if (exchange.received.kind === 'too_large') return refuse(exchange, { reason: 'too_large' });
  if (exchange.received.kind === 'malformed') {
    return refuse(exchange, {
      reason: 'invalid_argument',
      message: 'Invalid JSON payload received. Unexpected token.',
    });
  }
  const known = exchange.model !== null && isKnownModel(exchange.settings, 'gemini', exchange.model);
  return known ? null : refuse(exchange, { reason: 'model_not_found' });
}

/** What Gemini refuses before it thinks about a prompt; null when it would answer. */
export function refuseEarly(exchange: Exchange): Reply | null {
  const refusal = refuseModel(exchange);
  if (refusal) return refusal;
  const message = findGeminiFault(exchange.body);
  return message === null ? null : refuse(exchange, { reason: 'invalid_argument', message });
}

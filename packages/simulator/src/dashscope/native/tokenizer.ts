import { hash32 } from '../../answer/random.js';
import { splitTokens } from '../../answer/tokens.js';
import type { Exchange } from '../../exchange.js';
import { jsonHeaders, jsonReply, type Reply } from '../../http/reply.js';
import { gatewayHeaders } from '../wire.js';
import { nativePrompt, refuseNative } from './request.js';

const VOCABULARY = 151_643;

/** `POST /api/v1/tokenizer`: the tokens of a prompt. Facts: free, and of the content only. */
export function tokenize(exchange: Exchange): Reply {
  const refusal = refuseNative(exchange);
  if (refusal) return refusal;
  const tokens = splitTokens(nativePrompt(exchange.body));
  const data = {
    output: { token_ids: tokens.map((token) => hash32(token) % VOCABULARY), tokens },
    usage: { input_tokens: tokens.length },
    request_id: exchange.requestId,
  };
  return jsonReply(200, data, { ...jsonHeaders, ...gatewayHeaders(exchange) });
}

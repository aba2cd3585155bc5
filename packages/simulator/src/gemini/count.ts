import type { Exchange } from '../exchange.js';
import type { Reply } from '../http/reply.js';
import { asObject } from '../json.js';
import { refuseModel } from './admission.js';
import { sumOf } from './media-tokens.js';
import { readGeminiRequest } from './request.js';
import { promptDetails } from './shapes.js';
import { documentReply } from './wire.js';

/** `:countTokens`, for bare contents or for a whole `generateContentRequest` (then the system text counts too). */
export function countContentTokens(exchange: Exchange): Reply {
  const refusal = refuseModel(exchange);
  if (refusal) return refusal;
  const asked = asObject(exchange.body['generateContentRequest']) ?? exchange.body;
  const { promptTokens, media } = readGeminiRequest(asked, exchange.shelf);
  return documentReply({
    totalTokens: promptTokens + sumOf(media),
    promptTokensDetails: promptDetails(promptTokens, media),
  });
}

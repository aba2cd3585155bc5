import type { Exchange } from '../exchange.js';
import type { Reply } from '../http/reply.js';
import { asObject } from '../json.js';
import { refuseModel } from './admission.js';
import { readGeminiRequest } from './request.js';
import { textTokens } from './shapes.js';
import { documentReply } from './wire.js';

/** `:countTokens`, for bare contents or for a whole `generateContentRequest` (then the system text counts too). */
export function countContentTokens(exchange: Exchange): Reply {
  const refusal = refuseModel(exchange);
  if (refusal) return refusal;
  const { promptTokens } = readGeminiRequest(asObject(exchange.body['generateContentRequest']) ?? exchange.body);
  return documentReply({ totalTokens: promptTokens, promptTokensDetails: textTokens(promptTokens) });
}

import type { Exchange } from '../exchange.js';
import { jsonHeaders, jsonReply, type Reply } from '../http/reply.js';
import { listedModels } from '../known.js';
import { refuseKey } from './admission.js';
import { gatewayHeaders } from './wire.js';

const catalogue: readonly string[] = [
  'qwen-max',
  'qwen-plus',
  'qwen-flash',
  'qwen-turbo',
  'qwen3-max',
  'qwen3.5-plus',
  'qwen3.5-flash',
  'qwen3.6-plus',
  'qwen3.6-flash',
  'qwen3.7-max',
  'qwen3.7-plus',
  'qwen3.8-max',
];

/** `GET /compatible-mode/v1/models`, in the shape of OpenAI's list. */
export function listDashscopeModels(exchange: Exchange): Reply {
  const refusal = refuseKey(exchange);
  if (refusal) return refusal;
  const data = listedModels(exchange.settings, 'qwen', catalogue).map((id) => ({
    id,
    object: 'model',
    created: 0,
    owned_by: 'system',
  }));
  return jsonReply(200, { object: 'list', data }, { ...jsonHeaders, ...gatewayHeaders(exchange) });
}

import type { Exchange } from '../exchange.js';
import type { Reply } from '../http/reply.js';
import type { JsonObject } from '../json.js';
import { listedModels } from '../known.js';
import { refuseKey, refuseModel } from './admission.js';
import { documentReply } from './wire.js';

const catalogue: readonly string[] = [
  'gemini-2.5-flash',
  'gemini-2.5-pro',
  'gemini-2.5-flash-lite',
  'gemini-3-flash-preview',
  'gemini-3.1-pro-preview',
  'gemini-3.1-flash-lite',
  'gemini-3.5-flash',
  'gemini-3.5-flash-lite',
  'gemini-3.6-flash',
  'gemini-3.7-flash',
  'gemini-3.8-flash',
  'gemini-4-argon',
];

/** Facts: names that were recorded answering with another model. */
const reroutes: Readonly<Record<string, string>> = {
  'gemini-flash-latest': 'gemini-3.6-flash',
  'gemini-3-pro-preview': 'gemini-3.1-pro-preview',
};

const DEFAULT_PAGE_SIZE = 50;
const INPUT_TOKEN_LIMIT = 1_048_576;
const OUTPUT_TOKEN_LIMIT = 65_536;

/** The model that answers when this one is asked. */
export function servedVersion(model: string): string {
  return reroutes[model] ?? model;
}

/** `GET /models`, in pages: the token is the number of models already listed. */
export function listModels(exchange: Exchange): Reply {
  const refusal = refuseKey(exchange);
  if (refusal) return refusal;
  const models = listedModels(exchange.settings, 'gemini', catalogue);
  const pageSize = wholeNumber(exchange.query.get('pageSize'), DEFAULT_PAGE_SIZE);
  const start = wholeNumber(exchange.query.get('pageToken'), 0);
  const end = start + pageSize;
  return documentReply({
    models: models.slice(start, end).map(modelCard),
    ...(end < models.length && { nextPageToken: String(end) }),
  });
}

/** `GET /models/{model}`. */
export function showModel(exchange: Exchange): Reply {
  return refuseModel(exchange) ?? documentReply(modelCard(exchange.model ?? ''));
}

/** A number above 0 from the query, or the default. */
function wholeNumber(text: string | null, otherwise: number): number {
  return text !== null && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : otherwise;
}

function modelCard(model: string): JsonObject {
  const words = model.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return {
    name: `models/${model}`,
    version: '001',
    displayName: words.join(' '),
    description: `Simulated stand-in for ${words.join(' ')}.`,
    inputTokenLimit: INPUT_TOKEN_LIMIT,
    outputTokenLimit: OUTPUT_TOKEN_LIMIT,
    supportedGenerationMethods: ['generateContent', 'countTokens', 'createCachedContent', 'batchGenerateContent'],
    temperature: 1,
    topP: 0.95,
    topK: 64,
    maxTemperature: 2,
    thinking: true,
  };
}

import { countTokens } from '../answer/tokens.js';
import { refuse } from '../errors.js';
import type { Exchange } from '../exchange.js';
import { type EventStep, jsonFraming, makeReply, type Reply, sseFraming } from '../http/reply.js';
import { asArray, asNumber, asObject, asString, eitherCase, type JsonObject } from '../json.js';
import { pngOf } from '../media/png.js';
import { refuseModel } from './admission.js';
import type { GeminiRequest } from './request.js';
import { type AnswerIds, type GeminiCounts, generateContentResponse } from './shapes.js';
import { documentReply, jsonHeaders, sseHeaders, wantsEvents } from './wire.js';

/** Facts: 1,290 tokens on 2.5, 1,120 at 1K and 2K and 2,000 at 4K on 3. */
const TOKENS_25 = 1_290;
const TOKENS_3 = 1_120;
const TOKENS_3_4K = 2_000;
const SIDES: Readonly<Record<string, number>> = { '1K': 1_024, '2K': 2_048, '4K': 4_096 };

/** Whether a model makes pictures. */
export function isPictureModel(model: string): boolean {
  return /^gemini-.*image/.test(model);
}

/** The answer of an image model: one picture, with a line of text where text may be. */
export function pictureReply(exchange: Exchange, request: GeminiRequest, ids: AnswerIds): Reply {
  const config = asObject(eitherCase(request.generationConfig, 'imageConfig'));
  const size = asString(eitherCase(config, 'imageSize')) ?? '1K';
  const model = exchange.model ?? '';
  const imageTokens = /^gemini-2/.test(model) ? TOKENS_25 : size === '4K' ? TOKENS_3_4K : TOKENS_3;
  const words = 'Here is a simulated picture.';
  const tells = request.modalities.length === 0 || request.modalities.includes('TEXT');
  const png = pngOf(
    ...sidesOf(asString(eitherCase(config, 'aspectRatio')) ?? '1:1', SIDES[size] ?? 1_024),
    request.prompt,
  );
  const picture = { inlineData: { mimeType: 'image/png', data: png.toString('base64') } };
  const text = tells ? [{ text: words }] : [];
  const written = tells ? countTokens(words) : 0;
  const counts: GeminiCounts = {
    prompt: request.promptTokens,
    media: request.media,
    cached: 0,
    candidates: imageTokens + written,
    thoughts: 0,
    output: { IMAGE: imageTokens },
  };
  if (!exchange.stream) {
    const data = generateContentResponse([...text, picture], 'STOP', counts, ids);
    return makeReply({
      headers: jsonHeaders,
      framing: { ...jsonFraming, indented: true },
      steps: [{ do: 'body', data, tokens: counts.candidates }],
      paced: true,
    });
  }
  const sofar = { ...counts, candidates: written, output: {} };
  const steps: EventStep[] = [
    ...text.map((part) => event('delta', [part], null, sofar, ids, written)),
    event('delta', [picture], null, counts, ids, imageTokens),
    event('finish', [], 'STOP', counts, ids, 0),
  ];
  const sse = wantsEvents(exchange);
  return makeReply({
    headers: sse ? sseHeaders : jsonHeaders,
    framing: sse ? { ...sseFraming, newline: '\r\n' } : { ...jsonFraming, kind: 'array' },
    steps,
    paced: true,
  });
}

function event(
  role: 'delta' | 'finish',
  parts: readonly JsonObject[],
  finish: 'STOP' | null,
  counts: GeminiCounts,
  ids: AnswerIds,
  tokens: number,
): EventStep {
  return { do: 'event', role, data: generateContentResponse(parts, finish, counts, ids), tokens };
}

function sidesOf(ratio: string, longest: number): [number, number] {
  const [width = 1, height = 1] = ratio.split(':').map(Number);
  const scale = longest / Math.max(width, height, 1);
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
}

const MAX_SAMPLES = 4;
const FILTERED = /filter:\s*(\d)/;

/** `:predict` of Imagen. A prompt with `filter: N` has N of its pictures filtered; facts: those are told in one entry. */
export function predictImages(exchange: Exchange): Reply {
  const refusal = refuseModel(exchange);
  if (refusal) return refusal;
  const prompt = asString(asObject(asArray(exchange.body['instances'])[0])?.['prompt']);
  if (prompt === null)
    return refuse(exchange, { reason: 'invalid_argument', message: 'instances[0].prompt is missing.' });
  const parameters = asObject(exchange.body['parameters']);
  const count = asNumber(parameters?.['sampleCount']) ?? 1;
  if (count < 1 || count > MAX_SAMPLES)
    return refuse(exchange, {
      reason: 'invalid_argument',
      message: `sampleCount must be between 1 and ${MAX_SAMPLES}.`,
    });
  const filtered = Math.min(count, Number(FILTERED.exec(prompt)?.[1] ?? 0));
  const sides = sidesOf(asString(parameters?.['aspectRatio']) ?? '1:1', 1_024);
  const made = Array.from({ length: count - filtered }, (_, index) => ({
    mimeType: 'image/png',
    bytesBase64Encoded: pngOf(...sides, `${prompt} ${index}`).toString('base64'),
  }));
  const reason = `Your current safety filter threshold filtered out ${filtered} generated images. You will not be charged for blocked images.`;
  const predictions = [...made, ...(filtered > 0 ? [{ raiFilteredReason: reason }] : [])];
  return { ...documentReply({ predictions }), paced: true };
}

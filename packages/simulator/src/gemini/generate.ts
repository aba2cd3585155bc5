import { type Answer, composeAnswer } from '../answer/answer.js';
import { groupTokens } from '../answer/group.js';
import type { Exchange } from '../exchange.js';
import { type EventStep, jsonFraming, makeReply, type Reply, sseFraming } from '../http/reply.js';
import type { JsonObject } from '../json.js';
import { refuseEarly } from './admission.js';
import { servedVersion } from './models.js';
import { readGeminiRequest } from './request.js';
import { type GeminiCounts, generateContentResponse } from './shapes.js';
import { planThinking, thoughtSignature } from './thinking.js';
import { jsonHeaders, sseHeaders, wantsEvents } from './wire.js';

/** An answer with everything its shapes need. */
interface Generation {
  readonly answer: Answer;
  readonly shown: boolean;
  readonly signature: string | null;
  readonly counts: GeminiCounts;
  readonly ids: { readonly modelVersion: string; readonly responseId: string };
}

/** `:generateContent` and `:streamGenerateContent`: the same answer and usage, whole or in events. */
export function generateContent(exchange: Exchange): Reply {
  const refusal = refuseEarly(exchange);
  if (refusal) return refusal;
  const generation = generate(exchange);
  return exchange.stream ? streamReply(exchange, generation) : wholeReply(generation);
}

function generate(exchange: Exchange): Generation {
  const { settings } = exchange;
  const model = exchange.model ?? '';
  const request = readGeminiRequest(exchange.body);
  const { prompt, maxTokens } = request;
  const thinking = planThinking(model, request.generationConfig, maxTokens, settings.seed, prompt);
  const answer = composeAnswer({ ...request, seed: settings.seed, model, reasoningTokens: thinking.tokens });
  return {
    answer,
    shown: thinking.shown,
    signature: thoughtSignature(model, settings.seed, prompt),
    counts: {
      prompt: request.promptTokens,
      cached: Math.floor(request.promptTokens * settings.cachedShare),
      candidates: answer.text.length,
      thoughts: answer.reasoning.length,
    },
    ids: { modelVersion: servedVersion(model), responseId: exchange.requestId.replaceAll('-', '').slice(0, 22) },
  };
}

function finishOf(answer: Answer): 'STOP' | 'MAX_TOKENS' {
  return answer.finish === 'stop' ? 'STOP' : 'MAX_TOKENS';
}

function signed(part: JsonObject, signature: string | null): JsonObject {
  return signature === null ? part : { ...part, thoughtSignature: signature };
}

function wholeReply({ answer, shown, signature, counts, ids }: Generation): Reply {
  const thoughts = shown && answer.reasoning.length > 0 ? [{ text: answer.reasoning.join(''), thought: true }] : [];
  const text = answer.text.length > 0 ? [signed({ text: answer.text.join('') }, signature)] : [];
  const data = generateContentResponse([...thoughts, ...text], finishOf(answer), counts, ids);
  const hiddenTokens = shown ? 0 : counts.thoughts;
  return makeReply({
    headers: { ...jsonHeaders, 'x-gemini-service-tier': 'standard' },
    framing: { ...jsonFraming, indented: true },
    steps: [{ do: 'body', data, tokens: counts.candidates + counts.thoughts - hiddenTokens, hiddenTokens }],
    paced: true,
  });
}

function streamReply(exchange: Exchange, generation: Generation): Reply {
  const sse = wantsEvents(exchange);
  return makeReply({
    headers: sse ? sseHeaders : jsonHeaders,
    framing: sse ? { ...sseFraming, newline: '\r\n' } : { ...jsonFraming, kind: 'array' },
    steps: streamSteps(generation, exchange.settings.chunkTokens),
    paced: true,
  });
}

/**
 * Facts: usage is cumulative on every event and the finish reason is on the last one only. While thoughts are shown their
 * tokens are missing from the usage; hidden thoughts are in it from the first event. Models with a signature send it in a
 * last event with an empty text; the others finish with the last piece of the text.
 */
function streamSteps({ answer, shown, signature, counts, ids }: Generation, chunkTokens: number): EventStep[] {
  const steps: EventStep[] = [];
  if (shown) {
    for (const group of groupTokens(answer.reasoning, chunkTokens)) {
      const parts = [{ text: group.text, thought: true }];
      const data = generateContentResponse(parts, null, { ...counts, candidates: 0, thoughts: 0 }, ids);
      steps.push({ do: 'event', role: 'delta', data, tokens: group.tokens });
    }
  }
  const groups = groupTokens(answer.text, chunkTokens);
  const last = signature === null ? groups.pop() : undefined;
  let candidates = 0;
  for (const group of groups) {
    candidates += group.tokens;
    const data = generateContentResponse([{ text: group.text }], null, { ...counts, candidates }, ids);
    steps.push({ do: 'event', role: 'delta', data, tokens: group.tokens });
  }
  const parts = last ? [{ text: last.text }] : answer.text.length > 0 ? [signed({ text: '' }, signature)] : [];
  const data = generateContentResponse(parts, finishOf(answer), counts, ids);
  steps.push({ do: 'event', role: 'finish', data, tokens: last?.tokens ?? 0 });
  return hideThoughts(steps, shown ? 0 : counts.thoughts);
}

/** The thoughts nobody sees are metered with the first event. */
function hideThoughts(steps: EventStep[], hiddenTokens: number): EventStep[] {
  return steps.map((step, index) => (index === 0 && hiddenTokens > 0 ? { ...step, hiddenTokens } : step));
}

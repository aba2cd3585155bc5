import { type Answer, composeAnswer } from '../answer/answer.js';
import { fitSchema } from '../answer/fit-schema.js';
import { groupTokens } from '../answer/group.js';
import { countTokens } from '../answer/tokens.js';
import { planCalls } from '../answer/tool-plan.js';
import type { Exchange } from '../exchange.js';
import { type EventStep, jsonFraming, makeReply, type Reply, sseFraming } from '../http/reply.js';
import { asObject, type JsonObject } from '../json.js';
import { refuseEarly } from './admission.js';
import { blockedReply } from './blocked.js';
import { servedVersion } from './models.js';
import { isPictureModel, pictureReply } from './picture.js';
import { type GeminiRequest, readGeminiRequest } from './request.js';
import { type AnswerIds, type GeminiCounts, generateContentResponse } from './shapes.js';
import { speechReply, wantsSpeech } from './speech.js';
import { planThinking, thoughtSignature } from './thinking.js';
import { jsonHeaders, sseHeaders, wantsEvents } from './wire.js';

/** An answer with everything its shapes need. */
interface Generation {
  readonly answer: Answer;
  /** Calls of functions instead of text, as parts. */
  readonly calls: readonly JsonObject[];
  readonly shown: boolean;
  readonly signature: string | null;
  readonly counts: GeminiCounts;
  readonly ids: AnswerIds;
}

/** `:generateContent` and `:streamGenerateContent`: the same answer and usage, whole or in events. */
export function generateContent(exchange: Exchange): Reply {
  const refusal = refuseEarly(exchange);
  if (refusal) return refusal;
  const request = readGeminiRequest(exchange.body, exchange.shelf);
  const model = exchange.model ?? '';
  const ids = { modelVersion: servedVersion(model), responseId: exchange.requestId.replaceAll('-', '').slice(0, 22) };
  const blocked = blockedReply(exchange, request, ids);
  if (blocked) return blocked;
  if (wantsSpeech(request)) return speechReply(exchange, request, ids);
  if (isPictureModel(model)) return pictureReply(exchange, request, ids);
  const generation = generate(exchange, request, ids);
  return exchange.stream ? streamReply(exchange, generation) : wholeReply(generation);
}

function generate({ settings, model }: Exchange, request: GeminiRequest, ids: AnswerIds): Generation {
  const name = model ?? '';
  const { prompt, maxTokens } = request;
  const thinking = planThinking(name, request.generationConfig, maxTokens, settings.seed, prompt);
  const signature = thoughtSignature(name, settings.seed, prompt);
  const calls = callParts(name, request, signature);
  const scripted = calls.length > 0 ? 'echo:' : scriptedJson(request);
  const answer = composeAnswer({
    ...request,
    lastUserText: scripted ?? request.lastUserText,
    seed: settings.seed,
    model: name,
    reasoningTokens: thinking.tokens,
  });
  const called = calls.reduce((sum, call) => sum + countTokens(JSON.stringify(call['functionCall'])), 0);
  return {
    answer,
    calls,
    shown: thinking.shown,
    signature: calls.length > 0 ? null : signature,
    counts: {
      prompt: request.promptTokens,
      media: request.media,
      cached: Math.floor(request.promptTokens * settings.cachedShare),
      candidates: answer.text.length + called,
      thoughts: answer.reasoning.length,
    },
    ids,
  };
}

/** Facts: of parallel calls only the first is signed; ids came always from 3.1 on and never on 2.5. */
function callParts(model: string, request: GeminiRequest, signature: string | null): JsonObject[] {
  const withIds = /^gemini-(3\.[1-9]|[4-9])/.test(model);
  const { tools, asksNow, lastUserText, toolChoice } = request;
  return planCalls({ tools, asksNow, lastUserText, choice: toolChoice }).map(({ name, input }, index) => {
    const functionCall = { ...(withIds && { id: `call${index + 1}` }), name, args: argsOf(input) };
    return index === 0 ? signed({ functionCall }, signature) : { functionCall };
  });
}

function argsOf(input: string): JsonObject {
  try {
    return asObject(JSON.parse(input)) ?? {};
  } catch {
    return {}; // a prompt that scripts no JSON
  }
}

/** JSON mode: a value that fits the schema; a prompt that says its answer beforehand still wins. */
function scriptedJson({ jsonSchema, lastUserText }: GeminiRequest): string | null {
  if (jsonSchema === null || /^\s*echo:/i.test(lastUserText)) return null;
  const isEmpty = Object.keys(jsonSchema).length === 0;
  return `echo: ${JSON.stringify(isEmpty ? { answer: 'simulated' } : fitSchema(jsonSchema, 'answer'))}`;
}

function finishOf(answer: Answer): 'STOP' | 'MAX_TOKENS' {
  return answer.finish === 'stop' ? 'STOP' : 'MAX_TOKENS';
}

function signed(part: JsonObject, signature: string | null): JsonObject {
  return signature === null ? part : { ...part, thoughtSignature: signature };
}

function wholeReply({ answer, calls, shown, signature, counts, ids }: Generation): Reply {
  const thoughts = shown && answer.reasoning.length > 0 ? [{ text: answer.reasoning.join(''), thought: true }] : [];
  const text = answer.text.length > 0 ? [signed({ text: answer.text.join('') }, signature)] : [];
  const data = generateContentResponse([...thoughts, ...text, ...calls], finishOf(answer), counts, ids);
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
 * last event with an empty text; the others finish with the last piece of the text. Calls come whole, in one event.
 */
function streamSteps(generation: Generation, chunkTokens: number): EventStep[] {
  const { answer, calls, shown, signature, counts, ids } = generation;
  const steps: EventStep[] = shown ? thoughtSteps(generation, chunkTokens) : [];
  const groups = groupTokens(answer.text, chunkTokens);
  const last = signature === null && calls.length === 0 ? groups.pop() : undefined;
  let candidates = 0;
  for (const group of groups) {
    candidates += group.tokens;
    const data = generateContentResponse([{ text: group.text }], null, { ...counts, candidates }, ids);
    steps.push({ do: 'event', role: 'delta', data, tokens: group.tokens });
  }
  if (calls.length > 0) {
    const data = generateContentResponse(calls, null, counts, ids);
    steps.push({ do: 'event', role: 'delta', data, tokens: counts.candidates });
  }
  const parts = last ? [{ text: last.text }] : answer.text.length > 0 ? [signed({ text: '' }, signature)] : [];
  const ending = calls.length > 0 ? [{ text: '' }] : parts;
  const data = generateContentResponse(ending, finishOf(answer), counts, ids);
  steps.push({ do: 'event', role: 'finish', data, tokens: last?.tokens ?? 0 });
  return hideThoughts(steps, shown ? 0 : counts.thoughts);
}

function thoughtSteps({ answer, counts, ids }: Generation, chunkTokens: number): EventStep[] {
  return groupTokens(answer.reasoning, chunkTokens).map((group) => {
    const parts = [{ text: group.text, thought: true }];
    const data = generateContentResponse(parts, null, { ...counts, candidates: 0, thoughts: 0 }, ids);
    return { do: 'event', role: 'delta', data, tokens: group.tokens };
  });
}

/** The thoughts nobody sees are metered with the first event. */
function hideThoughts(steps: EventStep[], hiddenTokens: number): EventStep[] {
  return steps.map((step, index) => (index === 0 && hiddenTokens > 0 ? { ...step, hiddenTokens } : step));
}

import { type Answer, composeAnswer } from '../answer/answer.js';
import { fitSchema } from '../answer/fit-schema.js';
import { randomStream, seededUuid } from '../answer/random.js';
import { countTokens } from '../answer/tokens.js';
import { functionChoice, functionTools, type PlannedCall, planCalls } from '../answer/tool-plan.js';
import type { Exchange } from '../exchange.js';
import { asArray, asObject, asString, type JsonObject } from '../json.js';
import { speechOf, speechSeconds } from '../media/speech.js';
import { type ChatRequest, readChatRequest } from '../openai/chat-request.js';
import { type MediaTokens, mediaTokens } from './media-tokens.js';
import { reasoningLength, wantsThinking } from './thinking.js';

/** A call of a tool with its id. */
export interface IdentifiedCall extends PlannedCall {
  readonly id: string;
}

/** What a simulated model answers to a chat, before any wire gives it a form. */
export interface Completion {
  readonly request: ChatRequest;
  readonly answer: Answer;
  /** Whether reasoning fields are there at all, also when the reasoning is empty. */
  readonly thinking: boolean;
  readonly calls: readonly IdentifiedCall[];
  readonly finish: string;
  readonly media: MediaTokens;
  /** Raw samples of the answer, spoken; null when it is not. */
  readonly speech: Buffer | null;
  /** Counts of the bill. The prompt includes media and tools, the output reasoning, calls and speech. */
  readonly tokens: {
    readonly prompt: number;
    readonly cached: number;
    readonly output: number;
    readonly reasoning: number;
    readonly speech: number;
  };
}

const SPEECH_TOKENS_PER_SECOND = 50;
const SCHEMA_IN_WORDS = /JSON Schema:\s*(\{.*\})/is;
const ECHO = /^\s*echo:/i;

/** The answer to a chat. The fields of `body` are those of the compatible mode, whichever wire they came over. */
export function completionOf({ body, model, settings, requestId }: Exchange): Completion {
  const request = readChatRequest(body);
  const messages = asArray(body['messages']);
  const tools = asArray(body['tools']);
  const name = model ?? '';
  const thinking = wantsThinking(name, body);
  const asksNow = asString(asObject(messages.at(-1))?.['role']) === 'user';
  const choice = functionChoice(body['tool_choice']);
  const planned = planCalls({ tools: functionTools(tools), asksNow, lastUserText: request.lastUserText, choice });
  const scripted = planned.length > 0 ? 'echo:' : scriptedJson(body, request);
  const answer = composeAnswer({
    ...request,
    lastUserText: scripted ?? request.lastUserText,
    seed: settings.seed,
    model: name,
    reasoningTokens: thinking ? reasoningLength(name, body, settings.seed, request.prompt) : 0,
  });
  const calls = planned.map((call, index) => ({
    ...call,
    id: `call_${seededUuid(randomStream('call', requestId, index))
      .replaceAll('-', '')
      .slice(0, 24)}`,
  }));
  const speech = wantsSpeech(body) ? speechOf(answer.text.join('')) : null;
  const media = mediaTokens(messages);
  const spoken = speech === null ? 0 : Math.ceil(speechSeconds(speech) * SPEECH_TOKENS_PER_SECOND);
  const prompt =
    request.promptTokens + media.image + media.audio + (tools.length === 0 ? 0 : countTokens(JSON.stringify(tools)));
  const called = calls.reduce((sum, call) => sum + countTokens(call.name) + countTokens(call.input), 0);
  return {
    request,
    answer,
    thinking,
    calls,
    finish: calls.length > 0 ? 'tool_calls' : answer.finish,
    media,
    speech,
    tokens: {
      prompt,
      cached: Math.floor(prompt * settings.cachedShare),
      output: answer.reasoning.length + answer.text.length + called + spoken,
      reasoning: answer.reasoning.length,
      speech: spoken,
    },
  };
}

/** Facts: an omni model speaks when `modalities` has audio. */
export function wantsSpeech(body: JsonObject): boolean {
  return asArray(body['modalities']).includes('audio');
}

/** JSON mode: a value that fits the schema, wherever it is given; null when no JSON is asked for. */
function scriptedJson(body: JsonObject, { prompt, lastUserText }: ChatRequest): string | null {
  if (ECHO.test(lastUserText)) return null;
  const format = asObject(body['response_format']);
  const schema = asObject(asObject(format?.['json_schema'])?.['schema']) ?? schemaInWords(prompt);
  if (schema !== null) return `echo: ${JSON.stringify(fitSchema(schema, 'answer'))}`;
  return format?.['type'] === 'json_object' ? 'echo: {"answer":"simulated"}' : null;
}

/** A schema that the prompt ends with or that stands on a line of its own, as clients give it to models without schema mode. */
function schemaInWords(prompt: string): JsonObject | null {
  for (const line of prompt.split('\n')) {
    const text = SCHEMA_IN_WORDS.exec(line)?.[1];
    if (text === undefined) continue;
    try {
      return asObject(JSON.parse(text));
    } catch {
      // words about a schema, not a schema
    }
  }
  return null;
}

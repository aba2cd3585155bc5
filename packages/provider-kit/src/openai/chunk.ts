import {
  asWireObject,
  readArray,
  readCount,
  readObject,
  readText,
  type WireObject,
  wrongType,
} from '../wire/read-field.js';
import { serviceTierOf } from './service-tier.js';

/** What is read of one event of a stream, or of a whole unary answer, which has the same fields under `message`. */
export interface ChatChunk {
  readonly id: string | undefined;
  readonly model: string | undefined;
  /** The first choice. */
  readonly choice: ChatChoice | undefined;
  readonly usage: WireObject | undefined;
  /** The tier it is billed at, in the words of the price list. */
  readonly serviceTier?: string | undefined;
  /** The error object of a failed answer; its form differs between services. */
  readonly error: unknown;
}

export interface ChatChoice {
  readonly finishReason: string | undefined;
  readonly text: string | undefined;
  readonly refusal: string | undefined;
  readonly reasoning: string | undefined;
  readonly toolCalls: readonly ToolCallFragment[];
  readonly audio: { readonly data: string | undefined; readonly transcript: string | undefined } | undefined;
}

export interface ToolCallFragment {
  readonly index: number | undefined;
  /** Empty and missing are the same: continuation fragments have one or the other. */
  readonly id: string;
  readonly name: string;
  readonly inputText: string;
}

const noFragments: readonly ToolCallFragment[] = [];

/** Reads a chunk. Unknown fields are ignored, missing ones undefined; a wrong type is `invalid_response` with its path. */
export function readChatChunk(value: unknown): ChatChunk {
  const chunk = asWireObject(value, '$');
  const choices = readArray(chunk, 'choices', '$');
  const usage = readObject(chunk, 'usage', '$') ?? groqUsage(chunk) ?? choiceUsage(choices);
  return {
    id: readText(chunk, 'id', '$'),
    model: readText(chunk, 'model', '$'),
    choice: choices === undefined ? undefined : readChatChoice(choices, '$.choices'),
    usage,
    serviceTier: serviceTierOf(chunk['service_tier']),
    error: chunk['error'] ?? (choices === undefined ? flatError(chunk) : errorInChoice(choices)),
  };
}

/** The first of some choices; undefined when there is none. `path` is where the list stands, for messages. */
export function readChatChoice(choices: readonly unknown[], path: string): ChatChoice | undefined {
  const at = `${path}[0]`;
  if (choices.length === 0) return undefined;
  return readChoice(choices.length === 1 ? asWireObject(choices[0], at) : firstChoice(choices, path), at);
}

/** Facts: Groq repeats the usage under `x_groq`, older versions have it only there. */
function groqUsage(chunk: WireObject): WireObject | undefined {
  if (chunk['x_groq'] === undefined) return undefined;
  const extra = readObject(chunk, 'x_groq', '$');
  return extra === undefined ? undefined : readObject(extra, 'usage', '$.x_groq');
}

/** Moonshot ends its streams with the usage inside of the choice (earendil-works/pi #2017). */
function choiceUsage(choices: readonly unknown[] | undefined): WireObject | undefined {
  const first = choices?.[0];
  return typeof first === 'object' && first !== null
    ? readObject(first as WireObject, 'usage', '$.choices[0]')
    : undefined;
}

/**
 * An error that is the whole body. Facts: DashScope may answer 200 with `{code, message}` and nothing else, vLLM with
 * `{object: "error", message, code: 400}`, MiniMax with `{base_resp: {status_code, status_msg}}`.
 */
export function flatError(chunk: WireObject): unknown {
  const { code, message, object, base_resp: base } = chunk;
  if (typeof base === 'object' && base !== null && 'status_code' in base && base.status_code !== 0) return chunk;
  if (typeof message !== 'string') return undefined;
  const named = (typeof code === 'string' && code !== '') || (typeof code === 'number' && code >= 400);
  return named || object === 'error' ? chunk : undefined;
}

/** Facts: OpenRouter documents an error inside of a choice, for a provider that fails in the middle of an answer. */
function errorInChoice(choices: readonly unknown[]): unknown {
  for (const choice of choices) {
    const error = typeof choice === 'object' && choice !== null && 'error' in choice ? choice.error : undefined;
    if (error !== undefined && error !== null) return error;
  }
  return undefined;
}

/** The choice with index 0: several are only there when somebody asked for them. */
function firstChoice(choices: readonly unknown[], path: string): WireObject {
  const objects = choices.map((choice, at) => asWireObject(choice, `${path}[${at}]`));
  return objects.find((choice) => choice['index'] === 0) ?? (objects[0] as WireObject);
}

function readChoice(choice: WireObject, at: string): ChatChoice {
  const inDelta = readObject(choice, 'delta', at);
  if (inDelta !== undefined && isOnlyText(inDelta)) return textChoice(readFinishReason(choice, at), inDelta.content);
  const path = `${at}.${inDelta === undefined ? 'message' : 'delta'}`;
  const delta = inDelta ?? readObject(choice, 'message', at) ?? {};
  const audio = readObject(delta, 'audio', path);
  const content = readContent(delta, path);
  return {
    finishReason: readFinishReason(choice, at),
    text: content.text,
    refusal: readText(delta, 'refusal', path) ?? content.refusal,
    // both fields may be there, one of them empty
    reasoning:
      filled(readText(delta, 'reasoning_content', path)) ??
      filled(readText(delta, 'reasoning', path)) ??
      filled(content.reasoning),
    toolCalls: readToolCalls(delta, path),
    audio: audio && {
      data: readText(audio, 'data', `${path}.audio`),
      transcript: readText(audio, 'transcript', `${path}.audio`),
    },
  };
}

/**
 * Whether a delta is what nearly every event of a stream has: some text and nothing else. Fields are looked up by name
 * here, which takes a tenth of a reader's time for a field that is not there.
 */
function isOnlyText(delta: WireObject): delta is WireObject & { readonly content: string } {
  return (
    typeof delta['content'] === 'string' &&
    delta['tool_calls'] === undefined &&
    delta['function_call'] === undefined &&
    delta['reasoning_content'] === undefined &&
    delta['reasoning'] === undefined &&
    delta['refusal'] === undefined &&
    delta['audio'] === undefined
  );
}

function textChoice(finishReason: string | undefined, text: string): ChatChoice {
  return { finishReason, text, refusal: undefined, reasoning: undefined, toolCalls: noFragments, audio: undefined };
}

function filled(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

/** Facts: DashScope's native API says the string "null" while an answer is running; some gateways say "". */
export function readFinishReason(choice: WireObject, path: string): string | undefined {
  const reason = readText(choice, 'finish_reason', path);
  return reason === '' || reason === 'null' ? undefined : reason;
}

interface Content {
  readonly text?: string;
  readonly refusal?: string;
  readonly reasoning?: string;
}

const noContent: Content = {};

/** Text, or a list of parts by their kinds. Facts: Mistral's thinking models have parts of thoughts, OpenAI of refusals. */
function readContent(delta: WireObject, path: string): Content {
  const content = delta['content'];
  if (typeof content === 'string') return { text: content };
  if (content === undefined || content === null) return noContent;
  if (!Array.isArray(content)) throw wrongType(`${path}.content`, 'a string or a list of parts', content);
  const parts = content.map((part, at) => asWireObject(part, `${path}.content[${at}]`));
  const joined = (field: string) => {
    const words = parts.flatMap((part, at) => wordsOf(part, field, `${path}.content[${at}]`));
    return words.length === 0 ? undefined : words.join('');
  };
  const [refusal, reasoning] = [joined('refusal'), joined('thinking')];
  return {
    text: joined('text') ?? '',
    ...(refusal !== undefined && { refusal }),
    ...(reasoning !== undefined && { reasoning }),
  };
}

/** The words in a field of a part: text, or again a list of parts with text. */
function wordsOf(part: WireObject, field: string, path: string): readonly string[] {
  const value = part[field];
  if (!Array.isArray(value)) {
    const words = readText(part, field, path);
    return words === undefined ? [] : [words];
  }
  return value.map((inner, at) => {
    const place = `${path}.${field}[${at}]`;
    return readText(asWireObject(inner, place), 'text', place) ?? '';
  });
}

function readToolCalls(delta: WireObject, path: string): readonly ToolCallFragment[] {
  const calls = readArray(delta, 'tool_calls', path);
  if (calls !== undefined)
    return calls.map((call, at) => readFragment(asWireObject(call, `${path}.tool_calls[${at}]`), path));
  const legacy = readObject(delta, 'function_call', path);
  return legacy === undefined ? noFragments : [readFragment({ index: 0, function: legacy }, path)];
}

function readFragment(call: WireObject, path: string): ToolCallFragment {
  const at = `${path}.tool_calls[]`;
  const called = readObject(call, 'function', at) ?? {};
  return {
    index: readCount(call, 'index', at),
    id: readText(call, 'id', at) ?? '',
    name: readText(called, 'name', `${at}.function`) ?? '',
    inputText: readArguments(called, `${at}.function`),
  };
}

/** JSON text; a few services send the object itself. */
function readArguments(called: WireObject, path: string): string {
  const value = called['arguments'];
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return readText(called, 'arguments', path) ?? '';
}

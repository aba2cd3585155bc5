/** Helpers of this package's tests: a plain HTTP client for each wire, and the recordings where they are. */
import { readFileSync } from 'node:fs';
import { recordingsFolder } from '@vibe/testing';
import { asArray, asObject, type JsonObject } from './json.js';
import type { Simulator } from './simulator.js';

/** A recorded body as text, for example `gemini/text-basic/response.json`. */
export function recording(path: string): string {
  return readFileSync(`${recordingsFolder}/${path}`, 'utf8');
}

export function postJson(url: string, body: unknown, headers: Record<string, string>, signal?: AbortSignal) {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    signal: signal ?? null,
  });
}

export interface AskOptions {
  readonly model?: string;
  readonly stream?: boolean;
  readonly key?: string;
  /** More fields of the body; for Gemini of generationConfig. */
  readonly fields?: JsonObject;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

/** How a test asks a wire for an answer to a prompt. */
export type Ask = (simulator: Simulator, prompt: string, options?: AskOptions) => Promise<Response>;

export const askGemini: Ask = (simulator, prompt, options = {}) => {
  const { model = 'gemini-2.5-flash', stream, key = 'test-key', fields = {}, headers, signal } = options;
  const method = stream === true ? 'streamGenerateContent?alt=sse' : 'generateContent';
  const contents = [{ role: 'user', parts: [{ text: prompt }] }];
  const url = `${simulator.baseUrls.gemini}/models/${model}:${method}`;
  return postJson(url, { contents, generationConfig: fields }, { 'x-goog-api-key': key, ...headers }, signal);
};

const askChat =
  (base: 'qwen' | 'openai'): Ask =>
  (simulator, prompt, options = {}) => {
    const { model = 'qwen-plus', stream, key = 'test-key', fields, headers, signal } = options;
    const streaming = stream === true ? { stream: true, stream_options: { include_usage: true } } : {};
    const body = { model, messages: [{ role: 'user', content: prompt }], ...streaming, ...fields };
    const url = `${simulator.baseUrls[base]}/chat/completions`;
    return postJson(url, body, { authorization: `Bearer ${key}`, ...headers }, signal);
  };

export const askQwen: Ask = askChat('qwen');
export const askOpenai: Ask = askChat('openai');

/** The events of a stream as any parser must see them: line ends of every kind, comments skipped, `data:` lines joined. */
export function eventData(text: string): string[] {
  return text
    .split(/\r\n\r\n|\n\n|\r\r/)
    .map((block) => block.split(/\r\n|\n|\r/).filter((line) => line.startsWith('data:')))
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => line.slice('data:'.length).replace(/^ /, '')).join('\n'));
}

/** The JSON events of a stream, without the end mark. */
export async function readEvents(response: Response): Promise<JsonObject[]> {
  return parseEvents(await response.text());
}

export function parseEvents(text: string): JsonObject[] {
  return eventData(text)
    .filter((data) => data !== '[DONE]')
    .map((data) => JSON.parse(data) as JsonObject);
}

export async function readJson(response: Response): Promise<JsonObject> {
  return (await response.json()) as JsonObject;
}

/** Follows names and indexes into parsed JSON; undefined where the way ends. */
export function at(value: unknown, ...way: readonly (string | number)[]): unknown {
  return way.reduce<unknown>(
    (here, step) => (typeof step === 'number' ? asArray(here)[step] : asObject(here)?.[step]),
    value,
  );
}

/** Text of one Gemini event or answer, thoughts left out. */
export function geminiText(data: JsonObject): string {
  return asArray(at(data, 'candidates', 0, 'content', 'parts'))
    .filter((part) => at(part, 'thought') !== true)
    .map((part) => String(at(part, 'text')))
    .join('');
}

/** Text of one chat chunk or answer. */
export function chatText(data: JsonObject): string {
  const text = at(data, 'choices', 0, 'delta', 'content') ?? at(data, 'choices', 0, 'message', 'content');
  return typeof text === 'string' ? text : '';
}

/** Every way that leads to a leaf, list items folded into `[]`: the shape of a JSON value without its values. */
export function shapeOf(value: unknown, here = ''): Set<string> {
  const inside = Array.isArray(value)
    ? value.map((item) => shapeOf(item, `${here}[]`))
    : Object.entries(asObject(value) ?? {}).map(([name, field]) => shapeOf(field, `${here}.${name}`));
  return new Set([here, ...inside.flatMap((shape) => [...shape])]);
}

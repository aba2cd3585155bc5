import { fitSchema } from '../answer/fit-schema.js';
import { countTokens, splitTokens } from '../answer/tokens.js';
import { functionChoice, functionTools, planCalls } from '../answer/tool-plan.js';
import type { Exchange } from '../exchange.js';
import { asArray, asObject, asString, type JsonObject } from '../json.js';
import type { ChatRequest } from './chat-request.js';

/** A call of a function as chat completions have it. */
export interface ToolCall {
  readonly id: string;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: string };
}

/** The calls a simulated model makes instead of an answer in words. */
export function callsOf({ body, requestId }: Exchange, { lastUserText }: ChatRequest): ToolCall[] {
  const last = asObject(asArray(body['messages']).at(-1));
  const planned = planCalls({
    tools: functionTools(asArray(body['tools'])),
    asksNow: asString(last?.['role']) === 'user',
    lastUserText,
    choice: functionChoice(body['tool_choice']),
  });
  const unique = requestId.replaceAll('-', '').slice(0, 16);
  return planned.map(({ name, input }, index) => ({
    id: `call_${unique}${index}`,
    type: 'function',
    function: { name, arguments: input },
  }));
}

/** Facts: the first fragment of a call has its id, name and no arguments; the others only pieces of the arguments. */
export function callFragments(call: ToolCall, index: number): { fragment: JsonObject; tokens: number }[] {
  const { name, arguments: input } = call.function;
  return [
    { fragment: { index, ...call, function: { name, arguments: '' } }, tokens: countTokens(name) },
    ...splitTokens(input).map((piece) => ({ fragment: { index, function: { arguments: piece } }, tokens: 1 })),
  ];
}

/** JSON mode: a value that fits the schema; null when no JSON is asked for, or when the prompt says its answer. */
export function scriptedJson(body: JsonObject, { lastUserText }: ChatRequest): string | null {
  const format = asObject(body['response_format']);
  if (format === null || /^\s*echo:/i.test(lastUserText)) return null;
  if (format['type'] === 'json_object') return 'echo: {"answer":"simulated"}';
  const schema = asObject(asObject(format['json_schema'])?.['schema']);
  return schema === null ? null : `echo: ${JSON.stringify(fitSchema(schema, 'answer'))}`;
}

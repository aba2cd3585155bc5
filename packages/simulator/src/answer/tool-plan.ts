import { asObject, asString } from '../json.js';
import { fitSchema } from './fit-schema.js';

/** A tool that a request offers. */
export interface OfferedTool {
  readonly name: string;
  /** JSON Schema of its input. */
  readonly input: unknown;
}

/** One call of a tool that a simulated model makes. */
export interface PlannedCall {
  readonly name: string;
  /** JSON text. */
  readonly input: string;
}

export interface ToolQuestion {
  readonly tools: readonly OfferedTool[];
  /** Whether the last message is the user's: after the result of a tool a model answers in words. */
  readonly asksNow: boolean;
  readonly lastUserText: string;
  /** A tool that must be called; true: any; false: none; null: the model decides. */
  readonly choice: string | boolean | null;
}

const CALL_LINE = /^\s*call:\s*([\w.-]+)\s*(\{.*\})?\s*$/gim;
const IN_WORDS = /^\s*(echo|tokens):/i;

/**
 * Which tools a simulated model calls. Every line `call: NAME {"json": "input"}` of the last user message is one call,
 * several are parallel calls. Without such a line the first tool (or the one that must be called) is called once, with an
 * input that fits its schema; `echo:` and `tokens:` are answered in words.
 */
export function planCalls({ tools, asksNow, lastUserText, choice }: ToolQuestion): PlannedCall[] {
  if (tools.length === 0 || !asksNow || choice === false) return [];
  const named = [...lastUserText.matchAll(CALL_LINE)].map(([, name = '', input]) => callOf(name, input, tools));
  if (named.length > 0) return named;
  if (IN_WORDS.test(lastUserText) && choice === null) return [];
  const wanted = typeof choice === 'string' ? tools.find(({ name }) => name === choice) : tools[0];
  return wanted === undefined ? [] : [callOf(wanted.name, undefined, tools)];
}

function callOf(name: string, input: string | undefined, tools: readonly OfferedTool[]): PlannedCall {
  const schema = tools.find((tool) => tool.name === name)?.input;
  return { name, input: input ?? JSON.stringify(fitSchema(schema, name)) };
}

/** The tools of a request in the form of chat completions: `[{ type: 'function', function: { name, parameters } }]`. */
export function functionTools(list: readonly unknown[]): OfferedTool[] {
  return list.flatMap((entry) => {
    const called = asObject(asObject(entry)?.['function']);
    const name = asString(called?.['name']);
    return name === null ? [] : [{ name, input: called?.['parameters'] }];
  });
}

/** `tool_choice` of chat completions. */
export function functionChoice(value: unknown): string | boolean | null {
  if (value === 'none') return false;
  if (value === 'required') return true;
  return asString(asObject(asObject(value)?.['function'])?.['name']);
}

import { randomUUID } from 'node:crypto';
import { type Json, type ToolCallDeltaEvent, type ToolCallPart, VibeError, type Warning } from '@vibe/core';
import type { ToolCallFragment } from './chunk.js';

interface OpenCall {
  readonly id: string;
  /** The id that the service gave, which may be none. */
  readonly wireId: string;
  readonly index: number | undefined;
  name: string;
  inputText: string;
}

/**
 * Puts tool calls together from fragments. A fragment belongs to the call with its index; the index may start anywhere,
 * be missing (then the id decides, or the latest call), or be used again (then a new id or name starts a new call, and so
 * does a name with input behind an input that is whole). Later fragments have an empty or no id and name: those never
 * replace anything. Some servers give every fragment a new id: without a name it goes on with the input that is not whole
 * yet. A call without any id gets one.
 */
export class ToolCalls {
  readonly #calls: OpenCall[] = [];

  /** Takes a fragment. Returns its event, and whether it began a call. */
  add(fragment: ToolCallFragment): { readonly event: ToolCallDeltaEvent; readonly begins: boolean } {
    const known = this.#find(fragment);
    const call = known ?? this.#begin(fragment);
    if (call.name === '') call.name = fragment.name;
    call.inputText += fragment.inputText;
    return {
      event: {
        type: 'tool_call_delta',
        id: call.id,
        ...(call.name !== '' && { name: call.name }),
        inputText: fragment.inputText,
      },
      begins: known === undefined,
    };
  }

  /** The complete call at a position, counted in the order in which calls began, and a warning when its input is no JSON. */
  part(position: number): { readonly part: ToolCallPart; readonly warning: Warning | undefined } {
    const call = this.#calls[position];
    if (call === undefined || call.name === '') {
      throw new VibeError('invalid_response', "The provider's answer contains a tool call without a name.", {
        details: { path: '$.choices[0].delta.tool_calls[].function.name' },
        next: ['Make the call again.'],
      });
    }
    const input = parseInput(call.inputText);
    return {
      part: { type: 'tool_call', id: call.id, name: call.name, input: input === undefined ? call.inputText : input },
      warning: input === undefined ? unreadableInput(call) : undefined,
    };
  }

  #find(fragment: ToolCallFragment): OpenCall | undefined {
    const continues = (call: OpenCall) =>
      (fragment.id === '' || call.wireId === '' || call.wireId === fragment.id || isRenamed(call, fragment)) &&
      (fragment.name === '' || call.name === '' || call.name === fragment.name);
    if (fragment.index !== undefined) {
      const here = this.#calls.filter(({ index }) => index === fragment.index);
      // calls with ids of their own may share an index and still come in turns
      const call = here.findLast(({ wireId }) => wireId !== '' && wireId === fragment.id) ?? here.at(-1);
      return call !== undefined && continues(call) && !isAnother(call, fragment) ? call : undefined;
    }
    if (fragment.id !== '') return this.#calls.findLast(({ wireId }) => wireId === fragment.id);
    // no index and no id: a name begins a call, anything else continues the latest one
    return fragment.name === '' ? this.#calls.at(-1) : undefined;
  }

  #begin(fragment: ToolCallFragment): OpenCall {
    const id = fragment.id === '' ? `call_${randomUUID()}` : fragment.id;
    const call: OpenCall = { id, wireId: fragment.id, index: fragment.index, name: '', inputText: '' };
    this.#calls.push(call);
    return call;
  }
}

/** Facts: Gemini's compatible endpoint gives calls that run in parallel no id, and gateways give them all the index 0. */
function isAnother(call: OpenCall, { id, name, inputText }: ToolCallFragment): boolean {
  if (id !== '' || name === '' || inputText.trim() === '') return false;
  return call.inputText.trim() !== '' && parseInput(call.inputText) !== undefined;
}

/** Facts: there are servers that make an id for every fragment (mlx-openai-server before its #216). No call begins without a name. */
function isRenamed(call: OpenCall, { name }: ToolCallFragment): boolean {
  return name === '' && call.name !== '' && (call.inputText.trim() === '' || parseInput(call.inputText) === undefined);
}

/** Facts: some services begin with a `{}` that only stands there until the input comes (Gemini's compatible endpoint: autogen #6843). */
const placeholder = /^\s*\{\}(?=\s*\{)/;

/** Undefined when the text is no JSON, as after an answer that was cut by its token limit. */
function parseInput(inputText: string): Json | undefined {
  if (inputText.trim() === '') return {};
  try {
    return JSON.parse(inputText.replace(placeholder, '')) as Json;
  } catch {
    return undefined;
  }
}

function unreadableInput(call: OpenCall): Warning {
  return {
    code: 'invalid_tool_input',
    message: `The input of the call of ${call.name} is not valid JSON; it is given as text.`,
    details: { id: call.id, name: call.name },
  };
}

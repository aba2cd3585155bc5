import { type Json, type JsonObject, type Part, type PartsMessage, type ToolResultPart, VibeError } from '@vibe/core';
import { mediaSource, unsupportedPart } from '@vibe/provider-kit';
import { isMadeId, readPartData } from './part-data.js';
import { thinkingStyle } from './thinking.js';

interface Content {
  readonly role: 'user' | 'model';
  readonly parts: Json[];
}

/**
 * Models from 3 on refuse a call without the signature of its thought. Calls that another model made have none; Google
 * documents this value for them (ai.google.dev, thought signatures).
 */
const FOREIGN_CALL = 'skip_thought_signature_validator';

/**
 * `systemInstruction` and `contents`. Messages of one role that follow each other become one content, as the results of
 * parallel calls must.
 */
export function geminiContents(messages: readonly PartsMessage[], modelId: string): JsonObject {
  const system = messages.filter(({ role }) => role === 'system').flatMap(({ content }) => systemParts(content));
  const contents: Content[] = [];
  const callNames = namesOfCalls(messages);
  for (const message of messages) {
    if (message.role === 'system') continue;
    const role = message.role === 'assistant' ? 'model' : 'user';
    const parts = message.content.flatMap((part) => wirePart(part, callNames));
    if (role === 'model' && thinkingStyle(modelId).kind === 'level') signFirstCall(parts);
    const last = contents.at(-1);
    if (parts.length === 0) continue;
    if (last?.role === role) last.parts.push(...parts);
    else contents.push({ role, parts });
  }
  return {
    ...(system.length > 0 && { systemInstruction: { role: 'user', parts: system } }),
    contents: contents.map(({ role, parts }) => ({ role, parts })),
  };
}

function systemParts(content: readonly Part[]): Json[] {
  return content.flatMap((part) => {
    if (part.type === 'text') return part.text === '' ? [] : [{ text: part.text }];
    throw unsupportedPart('gemini', `${part.type} in a system message`, 'Put it into a user message.');
  });
}

function namesOfCalls(messages: readonly PartsMessage[]): ReadonlyMap<string, string> {
  const calls = messages.flatMap(({ content }) => content).filter((part) => part.type === 'tool_call');
  return new Map(calls.map(({ id, name }) => [id, name]));
}

/** Facts: of parallel calls only the first is signed, so one signature is enough for a message. */
function signFirstCall(parts: Json[]): void {
  const calls = parts.filter(
    (part): part is JsonObject => typeof part === 'object' && part !== null && 'functionCall' in part,
  );
  const [first] = calls;
  if (first === undefined || calls.some((part) => 'thoughtSignature' in part)) return;
  parts[parts.indexOf(first)] = { ...first, thoughtSignature: FOREIGN_CALL };
}

function wirePart(part: Part, callNames: ReadonlyMap<string, string>): Json[] {
  const data = readPartData(part.providerData);
  if (data.part !== undefined) return [data.part];
  const signature = data.thoughtSignature === undefined ? {} : { thoughtSignature: data.thoughtSignature };
  switch (part.type) {
    case 'text':
      // an empty text says nothing, and the service refuses it; with a signature it carries that
      if (part.text === '' && data.thoughtSignature === undefined) return [];
      return [{ text: part.text, ...signature }];
    case 'reasoning':
      // summaries of thoughts are of no use to the model; only a signed one belongs to the conversation
      return data.thoughtSignature === undefined ? [] : [{ text: part.text, thought: true, ...signature }];
    case 'image':
    case 'audio': {
      const source = mediaSource(part);
      if (source.kind === 'url') return [{ fileData: { mimeType: part.mediaType, fileUri: source.url }, ...signature }];
      return [{ inlineData: { mimeType: source.mediaType, data: source.base64 }, ...signature }];
    }
    case 'file_ref':
      return [{ fileData: { mimeType: part.mediaType, fileUri: part.uri } }];
    case 'tool_call':
      return [
        { functionCall: { ...idField(part.id), name: part.name, args: objectOf(part.input, 'input') }, ...signature },
      ];
    case 'tool_result':
      return [functionResponse(part, callNames)];
    default: // the union is open
      throw unsupportedPart(
        'gemini',
        `a ${(part as Part).type} part`,
        'Send it as text, media, a file or a tool call.',
      );
  }
}

function functionResponse(part: ToolResultPart, callNames: ReadonlyMap<string, string>): Json {
  const name = callNames.get(part.id);
  if (name === undefined) {
    throw new VibeError(
      'invalid_request',
      `The messages contain a result for the tool call ${part.id}, but not the call.`,
      {
        next: ["Keep the assistant's message with the tool call before its result."],
      },
    );
  }
  const response = part.isError === true ? { error: part.output } : objectOf(part.output, 'result');
  return { functionResponse: { ...idField(part.id), name, response } };
}

function idField(id: string): { id?: string } {
  return isMadeId(id) ? {} : { id };
}

/** Gemini takes objects only; anything else is put into a field. */
function objectOf(value: Json, field: string): JsonObject {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as JsonObject) : { [field]: value };
}

import { VibeError } from '../errors/vibe-error.js';
import type { AudioPart, FileRefPart, ImagePart, Part } from '../spec/content.js';
import type { ChatRequest } from '../spec/request.js';
import type { Frame } from './framing.js';
import type { TextShape } from './text-shape.js';

/** Adds all words of a chat that are sent, tools, schemas and provider options included; returns what they stand in. */
export function addChatText(shape: Pick<TextShape, 'add'>, request: ChatRequest): Frame {
  for (const { content } of request.messages) {
    for (const part of content) {
      if (part.type === 'image' || part.type === 'audio' || part.type === 'file_ref') continue;
      shape.add(partText(part));
    }
  }
  const tools = request.tools ?? [];
  for (const tool of tools) shape.add(`${tool.name} ${tool.description ?? ''} ${schemaText(tool.input)}`);
  if (request.output !== undefined) shape.add(schemaText(request.output));
  // they may hold tools and schemas of their own, which are read as the others are
  if (request.providerOptions !== undefined) shape.add(jsonText(request.providerOptions, 'providerOptions'));
  return { messages: request.messages.length, tools: tools.length };
}

function partText(part: Exclude<Part, ImagePart | AudioPart | FileRefPart>): string {
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return part.text;
    case 'tool_call':
      return part.name + jsonText(part.input, part.type);
    case 'tool_result':
      return jsonText(part.output, part.type);
    default:
      return jsonText(part, (part as Part).type);
  }
}

/** As it is sent. What is no JSON can be neither counted nor sent. */
function jsonText(value: unknown, type: string): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch (error) {
    const why =
      error instanceof RangeError
        ? 'it is nested too deeply'
        : String(error instanceof Error ? error.message.split('\n')[0] : error);
    throw new VibeError('invalid_request', `A ${type} part is no JSON (${why}). Nothing was sent.`, {
      cause: error,
      next: [
        'Give plain values: no cycles, no BigInt, and text instead of objects that are nested thousands of times.',
      ],
    });
  }
}

/** How much longer a JSON Schema with descriptions can be than what the schema object serialises to. */
const unknownSchemaFactor = 8;

/** What a provider sends for a schema: its JSON Schema, where it can say it, else whatever it serialises to, several times over. */
function schemaText(schema: unknown): string {
  const { toJSONSchema } = schema as { readonly toJSONSchema?: unknown };
  try {
    if (typeof toJSONSchema === 'function') return JSON.stringify(toJSONSchema.call(schema));
    const text = JSON.stringify(schema) ?? '';
    return typeof schema === 'object' && schema !== null && '~standard' in schema
      ? text.repeat(unknownSchemaFactor)
      : text;
  } catch {
    // Recursive schemas do not serialise; a long one stands for them.
    return ' {}'.repeat(4_096);
  }
}

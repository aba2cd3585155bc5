import type { AudioPart, FileRefPart, ImagePart, Part } from '../spec/content.js';
import type { ChatRequest } from '../spec/request.js';
import type { Frame } from './framing.js';
import type { TextShape } from './text-shape.js';

/** Adds all words of a chat that are sent, tools and schemas included; returns what they stand in. */
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
  return { messages: request.messages.length, tools: tools.length };
}

function partText(part: Exclude<Part, ImagePart | AudioPart | FileRefPart>): string {
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return part.text;
    case 'tool_call':
      return part.name + JSON.stringify(part.input);
    case 'tool_result':
      return JSON.stringify(part.output);
    default:
      return JSON.stringify(part);
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

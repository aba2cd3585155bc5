import type { AudioPart, FileRefPart, ImagePart, Part } from '../spec/content.js';
import type { ChatRequest } from '../spec/request.js';
import type { TextShape } from './text-shape.js';

/** Role markers and separators around one message or tool. ChatML has five (recorded with Qwen), others fewer. */
export const tokensPerMessage = 6;
/** What a request costs besides its messages: the opening of the answer, an empty thought. */
export const tokensPerRequest = 8;

/** Adds all words of a chat that are sent, tools and schemas included; returns how many tokens stand around them. */
export function addChatText(shape: Pick<TextShape, 'add'>, request: ChatRequest): number {
  let around = tokensPerRequest;
  for (const { content } of request.messages) {
    around += tokensPerMessage;
    for (const part of content) {
      if (part.type === 'image' || part.type === 'audio' || part.type === 'file_ref') continue;
      shape.add(partText(part));
    }
  }
  for (const tool of request.tools ?? []) {
    around += tokensPerTool;
    shape.add(`${tool.name} ${tool.description ?? ''} ${schemaText(tool.input)}`);
  }
  if (request.output !== undefined) shape.add(schemaText(request.output));
  return around;
}

/** Providers explain tools to the model in words of their own. */
const tokensPerTool = 24;

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

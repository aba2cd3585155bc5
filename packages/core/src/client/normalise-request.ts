import { VibeError } from '../errors/vibe-error.js';
import type { Message, Part, PartsMessage } from '../spec/content.js';
import type {
  ChatInput,
  ChatRequest,
  OperationRequest,
  PaintInput,
  RequestBase,
  SpeakInput,
  TranscribeInput,
} from '../spec/request.js';
import { checkRequestSettings } from './check-request.js';

const roles = ['system', 'user', 'assistant', 'tool'];

export function chatRequest(input: ChatInput): OperationRequest {
  checkBase('chat', input);
  const { signal: _, messages: __, ...asked } = input;
  for (const [index, tool] of (input.tools ?? []).entries()) {
    const isTool =
      typeof tool?.name === 'string' && tool.name !== '' && typeof tool.input === 'object' && tool.input !== null;
    if (!isTool) throw invalid(`tools[${index}] must be { name, input } with a schema as input.`);
    if (tool.description !== undefined && typeof tool.description !== 'string')
      throw invalid(`tools[${index}].description must be a string.`);
  }
  const mustCall = input.toolChoice === 'required' || typeof input.toolChoice === 'object';
  if (mustCall && (input.tools ?? []).length === 0)
    throw invalid('toolChoice asks for a tool call, but there are no tools: give tools, or leave toolChoice out.');
  // First what is new: an object that grows behind a spread is ten times as slow.
  return { operation: 'chat', request: { messages: messagesOf(input), ...asked } satisfies ChatRequest };
}

export function transcribeRequest(input: TranscribeInput): OperationRequest {
  checkBase('transcribe', input);
  const { signal: _, ...request } = input;
  const { audio } = request;
  if (audio?.type !== 'audio' && audio?.type !== 'file_ref')
    throw invalid('audio must be an audio part or a file_ref part.');
  checkPart(audio, 'audio');
  return { operation: 'transcribe', request };
}

export function speakRequest(input: SpeakInput): OperationRequest {
  checkBase('speak', input);
  const { signal: _, ...request } = input;
  if (typeof request.text !== 'string' || request.text.trim() === '')
    throw invalid('text is empty: there is nothing to speak.');
  return { operation: 'speak', request };
}

export function paintRequest(input: PaintInput): OperationRequest {
  checkBase('paint', input);
  const { signal: _, ...request } = input;
  if (typeof request.prompt !== 'string' || request.prompt.trim() === '')
    throw invalid('prompt is empty: there is nothing to paint.');
  if (request.count !== undefined && !(Number.isInteger(request.count) && request.count >= 1 && request.count <= 100)) {
    throw invalid(`count must be a whole number from 1 to 100, got ${request.count}.`);
  }
  if (request.size !== undefined && !/^[1-9]\d*x[1-9]\d*$/.test(request.size))
    throw invalid(`size must look like "1024x1024", got "${request.size}".`);
  for (const [index, image] of (request.images ?? []).entries()) {
    if (image?.type !== 'image') throw invalid(`images[${index}] must be an image part.`);
    checkPart(image, `images[${index}]`);
  }
  return { operation: 'paint', request };
}

function checkBase(operation: OperationRequest['operation'], input: RequestBase): void {
  if (typeof input !== 'object' || input === null) throw invalid('A request is an object such as { prompt: "…" }.');
  checkRequestSettings(operation, input as Record<string, unknown>);
  const { signal } = input;
  if (signal !== undefined && !(typeof signal?.addEventListener === 'function' && 'aborted' in signal))
    throw invalid('signal must be an AbortSignal.');
}

/** `system` first, `prompt` last, every content a list of parts. */
function messagesOf({ system, messages = [], prompt }: ChatInput): readonly PartsMessage[] {
  if (!Array.isArray(messages)) throw invalid('messages must be a list of { role, content }.');
  if (system !== undefined && typeof system !== 'string') throw invalid('system must be a string.');
  if (prompt !== undefined && typeof prompt !== 'string')
    throw invalid('prompt must be a string; use messages for images and audio.');
  const all: PartsMessage[] = [];
  if (system !== undefined && system !== '') all.push({ role: 'system', content: [{ type: 'text', text: system }] });
  for (const [index, message] of messages.entries()) all.push(messageOf(message, `messages[${index}]`));
  if (prompt !== undefined) all.push({ role: 'user', content: [{ type: 'text', text: prompt }] });
  const asks = all.some(
    ({ role, content }) => role !== 'system' && content.some((part) => part.type !== 'text' || part.text.trim() !== ''),
  );
  if (!asks) throw invalid('The request is empty: give a prompt, or messages with content. Nothing was sent.');
  return all;
}

function messageOf(message: Message, path: string): PartsMessage {
  if (typeof message !== 'object' || message === null) throw invalid(`${path} must be { role, content }.`);
  if (!roles.includes(message.role))
    throw invalid(`${path}.role must be one of ${roles.join(', ')}, got ${JSON.stringify(message.role)}.`);
  const { content } = message;
  if (typeof content === 'string') return { ...message, content: [{ type: 'text', text: content }] };
  if (!Array.isArray(content)) throw invalid(`${path}.content must be a string or a list of parts.`);
  for (const [index, part] of (content as readonly Part[]).entries()) checkPart(part, `${path}.content[${index}]`);
  return { ...message, content };
}

/** The union is open: parts of unknown types pass, known ones must be whole. */
function checkPart(part: Part, path: string): void {
  if (typeof part !== 'object' || part === null || typeof part.type !== 'string')
    throw invalid(`${path} must be a part such as { type: 'text', text }.`);
  if ((part.type === 'text' || part.type === 'reasoning') && typeof part.text !== 'string')
    throw invalid(`${path}.text must be a string.`);
  if (part.type === 'image' || part.type === 'audio') {
    const { data, mediaType } = part;
    if (typeof mediaType !== 'string' || !mediaType.includes('/'))
      throw invalid(`${path}.mediaType must be a media type such as image/png.`);
    const isData = data instanceof Uint8Array || data instanceof URL || typeof data === 'string';
    if (!isData) throw invalid(`${path}.data must be bytes, a URL object or a base64 string.`);
    if (!(data instanceof URL) && data.length === 0) throw invalid(`${path}.data is empty.`);
  }
  if (part.type === 'file_ref' && !(isWord(part.uri) && isWord(part.mediaType)))
    throw invalid(`${path} must be { type: 'file_ref', uri, mediaType }.`);
  if (part.type === 'tool_call' && !(typeof part.id === 'string' && isWord(part.name) && part.input !== undefined))
    throw invalid(`${path} must be { type: 'tool_call', id, name, input }.`);
  if (part.type === 'tool_result' && typeof part.id !== 'string')
    throw invalid(`${path}.id must be the id of the tool call.`);
}

function isWord(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function invalid(message: string): VibeError {
  return new VibeError('invalid_request', message);
}

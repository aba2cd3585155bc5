import type { Json, Part, PartsMessage, ToolCallPart, ToolResultPart, VibeError, Warning } from '@vibe/core';
import { mediaSource, mediaUrl } from '../media/media-source.js';
import { unsupportedPart } from '../provider/provider-error.js';
import { unsupported } from '../provider/warnings.js';
import type { ChatDialect } from './dialect.js';

/**
 * Normalised messages in the form of chat completions. Thoughts are not sent back: no service of this kind asks for them.
 * Pictures and sound that a model has made cannot be: a warning says so, since the rest of the conversation still stands.
 */
export function chatMessages(
  messages: readonly PartsMessage[],
  dialect: ChatDialect,
  warnings: Warning[] = [],
): Json[] {
  const made = messages.filter(({ role }) => role === 'assistant').flatMap(({ content }) => content.filter(isMedia));
  for (const type of new Set(made.map((part) => part.type)))
    warnings.push(
      unsupported('messages', `a message of the assistant has text and tool calls only; its ${type} was left out.`),
    );
  return messages.flatMap((message) => {
    const results = message.content.filter((part): part is ToolResultPart => part.type === 'tool_result');
    const rest = message.content.filter((part) => part.type !== 'tool_result' && part.type !== 'reasoning');
    const wire: Json[] = results.map(toolMessage);
    if (rest.length === 0 && results.length > 0) return wire;
    return [
      ...wire,
      message.role === 'assistant' ? assistantMessage(rest, dialect) : plainMessage(message.role, rest, dialect),
    ];
  });
}

function plainMessage(role: string, parts: readonly Part[], dialect: ChatDialect): Json {
  const onlyText = parts.every((part) => part.type === 'text');
  // models without vision refuse a list of parts even when all of them are text
  return { role, content: onlyText ? textOf(parts) : parts.map((part) => contentPart(part, dialect)) };
}

function assistantMessage(parts: readonly Part[], dialect: ChatDialect): Json {
  const calls = parts.filter((part): part is ToolCallPart => part.type === 'tool_call');
  const strange = parts.find((part) => part.type !== 'text' && part.type !== 'tool_call' && !isMedia(part));
  if (strange !== undefined) throw unknownPart(strange, dialect);
  return {
    role: 'assistant',
    content: textOf(parts),
    ...(calls.length > 0 && { tool_calls: calls.map(toolCall) }),
  };
}

function textOf(parts: readonly Part[]): string {
  return parts
    .filter((part) => part.type === 'text')
    .map((part) => part.text)
    .join('\n');
}

function toolCall(part: ToolCallPart): Json {
  return { id: part.id, type: 'function', function: { name: part.name, arguments: JSON.stringify(part.input) } };
}

function toolMessage(part: ToolResultPart): Json {
  // a tool that returns nothing has no output, and a message without content is refused
  const output = typeof part.output === 'string' ? part.output : (JSON.stringify(part.output) ?? '');
  return { role: 'tool', tool_call_id: part.id, content: part.isError === true ? `Error: ${output}` : output };
}

function contentPart(part: Part, dialect: ChatDialect): Json {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text };
    case 'image':
      return { type: 'image_url', image_url: { url: mediaUrl(mediaSource(part)) } };
    case 'audio': {
      const source = mediaSource(part);
      if (dialect.audioInput === 'base64' && source.kind === 'url') {
        throw unsupportedPart(
          dialect.provider,
          'the address of an audio file',
          'Download the file and pass its bytes.',
        );
      }
      const data = dialect.audioInput === 'url' || source.kind === 'url' ? mediaUrl(source) : source.base64;
      return { type: 'input_audio', input_audio: { data, format: audioFormat(part.mediaType) } };
    }
    case 'file_ref':
      return dialect.filePart(part);
    default:
      throw unknownPart(part, dialect);
  }
}

function isMedia({ type }: Part): boolean {
  return type === 'image' || type === 'audio' || type === 'file_ref';
}

function unknownPart({ type }: Part, { provider }: ChatDialect): VibeError {
  return unsupportedPart(provider, `a ${type} part in such a message`, 'Move it to an assistant or tool message.');
}

/** `mp3` for audio/mpeg, otherwise the subtype without `x-` and parameters. */
export function audioFormat(mediaType: string): string {
  const subtype = /^[^/]*\/(?:x-)?([^;]+)/.exec(mediaType)?.[1]?.trim() ?? 'wav';
  if (subtype === 'mpeg') return 'mp3';
  return subtype === 'wave' ? 'wav' : subtype;
}

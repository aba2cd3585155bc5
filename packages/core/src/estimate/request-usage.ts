import type { AudioPart, FileRefPart, ImagePart, Part } from '../spec/content.js';
import type { Call } from '../spec/middleware.js';
import type { ChatRequest } from '../spec/request.js';
import type { Quantities } from '../spec/usage.js';
import { textTokens } from './text-tokens.js';

/** An upper bound of what a request sends, by unit. */
export interface InputBound {
  readonly quantities: Quantities;
  /** Why there is no upper bound; null when there is one. */
  readonly unboundedReason: string | null;
  /** The quantities are everything that will be billed, output included: the provider has said so. */
  readonly whole?: boolean;
  /** The service tier that was asked for. Default: the standard one. */
  readonly serviceTier?: string;
}

/** Role markers and separators around one message. */
const tokensPerMessage = 8;
/** What a request costs besides its messages. */
const tokensPerRequest = 16;
/** Gemini bills 258 tokens per 768 px tile, Qwen-VL at most 2,560 for one image: a bound for up to 16 tiles. */
const tokensPerImage = 4_128;
/** Gemini 32 tokens per second, Qwen 25. */
const audioTokensPerSecond = 32;
/** The lowest bit rate of speech in practice: 6 kbit/s. Bounds the length of audio by its size. */
const bytesPerAudioSecond = 750;

type OperationCall = Pick<Call, 'operation' | 'request'> & Call;

export function inputBound(call: OperationCall): InputBound {
  switch (call.operation) {
    case 'chat':
      return chatBound(call.request);
    case 'transcribe':
      return audioBound(call.request.audio);
    case 'speak':
      return bounded({ character: characters(call.request.text), input_token: textTokens(call.request.text) });
    case 'paint':
      return bounded({
        input_token: textTokens(call.request.prompt) + tokensPerRequest,
        ...((call.request.images?.length ?? 0) > 0
          ? { input_image_token: (call.request.images?.length ?? 0) * tokensPerImage }
          : {}),
      });
  }
}

function chatBound(request: ChatRequest): InputBound {
  let text = tokensPerRequest + toolTokens(request);
  let images = 0;
  let audioTokens = 0;
  let unboundedReason: string | null = null;
  for (const message of request.messages) {
    text += tokensPerMessage;
    for (const part of message.content) {
      if (part.type === 'image') images++;
      else if (part.type === 'audio') {
        const audio = audioBound(part);
        audioTokens += audio.quantities['input_audio_token'] ?? 0;
        unboundedReason ??= audio.unboundedReason;
      } else if (part.type === 'file_ref') unboundedReason ??= `the length of the file ${part.uri} is not known`;
      else text += textTokens(partText(part));
    }
  }
  const quantities: Record<string, number> = { input_token: text };
  if (images > 0) quantities['input_image_token'] = images * tokensPerImage;
  if (audioTokens > 0) quantities['input_audio_token'] = audioTokens;
  return { quantities, unboundedReason };
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

function toolTokens(request: ChatRequest): number {
  let tokens = 0;
  for (const tool of request.tools ?? [])
    tokens += tokensPerMessage + textTokens(`${tool.name} ${tool.description ?? ''} ${schemaText(tool.input)}`);
  if (request.output !== undefined) tokens += textTokens(schemaText(request.output));
  return tokens;
}

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

/** How much longer a JSON Schema with descriptions can be than what the schema object serialises to. */
const unknownSchemaFactor = 8;

function audioBound(audio: AudioPart | FileRefPart): InputBound {
  if (audio.type === 'file_ref') return { quantities: {}, unboundedReason: `the length of ${audio.uri} is not known` };
  if (audio.data instanceof URL)
    return { quantities: {}, unboundedReason: 'the length of audio behind a URL is not known' };
  const bytes = typeof audio.data === 'string' ? Math.ceil((audio.data.length * 3) / 4) : audio.data.byteLength;
  const seconds = Math.ceil(bytes / bytesPerAudioSecond);
  return bounded({ audio_second: seconds, input_audio_token: seconds * audioTokensPerSecond });
}

/** As text-to-speech services count: an ideograph is two characters. */
function characters(text: string): number {
  let count = 0;
  for (const character of text)
    count += /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]/u.test(character) ? 2 : 1;
  return count;
}

function bounded(quantities: Quantities): InputBound {
  return { quantities, unboundedReason: null };
}

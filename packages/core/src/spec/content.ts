import type { Json } from './json.js';

/** Bytes, a URL, or the bytes as a base64 string. */
export type MediaData = Uint8Array | URL | string;

export type TextPart = { readonly type: 'text'; readonly text: string };
/** What a model thought before it answered. Never part of `response.text`. */
export type ReasoningPart = { readonly type: 'reasoning'; readonly text: string };
export type ImagePart = { readonly type: 'image'; readonly mediaType: string; readonly data: MediaData };
export type AudioPart = { readonly type: 'audio'; readonly mediaType: string; readonly data: MediaData };
/** A file that already lies at the provider. */
export type FileRefPart = { readonly type: 'file_ref'; readonly uri: string; readonly mediaType: string };
export type ToolCallPart = {
  readonly type: 'tool_call';
  readonly id: string;
  readonly name: string;
  readonly input: Json;
};
export type ToolResultPart = {
  readonly type: 'tool_result';
  readonly id: string;
  readonly output: Json;
  readonly isError?: boolean;
};

/**
 * A piece of content. The union is open: consumers ignore types they do not know.
 * `providerData` is echoed verbatim to the same provider (Gemini's `thoughtSignature` lives there).
 */
export type Part = { readonly providerData?: Json } & (
  | TextPart
  | ReasoningPart
  | ImagePart
  | AudioPart
  | FileRefPart
  | ToolCallPart
  | ToolResultPart
);

export type Role = 'system' | 'user' | 'assistant' | 'tool';

export interface Message {
  readonly role: Role;
  readonly content: string | readonly Part[];
  readonly providerData?: Json;
}

/** A message after normalisation: the content is always a list of parts. */
export interface PartsMessage extends Message {
  readonly content: readonly Part[];
}

import type { ChatCall, FileRefPart, Json, ModelManifest, Usage, Warning } from '@vibe/core';
import type { Classification, ServiceFailure } from '../http/service-error.js';
import type { WireObject } from '../wire/read-field.js';
import type { ChatChunk } from './chunk.js';

/** A request body that is being built, with what could not be honoured. */
export interface ChatDraft {
  readonly body: Record<string, Json>;
  readonly warnings: Warning[];
}

/** What differs between services that speak chat completions. Everything else is the same code. */
export interface ChatDialect {
  /** Id of the provider: the key of its `providerOptions`. */
  readonly provider: string;
  /** Field of the output cap. */
  maxTokensField(model: ModelManifest): string;
  /** Whether this call must be streamed by the service even though nobody watches. Its answer is then collected. */
  mustStream(call: ChatCall): boolean;
  /** How inline audio is written: bare base64 (OpenAI) or as a URL, which is a data URL for bytes. */
  readonly audioInput: 'base64' | 'url';
  /** Media type of audio that arrives in answers. */
  readonly audioOutput: string;
  /** How the schema of an answer is asked for: natively, or by words in a system message. */
  structured(call: ChatCall): 'json_schema' | 'json_object' | 'prompt';
  /** A file that lies at the provider, as a content part. */
  filePart(part: FileRefPart): Json;
  /** Adds and corrects what is special: reasoning, tool choice, extras. Runs before `providerOptions` are merged. */
  adapt(draft: ChatDraft, call: ChatCall): void;
  /** Reads an event, or a whole answer. Default: `readChatChunk`. */
  readonly readChunk?: (json: unknown) => ChatChunk;
  /** The bill in disjoint units, null when it says nothing. Default: `chatUsage`. */
  readonly readUsage?: (usage: WireObject) => Usage | null;
  /** The status that a comment of a stream names, for the error behind it. Default: none does. */
  readonly statusInComment?: (comment: string) => number | null;
  classify(failure: ServiceFailure): Classification;
  /** The request id in the `id` of an answer. */
  requestId(id: string): string;
}

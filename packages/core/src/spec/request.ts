import type { AudioPart, FileRefPart, ImagePart, Message, PartsMessage } from './content.js';
import type { Json, JsonObject } from './json.js';
import type { StandardSchema } from './standard-schema.js';
import type { Region, Tier } from './target.js';

/** How candidates are ranked. `fixed` takes them in the configured order. */
export type Policy = 'smart' | 'cheap' | 'fast' | 'quality' | 'fixed';

/** All durations in milliseconds. The defaults are in `defaults/call-defaults.ts`. */
export interface TimeoutOptions {
  /** Until the connection stands. Default 10,000. */
  readonly connectMs?: number;
  /** From sending to the first event of the answer. Default 60,000. */
  readonly firstChunkMs?: number;
  /** Between two events of the answer; runs only while the consumer pulls. Default 60,000. */
  readonly chunkMs?: number;
  /** The whole call over all attempts. Default 600,000. */
  readonly totalMs?: number;
  /** Nobody pulls any more: the call is aborted and settled as cancelled. Default 60,000. */
  readonly idleMs?: number;
}

export interface RetryOptions {
  /** Physical requests of the whole call, over all candidates. Default 4. */
  readonly attempts?: number;
  /** Until when another attempt or wait may start, in ms from the start of the call. Never aborts a running attempt. Default 60,000, or `maxWaitMs` where that is longer. */
  readonly budgetMs?: number;
  /** Whether a provider's 429 is retried. Default true. */
  readonly on429?: boolean;
}

/** What every request can say, whatever its operation. */
export interface RequestBase {
  /** `qwen-plus`, `qwen/qwen-plus`, `qwen@sg/qwen-plus` (profile or endpoint), or `auto`. Default: `defaults.model`, then `auto`. */
  readonly model?: string;
  /** Default `smart`. */
  readonly route?: Policy;
  /** Compliance: no physical request of this call leaves for another region. Fails closed. */
  readonly regions?: readonly Region[];
  readonly minTier?: Tier;
  /** Refuse the call when its worst case is dearer, in USD; and each further attempt with which it could be. */
  readonly maxCostUsd?: number;
  /** Kept in the ledger row; selects budgets with `tags`. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Ends the call early: it rejects with `cancelled`, whose `cause` is the signal's reason. Many calls may share one. */
  readonly signal?: AbortSignal;
  readonly timeout?: TimeoutOptions;
  readonly retry?: RetryOptions;
  /** Default true. False: `rate_limited` at once, also on a provider's 429. */
  readonly waitOnRateLimit?: boolean;
  /** The sum of all rate-limit waits of the call, in ms; `retry.budgetMs` bounds it too. Default 30,000. */
  readonly maxWaitMs?: number;
  /** `abort` (default) closes the upstream connection; `drain` reads the rest in the background so that usage is exact. */
  readonly onCancel?: 'abort' | 'drain';
  /** Plan everything, send and write nothing: `response.status` is `dry_run` and `response.plan` says what would happen. */
  readonly dryRun?: boolean;
  /** A second call with a key that this ledger has already held or settled is refused with `invalid_request`. */
  readonly idempotencyKey?: string;
  readonly traceId?: string;
  /** Passed through to the provider of that id. */
  readonly providerOptions?: Readonly<Record<string, Json>>;
}

export interface Tool {
  readonly name: string;
  readonly description?: string;
  /** JSON Schema, or a Standard Schema that can produce one. */
  readonly input: JsonObject | StandardSchema;
}

export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string };
export type Reasoning = 'off' | 'low' | 'medium' | 'high' | { readonly budgetTokens: number };

export interface ChatInput<S = unknown> extends RequestBase {
  /** Shorthand for one user message, appended after `messages`. */
  readonly prompt?: string;
  readonly system?: string;
  readonly messages?: readonly Message[];
  /** Includes thinking. A cap is always sent; the model's own when none is given. */
  readonly maxOutputTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly stop?: readonly string[];
  readonly seed?: number;
  readonly reasoning?: Reasoning;
  readonly tools?: readonly Tool[];
  readonly toolChoice?: ToolChoice;
  /** Standard Schema or JSON Schema of the answer; `response.object` is then validated and typed. */
  readonly output?: S;
  /**
   * Whether the service counts the tokens of this chat before its hold (`defaults.countTokens` says more). True makes
   * `estimate()` ask too, which otherwise sends nothing.
   */
  readonly countTokens?: boolean;
}

export interface TranscribeInput extends RequestBase {
  readonly audio: AudioPart | FileRefPart;
  readonly language?: string;
}

export interface SpeakInput extends RequestBase {
  readonly text: string;
  readonly voice?: string;
  readonly format?: 'wav' | 'mp3' | 'pcm';
}

export interface PaintInput extends RequestBase {
  readonly prompt: string;
  /** How many images. Default 1. */
  readonly count?: number;
  readonly size?: `${number}x${number}`;
  readonly images?: readonly ImagePart[];
}

export type AnyInput = ChatInput | TranscribeInput | SpeakInput | PaintInput;

/**
 * A chat request as a provider gets it. `messages` is always complete: `system` comes first, `prompt` last, and every
 * content is a list of parts. `maxOutputTokens` is set whenever a bound is known.
 */
export interface ChatRequest extends Omit<ChatInput, 'messages' | 'signal'> {
  readonly messages: readonly PartsMessage[];
}
export type TranscribeRequest = Omit<TranscribeInput, 'signal'>;
export type SpeakRequest = Omit<SpeakInput, 'signal'>;
export type PaintRequest = Omit<PaintInput, 'signal'>;

/** A normalised request together with its operation. */
export type OperationRequest =
  | { readonly operation: 'chat'; readonly request: ChatRequest }
  | { readonly operation: 'transcribe'; readonly request: TranscribeRequest }
  | { readonly operation: 'speak'; readonly request: SpeakRequest }
  | { readonly operation: 'paint'; readonly request: PaintRequest };

export type AnyRequest = ChatRequest | TranscribeRequest | SpeakRequest | PaintRequest;

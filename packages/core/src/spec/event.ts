import type { Part } from './content.js';
import type { FinishReason, GenerationResponse, Warning } from './response.js';
import type { Usage } from './usage.js';
import type { VibeErrorLike } from './vibe-error.js';

/** A complete part, or a piece of text. Pieces of the same type that follow each other belong together. */
export interface DeltaEvent {
  readonly type: 'delta';
  readonly part: Part;
  /** Set for text parts. */
  readonly text?: string;
}

/** A fragment of a tool call's JSON input. The complete `tool_call` part follows as a delta. */
export interface ToolCallDeltaEvent {
  readonly type: 'tool_call_delta';
  readonly id: string;
  readonly name?: string;
  readonly inputText: string;
}

/** What a caller gets. Consumers ignore types they do not know. */
export type StreamEvent =
  | DeltaEvent
  | ToolCallDeltaEvent
  /** Exactly one, last. */
  | { readonly type: 'final'; readonly response: GenerationResponse }
  /** Instead of `final`, last; the next pull throws the same error. */
  | { readonly type: 'error'; readonly error: VibeErrorLike };

/** What a provider knows at the end of an answer. */
export interface ProviderResult {
  /** The whole content, in order. */
  readonly content: readonly Part[];
  readonly finishReason: FinishReason;
  readonly rawFinishReason: string | null;
  /** Null when the provider did not say. */
  readonly usage: Usage | null;
  readonly servedModel: string | null;
  readonly requestId: string | null;
  readonly warnings?: readonly Warning[];
}

/**
 * Optional: usage so far, for providers that report it while they stream. Metered when the stream is cut; never shown to
 * the caller.
 */
export interface UsageEvent {
  readonly type: 'usage';
  readonly usage: Usage;
  /**
   * How many of the deltas that follow are counted in it already. A report that came together with deltas goes before
   * them, because a consumer may leave at any of them. Default 0: it counts what went before.
   */
  readonly deltasAhead?: number;
}

/** What a provider yields: deltas, then exactly one `final`. A failure is a throw. */
export type ProviderEvent =
  | DeltaEvent
  | ToolCallDeltaEvent
  | UsageEvent
  | { readonly type: 'final'; readonly result: ProviderResult };

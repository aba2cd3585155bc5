import type { Exchange } from './exchange.js';
import type { EventStep, Reply, Step } from './http/reply.js';
import type { JsonObject } from './json.js';

export type WireName = 'gemini' | 'qwen' | 'openai';

/**
 * Where a retry hint is put. `retry-info` and `text` are Gemini's: a detail of the error body, and "Please retry in …" in
 * its message. A form that a wire does not have is left out.
 */
export type HintForm = 'retry-after' | 'retry-after-date' | 'retry-after-ms' | 'retry-info' | 'text';

/** What the text of an error may depend on. */
export interface ErrorFacts {
  readonly model: string;
  readonly endpoint: string;
  readonly requestId: string;
  /** Replaces the provider's own words; null: keep them. */
  readonly message: string | null;
  readonly retryAfterMs: number | null;
  readonly hints: ReadonlySet<HintForm>;
}

/** One known error of a provider: its status and the body the provider sends with it. */
export interface ErrorEntry {
  readonly status: number;
  readonly body: (facts: ErrorFacts) => JsonObject;
}

/** The errors a provider is known to answer with, by reason. */
export interface ErrorCatalog {
  readonly entries: Readonly<Record<string, ErrorEntry>>;
  /** The reason that stands for a status when none is given. */
  readonly byStatus: Readonly<Record<number, string>>;
  /** The body for a status that has no entry. */
  readonly other: (status: number, facts: ErrorFacts) => JsonObject;
  /** Where this provider puts a retry hint when nobody says where. */
  readonly hints: readonly HintForm[];
}

/** An error with its status and body decided. */
export interface WireError {
  readonly status: number;
  readonly reason: string;
  readonly body: JsonObject;
}

/** What faults need to know about a provider's wire. */
export interface Wire {
  readonly name: WireName;
  /** Field of a reply or event that holds the usage. */
  readonly usageKey: string;
  /** Field of a reply or event that names the model that answered. */
  readonly modelKey: string;
  readonly errors: ErrorCatalog;
  /** The reply that refuses a request. */
  errorReply(exchange: Exchange, error: WireError): Reply;
  /** The step that ends a 200 stream with an error. */
  errorStep(exchange: Exchange, error: WireError): Step;
  /** The event with the finish reason of `finish` on it as well. */
  withFinish(event: EventStep, finish: EventStep): EventStep;
  /** The steps with the usage in an event of its own after the finish. */
  usageAfterFinish(steps: readonly Step[]): readonly Step[];
}

import type { Part } from './content.js';
import type { ProviderEvent } from './event.js';
import type { Json } from './json.js';
import type { AnyRequest, OperationRequest } from './request.js';
import type { Operation, Region, Tier } from './target.js';
import type { Quantities, Usage } from './usage.js';

/** A place that serves models. */
export interface Endpoint {
  readonly id: string;
  readonly region: Region;
  /** Host and path prefix. */
  readonly baseUrl: string;
  /** Whether a key for this endpoint is configured now. Reads the environment at call time, never shows the key. */
  keyPresent(): boolean;
  /** Which variable to set when `keyPresent()` is false, for messages. */
  readonly keyName?: string;
  /** How the service counts what the user sets in `limits`. */
  readonly rateLimits?: RateEnforcement;
  /** Other places this endpoint talks to besides `baseUrl` (uploads, media hosts, native API), for compliance checks. */
  readonly alsoUses?: readonly { readonly region: Region; readonly baseUrl: string }[];
}

/** How a service enforces rate limits, beyond their numbers, which are the account's. */
export interface RateEnforcement {
  /** IANA zone in which its days begin. Default UTC. */
  readonly rpdTimezone?: string;
  /** It allows only this share of the limits per minute within a window of `windowMs`. */
  readonly burst?: { readonly share: number; readonly windowMs: number };
}

/** What a model can do. The router and the contract suite read the same manifest. */
export interface ModelManifest {
  readonly id: string;
  readonly operations: readonly Operation[];
  readonly input: readonly Part['type'][];
  readonly output: readonly Part['type'][];
  /** `only`: the model refuses unary calls. */
  readonly streams: boolean | 'only';
  readonly tools: boolean;
  readonly structured: boolean;
  /** Whether the model can think; a thinking price then bounds its worst case. */
  readonly reasoning: boolean;
  /**
   * Of a model that can think: what it does when a request does not say. `off`: it thinks only when asked; `on`: unless
   * told not to; `always`: it cannot be told not to. Default: nobody knows, so its worst case is that it thinks.
   */
  readonly thinking?: 'off' | 'on' | 'always';
  readonly tier: Tier;
  readonly contextTokens?: number;
  readonly maxOutputTokens?: number;
  readonly aliases?: readonly string[];
  /** Endpoints that serve the model. Default: all of the provider. */
  readonly endpoints?: readonly string[];
}

/** One physical request, as a provider gets it. */
interface ProviderCallBase {
  readonly endpoint: Endpoint;
  readonly model: ModelManifest;
  /** False: nobody looks at deltas, the unary API may be used. */
  readonly incremental: boolean;
  /** Aborted when the call is over, for whatever reason. The provider must close its connection then. */
  readonly signal: AbortSignal;
  readonly timeout: ProviderTimeout;
}

/** The timeouts that only the transport can keep, in milliseconds. */
export interface ProviderTimeout {
  readonly connectMs: number;
}

export type ProviderCall = ProviderCallBase & OperationRequest;
/** A provider call whose operation is `chat`. */
export type ChatCall = ProviderCallBase & Extract<OperationRequest, { operation: 'chat' }>;

/** The exact HTTP request, with secrets left out. */
export interface WireRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Json;
}

/** What the generic estimator says about a request, for a provider that corrects a part of it. */
export interface GenericBound {
  readonly operation: Operation;
  /** Upper bounds of the input by unit. */
  readonly quantities: Quantities;
}

/** Result of the cheapest free round trip to an endpoint. */
export interface PingResult {
  readonly ok: boolean;
  readonly latencyMs: number;
  readonly status?: number;
  readonly message?: string;
}

/** A service that answers requests. Made by a plugin's `create`. */
export interface Provider {
  readonly kind: 'provider';
  readonly id: string;
  /** Distinguishes several instances of the same provider. Default `default`. */
  readonly profile?: string;
  readonly endpoints: readonly Endpoint[];
  readonly models: readonly ModelManifest[];
  /** Deltas, then exactly one `final`. A failure is a throw, best of a VibeError. Never retries by itself. */
  stream(call: ProviderCall): AsyncIterable<ProviderEvent>;
  /**
   * The same events as `stream`, those that arrived together in one array; it spares a long stream the price of a promise
   * per event. Undefined: this call has no such form.
   */
  streamBatches?(call: ProviderCall): AsyncIterable<readonly ProviderEvent[]> | undefined;
  /**
   * Whose vocabulary its models cut text with: `qwen`, `gemini`, `openai` (o200k), `cl100k`. It makes the bound of a text tighter;
   * without it the bound holds for all of them.
   */
  readonly tokenFamily?: string;
  /**
   * Upper bound of what a request consumes, where the provider knows better than the generic estimator: of a chat its
   * input (the output is bounded by its cap), of any other operation all that will be billed, in the units of the bill.
   * Null: the generic bound stands.
   */
  estimate?(request: AnyRequest, model: ModelManifest, generic: GenericBound): Usage | null | Promise<Usage | null>;
  /**
   * What a chat sends, counted by the service with one free request to the endpoint of the call: exact quantities of its
   * input by unit. Null: this request cannot be counted. A failure is a throw; the estimate stands then.
   */
  countTokens?(call: ProviderCall): Promise<Quantities | null>;
  /** What `stream` would send. Opens no socket. */
  describe?(call: ProviderCall): WireRequest;
  ping?(endpoint: Endpoint, signal: AbortSignal): Promise<PingResult>;
  /**
   * What takes its time before a first request (a module that is loaded) may begin now: told when the first call of a client
   * begins. Opens no connection. What fails here fails again where it is needed, and is told there.
   */
  prepare?(): void;
  /** Closes idle connections when the client closes. */
  close?(): Promise<void>;
}

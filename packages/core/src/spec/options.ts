import type { Budget, BudgetMode } from './budget.js';
import type { Limits } from './limiter.js';
import type { Middleware } from './middleware.js';
import type { PluginInput } from './plugin.js';
import type { RetryOptions, TimeoutOptions } from './request.js';
import type { RouterOptions } from './router.js';
import type { Region } from './target.js';

/** The key is model @ endpoint; the defaults are in `policies/circuit.ts`. */
export interface BreakerOptions {
  /** Consecutive failures that open the circuit. Default 5. */
  readonly failures?: number;
  /** Share of failures within `windowMs` that opens it, 0..1, once there are at least 10 outcomes. Default 0.5. */
  readonly failRate?: number;
  /** Default 60,000. */
  readonly windowMs?: number;
  /** How long it stays open. Default 30,000. */
  readonly cooldownMs?: number;
  /** Calls that are let through at the same time when it is half open. Default 1. */
  readonly probes?: number;
}

export interface CallDefaults {
  readonly model?: string;
  readonly maxWaitMs?: number;
  readonly retry?: RetryOptions;
  readonly timeout?: TimeoutOptions;
  readonly maxOutputTokens?: number;
  /**
   * How long sound is at most whose length cannot be seen, in seconds: behind an address, or in a file whose header does not
   * say it. Default none: then its cost has no bound, unless the provider knows one, and strict calls are refused.
   */
  readonly maxAudioSeconds?: number;
  /**
   * Whether the service is asked to count the tokens of a chat before its hold, where its provider can: one free request
   * more, to the endpoint that would serve the call. It takes a permit of the rate limits and never waits for one. Where it
   * fails the estimate stands, with a warning. Default false.
   */
  readonly countTokens?: boolean;
  /** How long such a count may take. Default 2,000. */
  readonly countTimeoutMs?: number;
}

/** Config files have exactly these keys (plugins by name and options). */
export interface VibeOptions {
  readonly plugins: readonly PluginInput[];
  readonly budgets?: readonly Budget[];
  /** Default `best_effort`. A call is strict when any budget that matches it is. */
  readonly mode?: BudgetMode;
  /** `qwen-plus`, `qwen@sg/*`, `*` → limits; the most specific wins. */
  readonly limits?: Readonly<Record<string, Limits>>;
  readonly router?: RouterOptions;
  /** Compliance of every call: no physical request leaves for another region. A request may narrow it, never widen it. */
  readonly regions?: readonly Region[];
  readonly defaults?: CallDefaults;
  readonly breaker?: BreakerOptions;
  /** Best effort only: what to do with a call whose price is unknown. Default `warn`. */
  readonly onUnpriced?: 'warn' | 'refuse';
  readonly telemetry?: { readonly semconv?: 'v1.41' | 'latest' };
  readonly middleware?: readonly Middleware[];
  /** Every call is a dry run, whatever its request says. */
  readonly dryRun?: boolean;
}

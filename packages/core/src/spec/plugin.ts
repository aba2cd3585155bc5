import type { Ledger } from './ledger.js';
import type { Limiter } from './limiter.js';
import type { Middleware } from './middleware.js';
import type { Pricing } from './pricing.js';
import type { Provider } from './provider.js';
import type { Warning } from './response.js';
import type { Router } from './router.js';
import type { StandardSchema } from './standard-schema.js';
import type { Tokenizer } from './tokenizer.js';

export interface MiddlewarePart {
  readonly kind: 'middleware';
  readonly middleware: Middleware;
}

/** What a plugin contributes. */
export type PluginPart = Provider | Ledger | Limiter | Router | Pricing | Tokenizer | MiddlewarePart;

/** What a plugin may use of the program it runs in. */
export interface PluginHost {
  /** Epoch milliseconds. */
  now(): number;
  /** Uniform in [0, 1). */
  random(): number;
  /** Reaches `vibe.on('warning')`. */
  warn(warning: Warning): void;
  /**
   * A secret that the program keeps elsewhere than in the environment, such as a keys file, by the name of the variable
   * that would hold it. Asked when the variable is not set; undefined: there is none.
   */
  secret?(variable: string): string | undefined;
}

/** Anything `plugins` accepts. */
export type PluginInput = PluginPart | DeferredPart | readonly PluginInput[];

/** A configured plugin that `createVibe` has still to create. */
export interface DeferredPart {
  readonly kind: 'plugin';
  readonly name: string;
  readonly specVersion: string;
  create(host: PluginHost): PluginPart | readonly PluginPart[];
}

export interface PluginDefinition<Options, Input = Options> {
  /** The package name, so that messages and config files can name it. */
  readonly name: string;
  readonly specVersion: 'v1';
  /** Any Standard Schema that validates synchronously. */
  readonly options?: StandardSchema<Input, Options>;
  create(options: Options, host: PluginHost): PluginPart | readonly PluginPart[];
}

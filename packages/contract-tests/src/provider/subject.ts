import type { PluginInput } from '@vibe/core';
import type { Situations } from './situations.js';

/** A provider together with a service it talks to, made for one test. */
export interface ProviderSubject {
  /** As it would stand in `plugins` of `createVibe`, set up with a good key for the service. */
  readonly provider: PluginInput;
  /** The keys in use, good and bad ones. Nothing the provider shows may contain any of them. */
  readonly secrets: readonly string[];
  /**
   * How to bring the service into each situation. Which of them are needed follows from the provider's manifest; a needed
   * one that is not here is a failing test with its name.
   */
  readonly situations: Situations;
  close(): Promise<void>;
}

export interface ProviderContractOptions {
  /** Names the provider in the report. */
  readonly name: string;
  setup(): Promise<ProviderSubject>;
  /** How long to wait for an event before it counts as not happening, in ms. Default 4,000. Measures nothing. */
  readonly patienceMs?: number;
}

import type { DriftSnapshot, ProviderSubject } from '@vibe/contract-tests';
import type { PluginInput, Reasoning } from '@vibe/core';
import type { Simulator } from '@vibe/simulator';

/** A provider whose wire the simulator speaks, and what there is to ask of it. */
export interface KnownProvider {
  /** The fields its adapter reads. */
  readonly shape: DriftSnapshot;
  readonly calls: CallPlan;
  /** The provider against simulators in every situation, for the contract suite. */
  subject(): Promise<ProviderSubject>;
  /** The provider as a plugin that speaks to a simulator. */
  at(simulator: Simulator): PluginInput;
}

/** Which answers of the shape the calls of a test bring. */
export interface CallPlan {
  /** Cheapest first: the first one that the manifest has is asked. */
  readonly chatModels: readonly string[];
  readonly chat: AskedChat;
  readonly stream: AskedChat;
  /** Kind of the answer to a model that is not there. */
  readonly wrongModel: string;
  /** Only with --media, and only what the provider can do. */
  readonly media: {
    readonly speak?: AskedMedia;
    readonly transcribe?: AskedMedia;
    readonly paint?: AskedMedia;
  };
}

interface AskedChat {
  readonly kind: string;
  readonly reasoning: Reasoning;
  readonly maxOutputTokens: number;
}

interface AskedMedia {
  readonly kind: string;
  readonly models: readonly string[];
}

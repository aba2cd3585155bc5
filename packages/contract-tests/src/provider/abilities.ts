import type { ModelManifest, Operation, Provider } from '@vibe/core';

/** What a provider can do, from its own manifest: for each ability the first model that has it, or null. */
export interface Abilities {
  /** Null when the provider does not chat. */
  readonly chat: ModelManifest | null;
  /** All models that chat. */
  readonly chats: readonly ModelManifest[];
  /** Answers piece by piece. */
  readonly streaming: ModelManifest | null;
  readonly tools: ModelManifest | null;
  readonly structured: ModelManifest | null;
  readonly reasoning: ModelManifest | null;
  /** For the other operations: the first model that has each, one that streams before one that does not. */
  readonly transcribe: ModelManifest | null;
  readonly speak: ModelManifest | null;
  readonly paint: ModelManifest | null;
  /** Whether it has the optional methods. */
  readonly describes: boolean;
  readonly estimates: boolean;
  readonly pings: boolean;
  readonly batches: boolean;
}

export function abilitiesOf(provider: Provider): Abilities {
  const chatting = provider.models.filter((model) => isServed(provider, model) && model.operations.includes('chat'));
  const first = (has: (model: ModelManifest) => boolean) => chatting.find(has) ?? null;
  const other = (operation: Operation) => {
    const able = provider.models.filter((model) => isServed(provider, model) && model.operations.includes(operation));
    return able.find((model) => model.streams !== false) ?? able[0] ?? null;
  };
  return {
    chats: chatting,
    // A model that can do least is asked first: what it gets is what every model gets.
    chat: first((model) => model.streams !== 'only' && !model.reasoning) ?? first(() => true),
    streaming:
      first((model) => model.streams !== false && !model.reasoning) ?? first((model) => model.streams !== false),
    tools: first((model) => model.tools),
    structured: first((model) => model.structured),
    reasoning: first((model) => model.reasoning),
    transcribe: other('transcribe'),
    speak: other('speak'),
    paint: other('paint'),
    describes: provider.describe !== undefined,
    estimates: provider.estimate !== undefined,
    pings: provider.ping !== undefined,
    batches: provider.streamBatches !== undefined,
  };
}

/** Whether the model can be called now: at least one of its endpoints has a key. */
export function isServed(provider: Provider, model: ModelManifest): boolean {
  return endpointOf(provider, model) !== undefined;
}

export function endpointOf(provider: Provider, model: ModelManifest) {
  return provider.endpoints.find(
    (endpoint) => (model.endpoints?.includes(endpoint.id) ?? true) && endpoint.keyPresent(),
  );
}

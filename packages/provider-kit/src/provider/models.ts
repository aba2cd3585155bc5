import type { ModelManifest } from '@vibe/core';

/** A manifest as options give it: fields left out keep what is known about the model. */
export type ModelOverride = { readonly id: string } & {
  readonly [Field in keyof ModelManifest]?: ModelManifest[Field] | undefined;
};

/** What is assumed about a model of which only the id is given: plain chat. */
const plainChat: Omit<ModelManifest, 'id'> = {
  operations: ['chat'],
  input: ['text'],
  output: ['text'],
  streams: true,
  tools: true,
  structured: false,
  reasoning: false,
  tier: 'standard',
};

/** The known manifests with overrides put over those of the same id; new ids are added at the end. */
export function withModels(known: readonly ModelManifest[], overrides: readonly ModelOverride[] = []): ModelManifest[] {
  const models = new Map(known.map((model) => [model.id, model]));
  for (const override of overrides) {
    const given = Object.fromEntries(Object.entries(override).filter(([, value]) => value !== undefined));
    models.set(override.id, { ...plainChat, ...models.get(override.id), ...given, id: override.id });
  }
  return [...models.values()];
}

import type { BillingUnit, ModelManifest, Pricing, Quantities, Region } from '@vibe/core';

/** A model of a manifest that could not be billed, and for what. */
export interface UnpricedModel {
  readonly provider: string;
  readonly model: string;
  readonly region: Region;
  readonly operation: string;
  /** Every unit of the operation without a price. */
  readonly units: readonly BillingUnit[];
}

/** What a provider serves, and where: a `Provider` fits. */
export interface ServedModels {
  readonly id: string;
  readonly endpoints: readonly { readonly id: string; readonly region: Region }[];
  readonly models: readonly ModelManifest[];
}

/** Every model of a provider, in every region it serves, that has no price for what its operations are billed by. */
export function unpricedModels(provider: ServedModels, pricing: Pricing, atMs: number): readonly UnpricedModel[] {
  return provider.models.flatMap((manifest) =>
    regionsOf(provider, manifest).flatMap((region) =>
      manifest.operations.flatMap((operation): UnpricedModel[] => {
        const isPriced = (unit: BillingUnit): boolean => {
          const usage = { quantities: { [unit]: 1 } as Quantities, unknown: false, source: 'provider' } as const;
          return pricing.price({ provider: provider.id, model: manifest.id, region, atMs, usage }) !== null;
        };
        const missing = waysToBill(operation, manifest).map((units) => units.filter((unit) => !isPriced(unit)));
        // One way to bill is enough: recognition costs by the second here and by the token there.
        if (missing.some((units) => units.length === 0)) return [];
        return [{ provider: provider.id, model: manifest.id, region, operation, units: missing[0] ?? [] }];
      }),
    ),
  );
}

function regionsOf({ endpoints }: ServedModels, manifest: ModelManifest): readonly Region[] {
  const serving = endpoints.filter(({ id }) => manifest.endpoints?.includes(id) ?? true);
  return [...new Set(serving.map(({ region }) => region))];
}

function waysToBill(operation: string, manifest: ModelManifest): readonly (readonly BillingUnit[])[] {
  switch (operation) {
    case 'chat':
      return [
        [
          'input_token',
          'cached_input_token',
          'output_token',
          ...(manifest.reasoning ? ['reasoning_token'] : []),
          ...(manifest.input.includes('image') ? ['input_image_token'] : []),
          ...(manifest.input.includes('audio') ? ['input_audio_token'] : []),
        ],
      ];
    case 'transcribe':
      return [['audio_second'], ['input_audio_token', 'input_token', 'output_token']];
    case 'speak':
      return [['character'], ['input_token', 'output_audio_token']];
    case 'paint':
      return [['image'], ['input_token', 'output_image_token']];
    default:
      return [['request'], ['input_token', 'output_token']];
  }
}

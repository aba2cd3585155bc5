import { decimalText } from './decimal-text.js';
import {
  type Fields,
  type FormatQuestion,
  type ImportedFile,
  type ImportedPrice,
  isFields,
  placeOf,
} from './formats.js';

/** Prices in USD per million tokens: https://models.dev/api.json */
const units: Readonly<Record<string, string>> = {
  input: 'input_token',
  output: 'output_token',
  reasoning: 'reasoning_token',
  cache_read: 'cached_input_token',
  cache_write: 'cache_write_token',
  input_audio: 'input_audio_token',
  output_audio: 'output_audio_token',
};

/** `{ google: { models: { 'gemini-2.5-pro': { cost: { input: 1.25, … } } } } }` */
export function isModelsDev(value: unknown): value is Fields {
  return isFields(value) && Object.values(value).some((provider) => isFields(provider) && isFields(provider['models']));
}

export function readModelsDev(file: Fields, question: FormatQuestion): ImportedFile {
  const prices: ImportedPrice[] = [];
  const skipped: string[] = [];
  for (const [name, provider] of Object.entries(file)) {
    const place = placeOf(name, question);
    if (place === null || !isFields(provider) || !isFields(provider['models'])) continue;
    for (const [model, entry] of Object.entries(provider['models'])) {
      const cost = isFields(entry) ? entry['cost'] : undefined;
      if (!isFields(cost)) {
        skipped.push(`${name}/${model}: no cost`);
        continue;
      }
      const shared = {
        ...place,
        model,
        per: 1_000_000,
        source: `models.dev ${name}/${model}`,
        verifiedAt: question.today,
      };
      prices.push(
        ...bandsOf(cost).flatMap(({ tier, costs }) => rows(costs).map((row) => ({ ...shared, ...row, ...tier }))),
      );
    }
  }
  return { format: 'models.dev', prices, skipped };
}

function rows(costs: Fields): { unit: string; price: string }[] {
  return Object.entries(units).flatMap(([key, unit]) => {
    const price = decimalText(costs[key]);
    return price === null ? [] : [{ unit, price }];
  });
}

interface Band {
  readonly tier: Pick<ImportedPrice, 'tier'>;
  readonly costs: Fields;
}

/** Beyond `size` input tokens the whole request costs the tier's prices; what a tier does not name stays. */
function bandsOf(cost: Fields): readonly Band[] {
  const tiers = (Array.isArray(cost['tiers']) ? cost['tiers'] : []).filter(isFields).flatMap((tier) => {
    const size = isFields(tier['tier']) ? Number(tier['tier']['size']) : Number.NaN;
    return Number.isSafeInteger(size) && size > 0 ? [{ size, costs: { ...cost, ...tier } }] : [];
  });
  if (tiers.length === 0 && isFields(cost['context_over_200k'])) {
    tiers.push({ size: 200_000, costs: { ...cost, ...cost['context_over_200k'] } });
  }
  if (tiers.length === 0) return [{ tier: {}, costs: cost }];
  tiers.sort((first, second) => first.size - second.size);
  const starts = [0, ...tiers.map(({ size }) => size + 1)];
  return [cost, ...tiers.map(({ costs }) => costs)].map((costs, index) => ({
    tier: { tier: { fromTokens: starts[index] ?? 0, toTokens: tiers[index]?.size ?? null } },
    costs,
  }));
}

import { decimalText } from './decimal-text.js';
import {
  type Fields,
  type FormatQuestion,
  type ImportedFile,
  type ImportedPrice,
  isFields,
  placeOf,
} from './formats.js';

/** Prices in USD per token: model_prices_and_context_window.json of BerriAI/litellm. */
const perToken: Readonly<Record<string, string>> = {
  input_cost_per_token: 'input_token',
  output_cost_per_token: 'output_token',
  output_cost_per_reasoning_token: 'reasoning_token',
  cache_read_input_token_cost: 'cached_input_token',
  cache_creation_input_token_cost: 'cache_write_token',
  input_cost_per_audio_token: 'input_audio_token',
  output_cost_per_audio_token: 'output_audio_token',
  output_cost_per_image_token: 'output_image_token',
};
const perThing: Readonly<Record<string, string>> = {
  output_cost_per_image: 'image',
  input_cost_per_second: 'audio_second',
  input_cost_per_character: 'character',
};

/** `{ 'gemini/gemini-2.5-pro': { litellm_provider: 'gemini', input_cost_per_token: 1.25e-6, … } }` */
export function isLiteLlm(value: unknown): value is Fields {
  return isFields(value) && Object.values(value).some((entry) => isFields(entry) && 'litellm_provider' in entry);
}

export function readLiteLlm(file: Fields, question: FormatQuestion): ImportedFile {
  const prices: ImportedPrice[] = [];
  const skipped: string[] = [];
  for (const [key, entry] of Object.entries(file)) {
    const name = isFields(entry) ? String(entry['litellm_provider']) : '';
    const place = placeOf(name, question);
    if (place === null || !isFields(entry)) continue;
    const model = key.startsWith(`${name}/`) ? key.slice(name.length + 1) : key;
    const shared = { ...place, model, source: `LiteLLM ${key}`, verifiedAt: question.today };
    const found = [...tokenPrices(entry), ...thingPrices(entry)].map((row) => ({ ...shared, ...row }));
    if (found.length === 0) skipped.push(`${key}: no price`);
    prices.push(...found);
  }
  return { format: 'litellm', prices, skipped };
}

type Row = Pick<ImportedPrice, 'unit' | 'price' | 'per' | 'tier'>;

function tokenPrices(entry: Fields): readonly Row[] {
  const tiered = entry['tiered_pricing'];
  if (Array.isArray(tiered))
    return tiered.filter(isFields).flatMap((band, index) => bandPrices(band, index, tiered.length));
  const long = tokenRows({ ...entry, ...above200k(entry) });
  if (JSON.stringify(long) === JSON.stringify(tokenRows(entry))) return long;
  return [
    ...tokenRows(entry).map((row) => ({ ...row, tier: { fromTokens: 0, toTokens: 200_000 } })),
    ...long.map((row) => ({ ...row, tier: { fromTokens: 200_001, toTokens: null } })),
  ];
}

function tokenRows(entry: Fields): readonly Row[] {
  return Object.entries(perToken).flatMap(([key, unit]) => {
    const price = decimalText(entry[key], 6);
    return price === null ? [] : [{ unit, price, per: 1_000_000 }];
  });
}

function bandPrices(band: Fields, index: number, count: number): readonly Row[] {
  const range: readonly unknown[] = Array.isArray(band['range']) ? band['range'] : [];
  const [from, to] = [Number(range[0]), Number(range[1])];
  if (!Number.isSafeInteger(from)) return [];
  const toTokens = index === count - 1 || !Number.isSafeInteger(to) ? null : to;
  const tier = { fromTokens: from === 0 ? 0 : from + 1, toTokens };
  return tokenRows(band).map((row) => ({ ...row, tier }));
}

/** `input_cost_per_token_above_200k_tokens` and its like, under the names they replace. */
function above200k(entry: Fields): Fields {
  const suffix = '_above_200k_tokens';
  return Object.fromEntries(
    Object.entries(entry).flatMap(([key, value]) =>
      key.endsWith(suffix) ? [[key.slice(0, -suffix.length), value]] : [],
    ),
  );
}

function thingPrices(entry: Fields): readonly Row[] {
  return Object.entries(perThing).flatMap(([key, unit]) => {
    const price = decimalText(entry[key]);
    return price === null ? [] : [{ unit, price, per: 1 }];
  });
}

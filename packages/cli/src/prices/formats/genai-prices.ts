import { decimalText } from './decimal-text.js';
import {
  type Fields,
  type FormatQuestion,
  type ImportedFile,
  type ImportedPrice,
  isFields,
  placeOf,
} from './formats.js';

/** Prices in USD per million tokens, or per thousand requests: data.json of pydantic/genai-prices. */
const units: Readonly<Record<string, string>> = {
  input_mtok: 'input_token',
  output_mtok: 'output_token',
  cache_read_mtok: 'cached_input_token',
  cache_write_mtok: 'cache_write_token',
  input_audio_mtok: 'input_audio_token',
  cache_audio_read_mtok: 'cached_input_audio_token',
  output_audio_mtok: 'output_audio_token',
};

/** `[{ id: 'google', models: [{ id: 'gemini-2.5-pro', prices: { input_mtok: 1.25, … } }] }]` */
export function isGenaiPrices(value: unknown): value is readonly Fields[] {
  return Array.isArray(value) && value.some((provider) => isFields(provider) && Array.isArray(provider['models']));
}

export function readGenaiPrices(file: readonly unknown[], question: FormatQuestion): ImportedFile {
  const prices: ImportedPrice[] = [];
  const skipped: string[] = [];
  for (const provider of file.filter(isFields)) {
    const name = String(provider['id']);
    const place = placeOf(name, question);
    if (place === null || !Array.isArray(provider['models'])) continue;
    for (const model of provider['models'].filter(isFields)) {
      const id = String(model['id']);
      const shared = {
        ...place,
        model: id,
        per: 1_000_000,
        source: `genai-prices ${name}/${id}`,
        verifiedAt: typeof model['prices_checked'] === 'string' ? model['prices_checked'] : question.today,
      };
      const editions = editionsOf(model['prices']);
      if (editions === null) skipped.push(`${name}/${id}: its prices depend on the time of day`);
      for (const { from, to, fields } of editions ?? []) {
        const dates = { ...(from !== null && { effectiveFrom: from }), ...(to !== null && { effectiveTo: to }) };
        prices.push(...rows(fields).map((row) => ({ ...shared, ...dates, ...row })));
      }
    }
  }
  return { format: 'genai-prices', prices, skipped };
}

interface Edition {
  readonly from: string | null;
  readonly to: string | null;
  readonly fields: Fields;
}

/** One set of prices, or several with a first day each. Null when something else than a day decides. */
function editionsOf(prices: unknown): readonly Edition[] | null {
  if (isFields(prices)) return [{ from: null, to: null, fields: prices }];
  const dated: { from: string | null; fields: Fields }[] = [];
  for (const entry of (Array.isArray(prices) ? prices : []).filter(isFields)) {
    const { constraint, prices: fields } = entry;
    const start = isFields(constraint) ? constraint['start_date'] : null;
    if (!isFields(fields)) continue;
    if (constraint !== undefined && constraint !== null && typeof start !== 'string') return null;
    dated.push({ from: typeof start === 'string' ? start : null, fields });
  }
  dated.sort((first, second) => ((first.from ?? '') < (second.from ?? '') ? -1 : 1));
  return dated.map((edition, index) => ({ ...edition, to: dated[index + 1]?.from ?? null }));
}

type Row = Pick<ImportedPrice, 'unit' | 'price' | 'tier'>;

function rows(fields: Fields): readonly Row[] {
  return Object.entries(units).flatMap(([key, unit]) => priceRows(fields[key]).map((row) => ({ unit, ...row })));
}

/** A number, or `{ base, tiers: [{ start, price }] }`: beyond `start` input tokens the whole request costs `price`. */
function priceRows(value: unknown): readonly Omit<Row, 'unit'>[] {
  if (!isFields(value)) {
    const price = decimalText(value);
    return price === null ? [] : [{ price }];
  }
  const tiers = (Array.isArray(value['tiers']) ? value['tiers'] : []).filter(isFields);
  const bands = [
    { start: 0, price: value['base'] },
    ...tiers.map(({ start, price }) => ({ start: Number(start), price })),
  ];
  return bands.flatMap(({ start, price }, index) => {
    const text = decimalText(price);
    const next = bands[index + 1]?.start ?? null;
    return text === null ? [] : [{ price: text, tier: { fromTokens: start === 0 ? 0 : start + 1, toTokens: next } }];
  });
}

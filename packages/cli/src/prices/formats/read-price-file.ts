import { readFileSync, statSync } from 'node:fs';
import { VibeError } from '@vibe/core';
import type { FxInput } from '@vibe/pricing-registry';
import { priceFileSchema } from '@vibe/pricing-registry/schema';
import { parse } from 'yaml';
import {
  type Fields,
  type FormatName,
  type FormatQuestion,
  formatNames,
  type ImportedFile,
  type ImportedPrice,
  isFields,
} from './formats.js';
import { isGenaiPrices, readGenaiPrices } from './genai-prices.js';
import { isLiteLlm, readLiteLlm } from './litellm.js';
import { isModelsDev, readModelsDev } from './models-dev.js';

/** The largest of these files has 3 MB. */
const maxFileBytes = 64 * 1024 * 1024;

/** A price file of one of the formats; which one is seen from its form. Throws `config` for anything else. */
export function readPriceFile(path: string, display: string, question: FormatQuestion): ImportedFile {
  const value = parsed(path, display);
  if (isLiteLlm(value)) return readLiteLlm(value, question);
  if (isGenaiPrices(value)) return readGenaiPrices(value, question);
  if (isModelsDev(value)) return readModelsDev(value, question);
  if (isFields(value) && 'prices' in value) return readOwn(value, display, question);
  throw refused(display, `is none of the known price files (${formatNames.join(', ')})`);
}

function readOwn(value: unknown, display: string, { today }: FormatQuestion): ImportedFile {
  const result = priceFileSchema.safeParse(value);
  if (!result.success) {
    const [first] = result.error.issues;
    throw refused(display, `${first?.path.join('.') ?? ''}: expected ${first?.message ?? 'a price file'}`);
  }
  const { prices = [], currencies = [], serviceTiers = [] } = result.data;
  const others = { currencies, serviceTiers };
  return {
    format: 'vibe' satisfies FormatName,
    prices: prices.map((price) => ({ source: display, verifiedAt: today, ...said(price) }) as ImportedPrice),
    currencies: currencies.map((rate) => said(rate) as FxInput),
    skipped: Object.entries(others)
      .filter(([, rows]) => rows.length > 0)
      .map(
        ([key, rows]) =>
          `${key}: ${rows.length} left out, only prices are taken; they belong into the options of the plugin`,
      ),
  };
}

function said(row: Fields): Fields {
  return Object.fromEntries(Object.entries(row).filter(([, field]) => field !== undefined));
}

function parsed(path: string, display: string): unknown {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined) throw refused(display, 'is not there');
  if (size > maxFileBytes) throw refused(display, `has ${size} bytes, more than a price file can have`);
  try {
    const text = readFileSync(path, 'utf8');
    return path.endsWith('.json') ? (JSON.parse(text) as unknown) : (parse(text) as unknown);
  } catch (error) {
    throw refused(display, `cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function refused(display: string, reason: string): VibeError {
  return new VibeError('config', `${display} ${reason}.`, {
    next: [
      'Give the JSON file of models.dev (api.json), LiteLLM (model_prices_and_context_window.json) or genai-prices (data.json).',
    ],
  });
}

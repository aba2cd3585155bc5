import { readFileSync, statSync } from 'node:fs';
import { VibeError } from '@vibe/core';
import { priceFileSchema } from '@vibe/pricing-registry/schema';
import { parse } from 'yaml';
import { type FormatName, type FormatQuestion, formatNames, type ImportedFile, isFields } from './formats.js';
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
  const prices = (result.data.prices ?? []).map((price) => {
    const said = Object.fromEntries(Object.entries(price).filter(([, field]) => field !== undefined));
    return { source: display, verifiedAt: today, ...said } as ImportedFile['prices'][number];
  });
  return { format: 'vibe' satisfies FormatName, prices, skipped: [] };
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

import type { FxInput, PriceInput } from '@vibe/pricing-registry';

export const formatNames = ['models.dev', 'litellm', 'genai-prices', 'vibe'] as const;
export type FormatName = (typeof formatNames)[number];

/** What a file says about a price, in the form of the registry. */
export type ImportedPrice = PriceInput & { readonly source: string };

export interface ImportedFile {
  readonly format: FormatName;
  readonly prices: readonly ImportedPrice[];
  /** Exchange rates that the file brings for its own prices. */
  readonly currencies?: readonly FxInput[];
  /** What could not be taken over, and why. */
  readonly skipped: readonly string[];
}

/** Whose models a file names: our provider and the region its prices hold in. */
export interface Place {
  readonly provider: string;
  readonly region: string;
}

/** What a reader of a format is given. */
export interface FormatQuestion {
  /** A provider of the file that the tables do not know, and where it belongs. */
  readonly also: { readonly name: string; readonly place: Place } | null;
  /** `YYYY-MM-DD`; stands in rows that the file does not date. */
  readonly today: string;
}

/** Where the providers of these files belong. */
export const knownPlaces: Readonly<Record<string, Place>> = {
  google: { provider: 'gemini', region: 'global' },
  gemini: { provider: 'gemini', region: 'global' },
  alibaba: { provider: 'qwen', region: 'sg' },
  dashscope: { provider: 'qwen', region: 'sg' },
  'alibaba-cn': { provider: 'qwen', region: 'cn' },
};

export function placeOf(name: string, { also }: FormatQuestion): Place | null {
  if (also?.name === name) return also.place;
  return Object.hasOwn(knownPlaces, name) ? (knownPlaces[name] ?? null) : null;
}

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

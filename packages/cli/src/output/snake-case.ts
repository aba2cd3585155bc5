import { exactUsd } from './money.js';

/** What belongs to users and providers stays as it is, keys included. */
const verbatim = new Set(['tags', 'providerData', 'providerOptions', 'input', 'output', 'object', 'headers', 'body']);

/**
 * A value as the CLI prints it in JSON: keys in snake_case, money in USD as decimal text (the exact integer stands beside
 * it as `*_nano_usd`), bytes in base64. Unknown stays null.
 */
export function snakeCase(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof URL) return value.href;
  if (Array.isArray(value)) return value.map(snakeCase);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [snakeKey(key), entryOf(key, entry)]));
}

function entryOf(key: string, entry: unknown): unknown {
  if (verbatim.has(key)) return entry;
  if (typeof entry === 'number' && isUsd(key)) return exactUsd(Math.round(entry * 1e9));
  return snakeCase(entry);
}

function isUsd(key: string): boolean {
  return /(^u|U)sd$/.test(key) && !/[nN]anoUsd$/.test(key);
}

function snakeKey(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

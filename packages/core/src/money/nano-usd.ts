import { VibeError } from '../errors/vibe-error.js';
import type { NanoUsd } from '../spec/money.js';

const nanoPerUsd = 1_000_000_000;

/** Limits and caps people write in USD, as an integer. Rounded to the nearest nano-USD: 0.1 is exactly 100,000,000. */
export function nanoUsdOf(usd: number, what = 'amount'): NanoUsd {
  const nanoUsd = Math.round(usd * nanoPerUsd);
  if (!Number.isSafeInteger(nanoUsd) || nanoUsd < 0) {
    throw new VibeError('config', `${what} must be between 0 and 9,007,199 USD, got ${usd}.`);
  }
  return nanoUsd;
}

/** For people; the integer stays the truth. */
export function usdOf(nanoUsd: NanoUsd): number {
  return nanoUsd / nanoPerUsd;
}

/** `$1.2345`, with as many digits as a small amount needs (at least 4, at most 9). */
export function formatUsd(nanoUsd: NanoUsd): string {
  const sign = nanoUsd < 0 ? '-' : '';
  const digits = Math.abs(nanoUsd) >= nanoPerUsd / 100 || nanoUsd === 0 ? 4 : 9;
  const [whole, fraction = ''] = (Math.abs(nanoUsd) / nanoPerUsd).toFixed(digits).split('.');
  const trimmed = fraction.replace(/0+$/, '').padEnd(4, '0');
  return `${sign}$${whole}.${trimmed}`;
}

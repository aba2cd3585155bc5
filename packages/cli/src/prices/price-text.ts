import type { RegistryRate } from '@vibe/pricing-registry';

const dayMs = 86_400_000;

/** `2.50` per million tokens, `0.20` per image: the price for the number of units people think in. */
export function perUsualAmount({ price, per, unit }: Pick<RegistryRate, 'price' | 'per' | 'unit'>): number {
  return (Number(price) / per) * usualAmount(unit);
}

export function usualAmount(unit: string): number {
  if (unit.endsWith('_token')) return 1_000_000;
  return unit === 'character' ? 10_000 : 1;
}

/** `1M tokens`, `10,000 characters`, `image`. */
export function usualAmountText(unit: string): string {
  if (unit.endsWith('_token')) return '1M tokens';
  if (unit === 'character') return '10,000 characters';
  return unit === 'audio_second' ? 'second' : unit.replaceAll('_', ' ');
}

/** `$2.50`, `CNY 0.8`; at most six significant digits, none of them made up. */
export function priceText(amount: number, currency: string): string {
  const [whole = '0', fraction = ''] = decimal(amount).split('.');
  const text = `${whole}.${fraction.padEnd(2, '0')}`;
  return currency === 'USD' ? `$${text}` : `${currency} ${text}`;
}

function decimal(amount: number): string {
  return Number(amount.toPrecision(6))
    .toFixed(12)
    .replace(/\.?0+$/, '');
}

/** `0–200,000`, `200,001+`; empty without tiers. */
export function tierText({ tier }: Pick<RegistryRate, 'tier'>): string {
  if (tier === null) return '';
  const from = tier.fromTokens.toLocaleString('en-US');
  return tier.toTokens === null ? `${from}+` : `${from}–${tier.toTokens.toLocaleString('en-US')}`;
}

/** Days since a row was verified; never negative. */
export function ageDays({ verifiedAt }: Pick<RegistryRate, 'verifiedAt'>, nowMs: number): number {
  return Math.max(0, Math.floor((nowMs - Date.parse(`${verifiedAt}T00:00:00Z`)) / dayMs));
}

/** Beyond this a price wants a second look. Prices of the providers changed several times within a year. */
export const staleAfterDays = 180;

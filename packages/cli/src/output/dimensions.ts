import type { Quantities } from '@vibe/core';
import { count, percent, short } from './numbers.js';
import { playTime } from './time.js';

/** What people call a billing unit, and which kind of thing it measures. */
export type Dimension = 'tokens' | 'images' | 'audio' | 'characters' | 'requests' | 'other';

const dimensions: Readonly<Record<string, Dimension>> = {
  input_token: 'tokens',
  cached_input_token: 'tokens',
  cache_write_token: 'tokens',
  output_token: 'tokens',
  reasoning_token: 'tokens',
  input_image_token: 'images',
  output_image_token: 'images',
  image: 'images',
  input_audio_token: 'audio',
  output_audio_token: 'audio',
  audio_second: 'audio',
  character: 'characters',
  request: 'requests',
};

/** Units of the future, and money without a unit, are `other`. */
export function dimensionOf(unit: string): Dimension {
  return Object.hasOwn(dimensions, unit) ? (dimensions[unit] as Dimension) : 'other';
}

/** Tokens in: text that was read, cached or not. Null when nothing is known. */
export function tokensIn(quantities: Quantities): number | null {
  return sumOf(quantities, ['input_token', 'cached_input_token', 'cache_write_token']);
}

export function tokensOut(quantities: Quantities): number | null {
  return sumOf(quantities, ['output_token', 'reasoning_token']);
}

/** Share of the tokens in that came from a cache; null when nothing is known. */
export function cachedShare(quantities: Quantities): number | null {
  const input = tokensIn(quantities);
  return input === null || input === 0 ? null : (quantities['cached_input_token'] ?? 0) / input;
}

/** Everything that is no text token: `14 images · 6 m 12 s audio`. Empty when there is nothing. */
export function mediaText(quantities: Quantities): string {
  const tokens = sumOf(quantities, [
    'input_audio_token',
    'output_audio_token',
    'input_image_token',
    'output_image_token',
  ]);
  const { image = 0, audio_second: seconds = 0, character = 0 } = quantities;
  return [
    ...(tokens !== null && tokens > 0 ? [`${short(tokens)} media tokens`] : []),
    ...(image > 0 ? [`${count(image)} ${image === 1 ? 'image' : 'images'}`] : []),
    ...(seconds > 0 ? [`${playTime(seconds)} audio`] : []),
    ...(character > 0 ? [`${short(character)} characters`] : []),
  ].join(' · ');
}

/** `1.21M in (38% cached) · 240k out · 14 images`. */
export function usageText(quantities: Quantities): string {
  const cached = cachedShare(quantities) ?? 0;
  const media = mediaText(quantities);
  return [
    `${short(tokensIn(quantities) ?? 0)} in${cached > 0 ? ` (${percent(cached)} cached)` : ''}`,
    `${short(tokensOut(quantities) ?? 0)} out`,
    ...(media === '' ? [] : [media]),
  ].join(' · ');
}

/** One quantity with its unit: `240k`, `14`, `6 m 12 s`. */
export function quantityText(unit: string, quantity: number): string {
  if (unit === 'audio_second') return playTime(quantity);
  return quantity < 1_000 ? String(Math.round(quantity * 100) / 100) : short(quantity);
}

function sumOf(quantities: Quantities, units: readonly string[]): number | null {
  const known = units.flatMap((unit) => quantities[unit] ?? []);
  return known.length === 0 ? null : known.reduce((sum, quantity) => sum + quantity, 0);
}

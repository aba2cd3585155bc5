import type { Quantities, Target, Usage } from '@vibe/core';

const nanoPerUsd = 1e9;

/** Enough digits that the smallest answer is seen: unknown is unknown, and never $0. */
export function usd(nanoUsd: number | null | undefined): string {
  if (nanoUsd === null || nanoUsd === undefined) return 'unknown';
  const dollars = Math.abs(nanoUsd) / nanoPerUsd;
  const digits = dollars === 0 ? 2 : dollars >= 1 ? 2 : dollars >= 0.01 ? 4 : dollars >= 0.0001 ? 6 : 9;
  const text = dollars.toFixed(digits);
  return `${nanoUsd < 0 ? '−' : ''}$${digits > 4 ? text.replace(/0{1,5}$/, '') : text}`;
}

/** For the lines of a chart: all of them with as many digits as the step between them needs. */
export function axisUsd(nanoUsd: number, stepNanoUsd: number): string {
  const step = stepNanoUsd / nanoPerUsd;
  let digits = 2;
  while (digits < 9 && Math.abs(Number(step.toFixed(digits)) - step) > step / 1000) digits++;
  return `$${(nanoUsd / nanoPerUsd).toFixed(digits)}`;
}

export function usdOfDollars(dollars: number | null | undefined): string {
  return usd(dollars === null || dollars === undefined ? dollars : Math.round(dollars * nanoPerUsd));
}

export function seconds(ms: number | null): string {
  if (ms === null) return 'unknown';
  return ms < 10_000 ? `${(ms / 1000).toFixed(2)} s` : `${(ms / 1000).toFixed(1)} s`;
}

/** `5 h 7 min`, `42 s`: for what is still to come. */
export function duration(ms: number): string {
  const total = Math.max(0, Math.ceil(ms / 1000));
  const [days, hours, minutes] = [
    Math.floor(total / 86_400),
    Math.floor(total / 3600) % 24,
    Math.floor(total / 60) % 60,
  ];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${total % 60} s` : `${total} s`;
}

export function count(value: number, unit: string): string {
  return `${whole(value)} ${unit}${value === 1 ? '' : 's'}`;
}

export function whole(value: number): string {
  return value.toLocaleString('en-US');
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;
}

export function targetName({ model, provider, endpoint }: Pick<Target, 'model' | 'provider' | 'endpoint'>): string {
  return `${model} @ ${provider}/${endpoint}`;
}

const inputUnits = ['input_token', 'cached_input_token', 'cache_write_token', 'input_audio_token', 'input_image_token'];
const outputUnits = ['output_token', 'reasoning_token', 'output_audio_token', 'output_image_token'];

/** `31 in, 148 out`, `2 images`, `3.2 s of sound`: what was used, in the units it is billed in. */
export function usageText(usage: Usage | null): string {
  if (usage === null) return 'usage unknown';
  const { quantities } = usage;
  const tokens = [sum(quantities, inputUnits, 'in'), sum(quantities, outputUnits, 'out')].filter(
    (text) => text !== null,
  );
  const others = Object.entries(quantities)
    .filter(([unit, quantity]) => ![...inputUnits, ...outputUnits].includes(unit) && quantity !== undefined)
    .map(([unit, quantity = 0]) => quantityText(unit, quantity));
  const text = [...tokens, ...others].join(', ');
  return `${text === '' ? 'usage unknown' : text}${usage.unknown ? ' (estimated)' : ''}`;
}

/** A quantity with its unit: `148 output tokens`, `3.2 s of sound`. */
function quantityText(unit: string, quantity: number): string {
  if (unit === 'audio_second') return `${Number(quantity.toFixed(1))} s of sound`;
  return count(quantity, unit.replaceAll('_', ' '));
}

function sum(quantities: Quantities, units: readonly string[], name: string): string | null {
  const known = units.map((unit) => quantities[unit]).filter((quantity) => quantity !== undefined);
  if (known.length === 0) return null;
  return `${whole(known.reduce((total, quantity) => total + quantity, 0))} ${name}`;
}

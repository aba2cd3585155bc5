import { InvalidArgumentError } from 'commander';

/** Parsers of flag values. Each throws what commander prints behind the name of the flag. */

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError('It takes a whole number from 1.');
}

export function amountUsd(text: string): number {
  const value = numberIn(text.replace(/^\$/, '').replace(/\s*usd$/i, ''));
  if (value !== null && value >= 0) return value;
  throw new InvalidArgumentError('It takes an amount in USD, such as 0.05.');
}

export function secondsCount(text: string): number {
  const value = numberIn(text.replace(/\s*s$/i, ''));
  if (value !== null && value >= 0) return value;
  throw new InvalidArgumentError('It takes seconds, such as 30.');
}

/** Between two looks: neither without a pause, nor longer than a timer can keep. */
export function pauseSeconds(text: string): number {
  const value = secondsCount(text);
  if (value >= minPauseSeconds && value <= maxPauseSeconds) return value;
  throw new InvalidArgumentError(`It takes seconds from ${minPauseSeconds} to ${maxPauseSeconds}, such as 2.`);
}

const minPauseSeconds = 0.1;
const maxPauseSeconds = 86_400;

/** An amount that may be negative. */
export function signedUsd(text: string): number {
  const value = numberIn(text.replace(/^([+-]?)\$/, '$1').replace(/\s*usd$/i, ''));
  if (value !== null && value !== 0) return value;
  throw new InvalidArgumentError('It takes a difference in USD, such as 0.05 or -0.05.');
}

export function percentage(text: string): number {
  const value = numberIn(text.replace(/\s*%$/, ''));
  if (value !== null && value >= 0) return value;
  throw new InvalidArgumentError('It takes a share in percent, such as 80.');
}

export function temperature(text: string): number {
  const value = numberIn(text);
  if (value !== null && value >= 0) return value;
  throw new InvalidArgumentError('It takes a number from 0, such as 0.7.');
}

export function timezone(text: string): string {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return text;
  } catch {
    throw new InvalidArgumentError('It takes an IANA time zone, such as Asia/Shanghai or UTC.');
  }
}

/** A flag that may be repeated. */
export function repeated(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}

/** `KEY=VALUE`, repeated. */
export function tag(
  text: string,
  before: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('It takes KEY=VALUE, such as user=alice.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

/** Number() alone would take '' for 0. */
function numberIn(text: string): number | null {
  const value = Number(text);
  return text.trim() === '' || !Number.isFinite(value) ? null : value;
}

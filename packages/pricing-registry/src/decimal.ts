/** An exact non-negative number. */
export interface Ratio {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

export const one: Ratio = { numerator: 1n, denominator: 1n };

/** `'0.30'` → 3/10. Null for anything but plain digits with an optional fraction: no sign, no exponent, no spaces. */
export function parseDecimal(text: string): Ratio | null {
  const match = /^(\d{1,18})(?:\.(\d{1,18}))?$/.exec(text);
  if (match === null) return null;
  const [, whole = '', fraction = ''] = match;
  return reduced({ numerator: BigInt(whole + fraction), denominator: 10n ** BigInt(fraction.length) });
}

/** Not reduced: cheap enough for every line of every bill. */
export function product(a: Ratio, b: Ratio): Ratio {
  return { numerator: a.numerator * b.numerator, denominator: a.denominator * b.denominator };
}

/** `quantity × ratio`, rounded up to a whole number. */
export function ceilTimes(quantity: bigint, { numerator, denominator }: Ratio): bigint {
  return (quantity * numerator + denominator - 1n) / denominator;
}

/** The nearest double. */
export function toNumber({ numerator, denominator }: Ratio): number {
  return Number(numerator) / Number(denominator);
}

/** In lowest terms. */
export function reduced({ numerator, denominator }: Ratio): Ratio {
  const divisor = greatestCommonDivisor(numerator, denominator);
  return { numerator: numerator / divisor, denominator: denominator / divisor };
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [larger, smaller] = [a, b];
  while (smaller !== 0n) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}

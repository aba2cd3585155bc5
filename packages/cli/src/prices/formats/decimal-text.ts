/**
 * A number of a price file as the decimal it was written as, times 10 to the power of `shift`: 3e-07 shifted by 6 is `0.3`.
 * Digits are moved, nothing is multiplied, so no rounding. Null for what is no price.
 */
export function decimalText(value: unknown, shift = 0): string | null {
  const text = typeof value === 'number' && Number.isFinite(value) ? String(value) : value;
  if (typeof text !== 'string') return null;
  const match = /^(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(text);
  if (match === null) return null;
  const [, whole = '', fraction = '', exponent = '0'] = match;
  const point = whole.length + Number(exponent) + shift;
  if (Math.abs(point) > maxDigits) return null;
  const digits = (whole + fraction).padEnd(point, '0').padStart(digitsNeeded(whole + fraction, point), '0');
  const at = Math.max(1, point);
  const left = digits.slice(0, at).replace(/^0+(?=\d)/, '');
  const right = digits.slice(at).replace(/0+$/, '');
  return right === '' ? left : `${left}.${right}`;
}

const maxDigits = 30;

/** With zeros in front, so that one digit stands before the point. */
function digitsNeeded(digits: string, point: number): number {
  return point >= 1 ? digits.length : digits.length + 1 - point;
}

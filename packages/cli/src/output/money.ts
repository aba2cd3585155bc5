const nanoPerUsd = 1_000_000_000n;

/**
 * An amount for people: `$3.4127`, `$176.22` from 100 on, and as many digits as an amount below a cent needs to be seen:
 * `$0.000021`. What is not nothing never reads as $0.00.
 */
export function usd(nanoUsd: number): string {
  const size = Math.abs(nanoUsd);
  const digits = size >= 100e9 ? 2 : size >= 0.01e9 || size === 0 ? 4 : 9;
  const text = decimal(nanoUsd, digits);
  if (digits < 9) return text;
  // Two significant digits are enough for people; the exact number is in --json.
  const zeros = /^-?\$0\.(0*)/.exec(text)?.[1]?.length ?? 0;
  return decimal(nanoUsd, Math.min(9, Math.max(4, zeros + 2)));
}

/** An amount for programs: a decimal text without rounding, `0.000021`. */
export function exactUsd(nanoUsd: number): string {
  const text = decimal(nanoUsd, 9).replace('$', '').replaceAll(',', '');
  return text.replace(/\.?0+$/, '');
}

function decimal(nanoUsd: number, digits: number): string {
  const unit = 10n ** BigInt(9 - digits);
  const size = BigInt(Math.abs(nanoUsd));
  const rounded = ((size + unit / 2n) / unit) * unit;
  const whole = String(rounded / nanoPerUsd).replace(/\B(?=(\d{3})+$)/g, ',');
  const fraction = String(rounded % nanoPerUsd)
    .padStart(9, '0')
    .slice(0, digits);
  return `${nanoUsd < 0 ? '-' : ''}$${whole}.${fraction}`;
}

/** `1,204`. */
export function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Large counts in short: `940`, `18.2k`, `240k`, `1.21M`. */
export function short(value: number): string {
  if (value < 1_000) return String(value);
  const [unit, suffix] = value < 999_500 ? [1_000, 'k'] : [1_000_000, 'M'];
  const scaled = value / unit;
  const digits = scaled >= 99.95 ? 0 : suffix === 'M' ? 2 : 1;
  return `${scaled.toFixed(digits).replace(/\.0+$/, '')}${suffix}`;
}

/** `68%`. What is not full never reads as 100%, and what is not nothing never as 0%. */
export function percent(share: number): string {
  const value = share * 100;
  if (value > 0 && value < 0.5) return '<1%';
  if (value >= 100) return `${Math.round(value)}%`;
  return `${Math.min(99, Math.round(value))}%`;
}

/** Small shares with a digit behind the point: `2.2%`. What is not nothing never reads as 0.0%. */
export function finePercent(share: number): string {
  const value = share * 100;
  return value > 0 && value < 0.05 ? '<0.1%' : `${value.toFixed(1)}%`;
}

/** The characters that bars are drawn with; `ascii` where a terminal cannot show blocks. */
export interface BarStyle {
  readonly full: string;
  readonly held: string;
  readonly empty: string;
  /** From the lowest to the highest. */
  readonly steps: readonly string[];
  readonly nothing: string;
  /** Of the line below a table's heading. */
  readonly rule: string;
}

export const blocks: BarStyle = {
  full: '█',
  held: '▒',
  empty: '░',
  steps: ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
  nothing: '·',
  rule: '─',
};

export const ascii: BarStyle = {
  full: '#',
  held: '=',
  empty: '.',
  steps: ['0', '1', '2', '3', '4', '5', '6', '7'],
  nothing: '.',
  rule: '-',
};

/**
 * A gauge of `width` cells: spent, then held, then what is left. What is above 0 has at least one cell, and what is not
 * used up leaves at least one empty.
 */
export function bar(spent: number, held: number, limit: number, width: number, style: BarStyle): string {
  if (limit <= 0) return style.full.repeat(width);
  const isUsedUp = spent + held >= limit;
  // Beyond its limit the whole bar is what was used.
  const whole = Math.max(limit, spent + held);
  const used = Math.min(isUsedUp ? width : width - 1, cellsOf(spent + held, whole, width));
  const heldCells = Math.min(used - (spent > 0 ? 1 : 0), cellsOf(held, whole, width));
  const { full, held: hold, empty } = style;
  return full.repeat(used - heldCells) + hold.repeat(heldCells) + empty.repeat(width - used);
}

function cellsOf(amount: number, whole: number, width: number): number {
  return amount === 0 ? 0 : Math.max(1, Math.round((amount / whole) * width));
}

/** A line of values as heights; 0 and null (not there yet) are shown as nothing. */
export function sparkline(values: readonly (number | null)[], style: BarStyle): string {
  const highest = Math.max(0, ...values.map((value) => value ?? 0));
  return values
    .map((value) => {
      if (value === null || value <= 0) return style.nothing;
      const step = Math.ceil((value / highest) * style.steps.length) - 1;
      return style.steps[step] ?? style.nothing;
    })
    .join('');
}

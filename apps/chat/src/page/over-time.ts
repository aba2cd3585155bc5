import type { ReportRow } from '@vibe/core';
import type { ReportBucket, SpendReport } from '../wire.js';
import { type Bar, colourOf, maxParts, type StackedBars, stackedBars } from './chart.js';
import { byId, fill, h } from './dom.js';
import { type Filters, shownOf } from './filters.js';
import { axisUsd, usd, whole } from './format.js';
import { table } from './tables.js';

const other = 'other';

/** Spend over time: the bars, what their colours mean, and the same numbers as a table. */
export class OverTime {
  readonly #chart = byId('chart', HTMLElement);
  readonly #legend = byId('legend', HTMLElement);
  readonly #table = byId('chart-table', HTMLElement);
  readonly #toggle: (key: string) => void;
  #bars: StackedBars | null = null;

  /** `toggle` hears which part the user wants to see alone, or not any more. */
  constructor(toggle: (key: string) => void) {
    this.#toggle = toggle;
    new ResizeObserver(() => this.#draw()).observe(this.#chart);
  }

  show(report: SpendReport, filters: Filters): void {
    const keys = partsOf(report);
    const shown = filters.only.length === 0 ? keys : keys.filter((key) => filters.only.includes(key));
    const show = shownOf(filters);
    const value = ({ costNanoUsd, calls }: ReportRow) => (show === 'cost' ? costNanoUsd : calls);
    const format = show === 'cost' ? usd : (calls: number) => whole(Math.round(calls));
    const axis = show === 'cost' ? axisUsd : format;
    const held = show === 'cost' && filters.only.length === 0 ? heldNow(report) : 0;
    const nowMs = Date.now();
    const bars = report.buckets.map((bucket): Bar => {
      const amounts = keys.map((key) => (shown.includes(key) ? amountOf(bucket, key, keys, value) : 0));
      const isNow = nowMs >= bucket.startMs && nowMs < bucket.endMs;
      const { label, title } = labelsOf(bucket.startMs, report);
      return { label, title, parts: amounts, held: isNow ? held : 0 };
    });
    const what = show === 'cost' ? 'Spend' : 'Calls';
    const title = `${what} per ${report.bucket} by ${report.split}; the table below has the numbers`;
    const names = keys.map(nameOf);
    this.#bars = { title, names, bars, format, isWhole: show === 'calls', axis };
    this.#draw();
    fill(this.#legend, ...keys.map((key, index) => this.#key(key, index, filters.only)));
    fill(this.#table, numbers(`${what} per ${report.bucket}`, names, bars, format, held > 0));
  }

  #key(key: string, index: number, only: readonly string[]): HTMLElement {
    const pressed = only.includes(key);
    const swatch = h('span', { class: `swatch ${colourOf(index)}`, 'aria-hidden': true });
    return h(
      'li',
      {},
      h(
        'button',
        { type: 'button', class: 'small', 'aria-pressed': pressed, onclick: () => this.#toggle(key) },
        swatch,
        nameOf(key),
      ),
    );
  }

  #draw(): void {
    if (this.#bars !== null) fill(this.#chart, stackedBars(this.#bars, this.#chart.clientWidth));
  }
}

/** Units have names like `output_token`. */
function nameOf(key: string): string {
  return key.replaceAll('_', ' ');
}

/** The dearest parts of the whole time; the others are one. */
function partsOf({ buckets }: SpendReport): readonly string[] {
  const sums = new Map<string, { cost: number; calls: number }>();
  for (const { key, costNanoUsd, calls } of buckets.flatMap(({ rows }) => rows)) {
    const sum = sums.get(key) ?? { cost: 0, calls: 0 };
    sums.set(key, { cost: sum.cost + costNanoUsd, calls: sum.calls + calls });
  }
  const sorted = [...sums].sort(([, left], [, right]) => right.cost - left.cost || right.calls - left.calls);
  const keys = sorted.map(([key]) => key);
  return keys.length <= maxParts ? keys : [...keys.slice(0, maxParts), other];
}

function amountOf(
  { rows }: ReportBucket,
  key: string,
  keys: readonly string[],
  value: (row: ReportRow) => number,
): number {
  const meant = rows.filter((row) => (key === other ? !keys.includes(row.key) : row.key === key));
  return meant.reduce((sum, row) => sum + value(row), 0);
}

/** By running calls, in the budget of the day. */
function heldNow({ budgets }: SpendReport): number {
  return budgets.find(({ id }) => id === 'today')?.heldNanoUsd ?? 0;
}

function labelsOf(startMs: number, { bucket, timezone }: SpendReport): { label: string; title: string } {
  const say = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-GB', { timeZone: timezone, ...options }).format(startMs);
  const day = say({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' });
  if (bucket === 'hour')
    return {
      label: say({ hour: '2-digit', minute: '2-digit' }),
      title: `${day}, ${say({ hour: '2-digit', minute: '2-digit' })}`,
    };
  return { label: say({ day: 'numeric', month: 'short' }), title: bucket === 'week' ? `The week of ${day}` : day };
}

/** Only bars with something in them: a quiet night needs no rows. */
function numbers(
  caption: string,
  keys: readonly string[],
  bars: readonly Bar[],
  format: (value: number) => string,
  withHeld: boolean,
): HTMLElement {
  const sum = ({ parts }: Bar) => parts.reduce((total, part) => total + part, 0);
  return table<Bar>(
    caption,
    [
      { name: 'When', cell: ({ title }) => title },
      ...keys.map((name, index) => ({ name, number: true, cell: ({ parts }: Bar) => format(parts[index] ?? 0) })),
      { name: 'Together', number: true, cell: (bar) => format(sum(bar)) },
      ...(withHeld ? [{ name: 'Held now', number: true, cell: ({ held }: Bar) => format(held) }] : []),
    ],
    bars.filter((bar) => sum(bar) > 0 || bar.held > 0),
  );
}

import type { UsagePairs } from '../protocol.js';
import { usagePairsOfJson } from '../row-values.js';
import { Histogram } from './histogram.js';

/** What reports need of a row of table `attempt`. */
export interface StoredMeasures {
  readonly attempt: number;
  readonly usage_json: string | null;
  readonly usage_unknown: number;
  readonly cost_actual_nano: number | null;
  readonly charged_nano: number;
  readonly ttft_ms: number | null;
  readonly total_ms: number | null;
  readonly last: number;
}

/** The same with its usage read. */
export interface MeasuredAttempt {
  readonly attempt: number;
  readonly usage: UsagePairs | null;
  readonly usage_unknown: number;
  readonly cost_actual_nano: number | null;
  readonly charged_nano: number;
  readonly ttft_ms: number | null;
  readonly total_ms: number | null;
  readonly last: number;
}

export function measuredOf(row: StoredMeasures): MeasuredAttempt {
  const { attempt, usage_json, usage_unknown, cost_actual_nano, charged_nano, ttft_ms, total_ms, last } = row;
  return {
    attempt,
    usage: usagePairsOfJson(usage_json),
    usage_unknown,
    cost_actual_nano,
    charged_nano,
    ttft_ms,
    total_ms,
    last,
  };
}

/** A row of table `rollup`, without its key. */
export interface MeasureRow {
  readonly row_count: number;
  readonly calls: number;
  readonly attempts: number;
  readonly cost_nano: number;
  readonly unpriced: number;
  readonly usage_unknown: number;
  readonly usage_json: string;
  readonly ttft_hist: Buffer;
  readonly total_hist: Buffer;
}

/** Sums over attempts. What reports, rollups and their check have in common. */
export class Measure {
  rows = 0;
  /** Rows that count their call. */
  calls = 0;
  /** Physical requests. */
  attempts = 0;
  costNanoUsd = 0;
  unpriced = 0;
  usageUnknown = 0;
  readonly quantities = new Map<string, number>();
  /** Of physical requests, however they ended. */
  readonly ttft = new Histogram();
  readonly total = new Histogram();

  /** `sign` −1 takes a row out again. */
  add(row: MeasuredAttempt, sign: 1 | -1 = 1): void {
    this.rows += sign;
    this.calls += sign * row.last;
    if (row.attempt > 0) this.attempts += sign;
    this.costNanoUsd += sign * row.charged_nano;
    if (row.cost_actual_nano === null) this.unpriced += sign;
    this.usageUnknown += sign * row.usage_unknown;
    if (row.usage !== null) this.#addPairs(row.usage, sign);
    if (row.attempt === 0) return;
    if (row.ttft_ms !== null) this.ttft.add(row.ttft_ms, sign);
    if (row.total_ms !== null) this.total.add(row.total_ms, sign);
  }

  addRow(row: MeasureRow): void {
    this.rows += row.row_count;
    this.calls += row.calls;
    this.attempts += row.attempts;
    this.costNanoUsd += row.cost_nano;
    this.unpriced += row.unpriced;
    this.usageUnknown += row.usage_unknown;
    const quantities = JSON.parse(row.usage_json) as Record<string, number>;
    for (const unit in quantities) this.addQuantity(unit, quantities[unit] ?? 0);
    this.ttft.addBytes(row.ttft_hist);
    this.total.addBytes(row.total_hist);
  }

  /** `sign` −1 takes it out again. */
  addMeasure(other: Measure, sign: 1 | -1 = 1): void {
    this.rows += sign * other.rows;
    this.calls += sign * other.calls;
    this.attempts += sign * other.attempts;
    this.costNanoUsd += sign * other.costNanoUsd;
    this.unpriced += sign * other.unpriced;
    this.usageUnknown += sign * other.usageUnknown;
    for (const [unit, quantity] of other.quantities) this.addQuantity(unit, sign * quantity);
    this.ttft.addHistogram(other.ttft, sign);
    this.total.addHistogram(other.total, sign);
  }

  toRow(): MeasureRow {
    const quantities = [...this.quantities].sort(([left], [right]) => (left < right ? -1 : 1));
    return {
      row_count: this.rows,
      calls: this.calls,
      attempts: this.attempts,
      cost_nano: this.costNanoUsd,
      unpriced: this.unpriced,
      usage_unknown: this.usageUnknown,
      usage_json: JSON.stringify(Object.fromEntries(quantities)),
      ttft_hist: this.ttft.toBytes(),
      total_hist: this.total.toBytes(),
    };
  }

  #addPairs(usage: UsagePairs, sign: 1 | -1): void {
    for (let index = 0; index < usage.length; index += 2)
      this.addQuantity(usage[index] as string, sign * (usage[index + 1] as number));
  }

  addQuantity(unit: string, quantity: number): void {
    this.quantities.set(unit, (this.quantities.get(unit) ?? 0) + quantity);
  }
}

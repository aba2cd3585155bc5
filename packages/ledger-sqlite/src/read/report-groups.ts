import { noTag, type ReportRow, usdOf } from '@vibe/core';
import { Cell, type StoredCell } from '../detail/cell.js';
import type { MeasuredAttempt, MeasureRow } from '../measure/measure.js';

/** Where a sum belongs: what a report can be grouped by, apart from time. */
export interface Place {
  readonly target_id: number | null;
  readonly status: string;
  readonly error_code: string | null;
}

/** The line of a report that a sum belongs to. */
export type KeyOf = (place: Place) => string;

/** The lines of a report while they are summed up. */
export class ReportGroups {
  readonly #byKey = new Map<string, Cell>();
  readonly #breakdown: boolean;
  /** Only where the lines do not add up to it: an attempt may be in several lines, or in none yet. */
  #total: Cell | null = null;

  constructor(breakdown: boolean) {
    this.#breakdown = breakdown;
  }

  addRollup(key: string, status: string, row: MeasureRow): void {
    const group = this.of(key);
    group.measure.addRow(row);
    group.count(status, row.row_count);
  }

  addAttempt(key: string, status: string, attempt: MeasuredAttempt): void {
    this.of(key).addAttempt(status, attempt, null);
  }

  addStored(key: string, cell: StoredCell): void {
    this.of(key).addStored(cell);
  }

  /** The line with this key; a new one when there is none. */
  of(key: string): Cell {
    let group = this.#byKey.get(key);
    if (group === undefined) {
      group = new Cell();
      this.#byKey.set(key, group);
    }
    return group;
  }

  /** Whoever adds to it adds everything to it. */
  get total(): Cell {
    this.#total ??= new Cell();
    return this.#total;
  }

  /** What is in the total and in no line becomes the line `noTag`. */
  addRest(): void {
    const rest = new Cell();
    rest.addCell(this.total);
    rest.addCell(this.#sum(), -1);
    const line = this.#byKey.get(noTag);
    if (line === undefined && rest.measure.rows === 0 && rest.measure.costNanoUsd === 0) return;
    this.of(noTag).addCell(rest);
    const { measure, costByUnit } = this.of(noTag);
    for (const [unit, quantity] of measure.quantities)
      if (Math.abs(quantity) < smallestQuantity) measure.quantities.delete(unit);
    for (const [unit, nanoUsd] of costByUnit) if (nanoUsd === 0) costByUnit.delete(unit);
  }

  rows(): ReportRow[] {
    return [...this.#byKey].map(([key, group]) => rowOf(key, group, this.#breakdown));
  }

  totalRow(): ReportRow {
    return rowOf('total', this.#total ?? this.#sum(), this.#breakdown);
  }

  #sum(): Cell {
    const sum = new Cell();
    for (const group of this.#byKey.values()) sum.addCell(group);
    return sum;
  }
}

/** Less is what fractions leave behind when one takes them away from their sum. */
const smallestQuantity = 1e-6;

function rowOf(key: string, { measure, byStatus, costByUnit }: Cell, breakdown: boolean): ReportRow {
  const { calls, attempts, costNanoUsd, unpriced, usageUnknown, quantities, ttft, total } = measure;
  const count = (status: string) => byStatus.get(status) ?? 0;
  return {
    key,
    calls,
    attempts,
    ok: count('ok'),
    failed: count('failed'),
    cancelled: count('cancelled'),
    blocked: count('blocked'),
    expired: count('expired'),
    costNanoUsd,
    costUsd: usdOf(costNanoUsd),
    unpriced,
    usageUnknown,
    quantities: Object.fromEntries(quantities),
    ...(breakdown && { costByUnit: Object.fromEntries(costByUnit) }),
    ttftP50Ms: ttft.percentile(0.5),
    totalP50Ms: total.percentile(0.5),
    totalP95Ms: total.percentile(0.95),
  };
}

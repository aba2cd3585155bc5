import type { NanoUsd } from '@vibe/core';
import { Measure, type MeasuredAttempt } from '../measure/measure.js';

/** A cell in a file: what sums of sums need, in this order; durations as pairs of bucket and count. */
export type StoredCell = readonly [
  rows: number,
  calls: number,
  attempts: number,
  costNanoUsd: NanoUsd,
  unpriced: number,
  usageUnknown: number,
  byStatus: Readonly<Record<string, number>>,
  quantities: Readonly<Record<string, number>>,
  costByUnit: Readonly<Record<string, NanoUsd>>,
  ttft: readonly number[],
  total: readonly number[],
];

/** Sums of attempts that belong together: a line of a report, or a part of one. */
export class Cell {
  readonly measure = new Measure();
  /** Rows of each status. */
  readonly byStatus = new Map<string, number>();
  /** Together the cost of the measure, where it was asked for. */
  readonly costByUnit = new Map<string, NanoUsd>();

  /** `costs`: what the attempt was charged, by unit; null where nobody asks. */
  addAttempt(status: string, attempt: MeasuredAttempt, costs: ReadonlyMap<string, NanoUsd> | null): void {
    this.measure.add(attempt);
    this.count(status, 1);
    if (costs !== null) this.addCosts(costs);
  }

  addCosts(costs: ReadonlyMap<string, NanoUsd>, sign: 1 | -1 = 1): void {
    for (const [unit, nanoUsd] of costs) add(this.costByUnit, unit, sign * nanoUsd);
  }

  /** Money without an attempt. */
  addCost(unit: string, nanoUsd: NanoUsd): void {
    this.measure.costNanoUsd += nanoUsd;
    add(this.costByUnit, unit, nanoUsd);
  }

  count(status: string, rows: number): void {
    add(this.byStatus, status, rows);
  }

  /** `sign` −1 takes it out again. */
  addCell(other: Cell, sign: 1 | -1 = 1): void {
    this.measure.addMeasure(other.measure, sign);
    for (const [status, rows] of other.byStatus) this.count(status, sign * rows);
    this.addCosts(other.costByUnit, sign);
  }

  addStored(stored: StoredCell): void {
    const [rows, calls, attempts, cost, unpriced, unknown, byStatus, quantities, costs, ttft, total] = stored;
    const { measure } = this;
    measure.rows += rows;
    measure.calls += calls;
    measure.attempts += attempts;
    measure.costNanoUsd += cost;
    measure.unpriced += unpriced;
    measure.usageUnknown += unknown;
    for (const status in byStatus) this.count(status, byStatus[status] ?? 0);
    for (const unit in quantities) measure.addQuantity(unit, quantities[unit] ?? 0);
    for (const unit in costs) add(this.costByUnit, unit, costs[unit] ?? 0);
    measure.ttft.addPairs(ttft);
    measure.total.addPairs(total);
  }

  toStored(): StoredCell {
    const { rows, calls, attempts, costNanoUsd, unpriced, usageUnknown, quantities, ttft, total } = this.measure;
    return [
      rows,
      calls,
      attempts,
      costNanoUsd,
      unpriced,
      usageUnknown,
      inOrder(this.byStatus),
      inOrder(quantities),
      inOrder(this.costByUnit),
      ttft.toPairs(),
      total.toPairs(),
    ];
  }
}

/** Equal sums are written in the same way. */
function inOrder(values: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...values].sort(byKey));
}

export function byKey([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : 1;
}

function add(sums: Map<string, number>, key: string, value: number): void {
  sums.set(key, (sums.get(key) ?? 0) + value);
}

/** The same sums. Fractions (seconds of audio) may have been added in another order. */
export function sameCells(left: Cell, right: Cell): boolean {
  const rest = new Cell();
  rest.addCell(left);
  rest.addCell(right, -1);
  const { rows, calls, attempts, costNanoUsd, unpriced, usageUnknown, quantities } = rest.measure;
  const isNothing = (values: Iterable<number>) => [...values].every((value) => value === 0);
  return (
    isNothing([rows, calls, attempts, costNanoUsd, unpriced, usageUnknown]) &&
    isNothing(rest.byStatus.values()) &&
    isNothing(rest.costByUnit.values()) &&
    [...quantities].every(([unit, value]) => isRounding(value, left.measure.quantities.get(unit) ?? 0)) &&
    left.measure.ttft.toBytes().equals(right.measure.ttft.toBytes()) &&
    left.measure.total.toBytes().equals(right.measure.total.toBytes())
  );
}

function isRounding(difference: number, value: number): boolean {
  return Math.abs(difference) <= 1e-6 * Math.max(1, Math.abs(value));
}

import { type NanoUsd, noTag, type ReportRow, usdOf } from '@vibe/core';
import { Measure, type MeasuredAttempt, type MeasureRow } from '../measure/measure.js';

/** Where a sum belongs: what a report can be grouped by, apart from time. */
export interface Place {
  readonly target_id: number | null;
  readonly status: string;
  readonly error_code: string | null;
  /** The value of the tag that is asked for; only of single attempts. */
  readonly tag?: string | null;
}

/** The line of a report that a sum belongs to. */
export type KeyOf = (place: Place) => string;

/** Sums of one line of a report: all statuses together, with the number of rows of each. */
class Group {
  readonly measure = new Measure();
  readonly byStatus = new Map<string, number>();
  readonly costByUnit = new Map<string, NanoUsd>();

  addCosts(costs: ReadonlyMap<string, NanoUsd>): void {
    for (const [unit, nanoUsd] of costs) this.costByUnit.set(unit, (this.costByUnit.get(unit) ?? 0) + nanoUsd);
  }

  addAttempt(status: string, attempt: MeasuredAttempt, costs: ReadonlyMap<string, NanoUsd> | null): void {
    this.measure.add(attempt);
    this.count(status, 1);
    if (costs !== null) this.addCosts(costs);
  }

  count(status: string, rows: number): void {
    this.byStatus.set(status, (this.byStatus.get(status) ?? 0) + rows);
  }

  toRow(key: string, breakdown: boolean): ReportRow {
    const { calls, attempts, costNanoUsd, unpriced, usageUnknown, quantities, ttft, total } = this.measure;
    const count = (status: string) => this.byStatus.get(status) ?? 0;
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
      ...(breakdown && { costByUnit: Object.fromEntries(this.costByUnit) }),
      ttftP50Ms: ttft.percentile(0.5),
      totalP50Ms: total.percentile(0.5),
      totalP95Ms: total.percentile(0.95),
    };
  }
}

/** The lines of a report while they are summed up. */
export class ReportGroups {
  readonly #byKey = new Map<string, Group>();
  readonly #breakdown: boolean;
  /** Only where an attempt is in several lines: otherwise the lines add up. */
  #total: Group | null = null;

  constructor(breakdown: boolean) {
    this.#breakdown = breakdown;
  }

  addRollup(key: string, status: string, row: MeasureRow): void {
    const group = this.#groupOf(key);
    group.measure.addRow(row);
    group.count(status, row.row_count);
  }

  /** `costs`: what the attempt was charged, by unit; null where nobody asks. */
  addAttempt(key: string, status: string, attempt: MeasuredAttempt, costs: ReadonlyMap<string, NanoUsd> | null): void {
    this.#groupOf(key).addAttempt(status, attempt, costs);
  }

  /** Money without an attempt. */
  addCost(key: string, nanoUsd: NanoUsd): void {
    const group = this.#groupOf(key);
    group.measure.costNanoUsd += nanoUsd;
    group.addCosts(new Map([[noTag, nanoUsd]]));
  }

  /** For attempts that are in several lines or in none. */
  addToTotal(status: string, attempt: MeasuredAttempt, costs: ReadonlyMap<string, NanoUsd>): void {
    this.#total ??= new Group();
    this.#total.addAttempt(status, attempt, costs);
  }

  rows(): ReportRow[] {
    return [...this.#byKey].map(([key, group]) => group.toRow(key, this.#breakdown));
  }

  total(): ReportRow {
    const total = this.#total ?? this.#sum();
    return total.toRow('total', this.#breakdown);
  }

  /** Every attempt is in exactly one line. */
  #sum(): Group {
    const sum = new Group();
    for (const { measure, byStatus, costByUnit } of this.#byKey.values()) {
      sum.measure.addMeasure(measure);
      for (const [status, rows] of byStatus) sum.count(status, rows);
      sum.addCosts(costByUnit);
    }
    return sum;
  }

  #groupOf(key: string): Group {
    let group = this.#byKey.get(key);
    if (group === undefined) {
      group = new Group();
      this.#byKey.set(key, group);
    }
    return group;
  }
}

import { type ReportRow, usdOf } from '@vibe/core';
import { Measure, type MeasuredAttempt, type MeasureRow } from '../measure/measure.js';

/** Sums of one line of a report: all statuses together, with the number of rows of each. */
class Group {
  readonly measure = new Measure();
  readonly byStatus = new Map<string, number>();

  count(status: string, rows: number): void {
    this.byStatus.set(status, (this.byStatus.get(status) ?? 0) + rows);
  }

  toRow(key: string): ReportRow {
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
      ttftP50Ms: ttft.percentile(0.5),
      totalP50Ms: total.percentile(0.5),
      totalP95Ms: total.percentile(0.95),
    };
  }
}

/** The lines of a report while they are summed up. */
export class ReportGroups {
  readonly #byKey = new Map<string, Group>();

  addRollup(key: string, status: string, row: MeasureRow): void {
    const group = this.#groupOf(key);
    group.measure.addRow(row);
    group.count(status, row.row_count);
  }

  addAttempt(key: string, status: string, attempt: MeasuredAttempt): void {
    const group = this.#groupOf(key);
    group.measure.add(attempt);
    group.count(status, 1);
  }

  rows(): ReportRow[] {
    return [...this.#byKey].map(([key, group]) => group.toRow(key));
  }

  /** Every call is in exactly one line, so the lines add up. */
  total(): ReportRow {
    const total = new Group();
    for (const { measure, byStatus } of this.#byKey.values()) {
      total.measure.addMeasure(measure);
      for (const [status, rows] of byStatus) total.count(status, rows);
    }
    return total.toRow('total');
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

import type { ReportRow } from '@vibe/core';
import type { Cell, Sheet } from '../output/csv.js';
import { type Dimension, dimensionOf } from '../output/dimensions.js';
import { envelope } from '../output/envelope.js';
import { exactUsd } from '../output/money.js';
import { plainKey } from './report-labels.js';
import type { Spending } from './spending.js';

/** One unit of a line. */
export interface UnitCost {
  readonly unit: string;
  readonly dimension: Dimension;
  /** Null: money without a quantity, such as a correction. */
  readonly quantity: number | null;
  readonly costNanoUsd: number;
}

/** What a line was spent on, dearest first. */
export function unitCosts({ quantities, costByUnit = {} }: ReportRow): readonly UnitCost[] {
  const units = new Set([...Object.keys(costByUnit), ...Object.keys(quantities)]);
  return [...units]
    .map(
      (unit): UnitCost => ({
        unit,
        dimension: dimensionOf(unit),
        quantity: quantities[unit] ?? null,
        costNanoUsd: costByUnit[unit] ?? 0,
      }),
    )
    .filter(({ quantity, costNanoUsd }) => (quantity ?? 0) !== 0 || costNanoUsd !== 0)
    .sort((left, right) => right.costNanoUsd - left.costNanoUsd || (left.unit < right.unit ? -1 : 1));
}

/** Cost per dimension: tokens, images, audio. */
export function dimensionCosts(row: ReportRow): ReadonlyMap<Dimension, number> {
  const costs = new Map<Dimension, number>();
  for (const { dimension, costNanoUsd } of unitCosts(row))
    costs.set(dimension, (costs.get(dimension) ?? 0) + costNanoUsd);
  return costs;
}

export function reportJson(spending: Spending): string {
  const { by, period, report, breakdown, nowMs, timezone } = spending;
  const query = {
    by,
    breakdown,
    since: new Date(period.sinceMs).toISOString(),
    until: new Date(period.untilMs).toISOString(),
  };
  const shown = (row: ReportRow) => rowJson(row, breakdown);
  return envelope('vibe.report/1', {
    nowMs,
    timezone,
    query,
    rows: report.rows.map(shown),
    totals: shown(report.totals),
    warnings: warningsOf(report.totals),
  });
}

function rowJson({ costByUnit: _costByUnit, ...row }: ReportRow, breakdown: boolean) {
  if (!breakdown) return row;
  const units = unitCosts({ ...row, ...(_costByUnit !== undefined && { costByUnit: _costByUnit }) });
  return {
    ...row,
    breakdown: units.map(({ unit, dimension, quantity, costNanoUsd }) => {
      return { unit, dimension, quantity, costUsd: costNanoUsd / 1e9, costNanoUsd };
    }),
  };
}

/** What the sums cannot tell, in words. */
export function warningsOf({ usageUnknown, unpriced }: ReportRow): readonly string[] {
  return [
    ...(usageUnknown > 0 ? [`${attemptsText(usageUnknown)} with unknown usage: the cost is an estimate.`] : []),
    ...(unpriced > 0 ? [`${attemptsText(unpriced)} of unknown cost: that money is in no sum.`] : []),
  ];
}

function attemptsText(attempts: number): string {
  return attempts === 1 ? '1 attempt' : `${attempts} attempts`;
}

const unitColumns = [
  'input_token',
  'cached_input_token',
  'cache_write_token',
  'output_token',
  'reasoning_token',
  'input_image_token',
  'output_image_token',
  'input_audio_token',
  'output_audio_token',
  'image',
  'audio_second',
  'character',
  'request',
] as const;

/** A line per row of the report; with the breakdown a line per row and unit. */
export function reportSheet(spending: Spending): Sheet {
  const { by, report, breakdown } = spending;
  const key = (row: ReportRow) => plainKey(spending, row.key);
  if (breakdown) {
    return {
      header: [by, 'unit', 'dimension', 'quantity', 'cost_usd'],
      rows: report.rows.flatMap((row) =>
        unitCosts(row).map((part): readonly Cell[] => [
          key(row),
          part.unit,
          part.dimension,
          part.quantity,
          exactUsd(part.costNanoUsd),
        ]),
      ),
    };
  }
  const counts = ['calls', 'attempts', 'ok', 'failed', 'cancelled', 'blocked', 'expired'] as const;
  const quality = ['unpriced', 'usageUnknown'] as const;
  return {
    header: [by, 'cost_usd', ...counts, 'unpriced', 'usage_unknown', ...unitColumns, 'ttft_p50_ms', 'p50_ms', 'p95_ms'],
    rows: report.rows.map((row): readonly Cell[] => [
      key(row),
      exactUsd(row.costNanoUsd),
      ...counts.map((name) => row[name]),
      ...quality.map((name) => row[name]),
      ...unitColumns.map((unit) => row.quantities[unit] ?? null),
      row.ttftP50Ms,
      row.totalP50Ms,
      row.totalP95Ms,
    ]),
  };
}

import { type NanoUsd, noTag } from '@vibe/core';
import type { MeasuredAttempt } from '../measure/measure.js';
import { rollupSpans } from '../measure/slot.js';
import type { AttemptLine } from '../protocol.js';
import type { Cell } from './cell.js';

/** What the sums of table `detail` are kept by: target, status and error (with the cost of units); unit; value of a tag. */
export type DetailKind = 'target' | 'unit' | `tag:${string}`;

/** Quarter hours serve every zone, days keep long reports fast. In minutes of UTC, shortest first. */
export const detailSpans = [rollupSpans[0], 1_440] as const;
export const quarterMs = detailSpans[0] * 60_000;
export const dayMs = detailSpans[1] * 60_000;

/** The start of the stretch of `spanMs` around `ts`. */
export function startOf(spanMs: number, ts: number): number {
  return Math.floor(ts / spanMs) * spanMs;
}

/** An attempt with everything a detail is kept by. */
export interface DetailedAttempt {
  readonly target_id: number;
  readonly status: string;
  readonly error_code: string | null;
  /** Charged with what corrections have changed, on the row that counts the call. */
  readonly measured: MeasuredAttempt;
  /** By unit; together what the attempt was charged. */
  readonly costs: ReadonlyMap<string, NanoUsd>;
  readonly tags: Readonly<Record<string, string>>;
}

/** The key of a cell of kind `target`. */
export function targetKey({ target_id, status, error_code }: TargetPlace): string {
  return `${target_id} ${status} ${error_code ?? ''}`;
}

export interface TargetPlace {
  readonly target_id: number;
  readonly status: string;
  readonly error_code: string | null;
}

export function targetPlaceOf(key: string): TargetPlace {
  const [targetId, status = '', ...error] = key.split(' ');
  return { target_id: Number(targetId), status, error_code: error.join(' ') || null };
}

/** Counts an attempt in every kind. `cellOf` finds the cell of a kind and key. */
export function addDetails(attempt: DetailedAttempt, cellOf: (kind: DetailKind, key: string) => Cell): void {
  const { status, measured, costs, tags } = attempt;
  cellOf('target', targetKey(attempt)).addAttempt(status, measured, costs);
  for (const key in tags) cellOf(`tag:${key}`, tags[key] ?? '').addAttempt(status, measured, costs);
  addByUnit(attempt, (unit) => cellOf('unit', unit));
}

/** An attempt is in the line of each unit it used, with the money and the quantity of that unit. */
export function addByUnit({ status, measured, costs }: DetailedAttempt, cellOf: (unit: string) => Cell): void {
  const { usage } = measured;
  const quantities = new Map<string, number>();
  for (let index = 0; index < (usage?.length ?? 0); index += 2)
    quantities.set(usage?.[index] as string, usage?.[index + 1] as number);
  const units = new Set([...quantities.keys(), ...costs.keys()]);
  units.delete(noTag);
  for (const unit of units) {
    const quantity = quantities.get(unit);
    const charged = costs.get(unit) ?? 0;
    const share = { ...measured, usage: quantity === undefined ? null : [unit, quantity], charged_nano: charged };
    cellOf(unit).addAttempt(status, share, new Map([[unit, charged]]));
  }
  const rest = costs.get(noTag) ?? 0;
  if (units.size === 0) cellOf(noTag).addAttempt(status, { ...measured, usage: null }, new Map([[noTag, rest]]));
  else if (rest !== 0) cellOf(noTag).addCost(noTag, rest);
}

/** What an attempt was charged, by unit; what no line accounts for is under `noTag`. */
export function costsOf(linesJson: string | null, chargedNanoUsd: NanoUsd): ReadonlyMap<string, NanoUsd> {
  const costs = new Map<string, NanoUsd>();
  let rest = chargedNanoUsd;
  for (const [unit, , nanoUsd] of linesJson === null ? [] : (JSON.parse(linesJson) as readonly AttemptLine[])) {
    costs.set(unit, (costs.get(unit) ?? 0) + nanoUsd);
    rest -= nanoUsd;
  }
  if (rest !== 0) costs.set(noTag, rest);
  return costs;
}

import { type NanoUsd, noTag, type ReportGrouping } from '@vibe/core';
import type { Database } from 'better-sqlite3';
import { type MeasuredAttempt, measuredOf } from '../measure/measure.js';
import { type CountedAttempt, countedColumns } from '../measure/recount.js';
import type { AttemptLine } from '../protocol.js';
import type { KeyOf, Place, ReportGroups } from './report-groups.js';

type ReportedAttempt = CountedAttempt &
  Place & { readonly lines_json: string | null; readonly delta_nano: NanoUsd | null };

/** The corrections of a call are on the row that counts it, as in the rollups. */
const correctedColumn = `CASE WHEN last = 1 THEN
  (SELECT sum(amount_nano) FROM event WHERE event.call_id = attempt.call_id AND kind = 'correct') END AS delta_nano`;

/** Reads single attempts into the groups of a report. */
export function attemptReader(db: Database, groups: ReportGroups, by: ReportGrouping, breakdown: boolean) {
  const tag = by.startsWith('tag:') ? by.slice('tag:'.length) : null;
  const units = breakdown || by === 'unit';
  const attempts = db.prepare(
    `SELECT ${countedColumns}, ${correctedColumn}, ${units ? 'lines_json' : 'NULL'} AS lines_json,
       ${tag === null ? '?' : '(SELECT value FROM json_each(tags_json) WHERE key = ?)'} AS tag
     FROM attempt WHERE ts >= ? AND ts < ?`,
  );
  return (sinceMs: number, untilMs: number, keyOf: KeyOf): void => {
    for (const row of attempts.iterate(tag, sinceMs, untilMs) as IterableIterator<ReportedAttempt>) {
      const measured = corrected(row);
      const costs = units ? costsOf(row.lines_json, measured.charged_nano) : null;
      if (by === 'unit') addByUnit(groups, row.status, measured, costs ?? new Map());
      else groups.addAttempt(keyOf(row), row.status, measured, costs);
    }
  };
}

function corrected(row: ReportedAttempt): MeasuredAttempt {
  const measured = measuredOf(row);
  return row.delta_nano === null ? measured : { ...measured, charged_nano: row.charged_nano + row.delta_nano };
}

/** By unit; together what the attempt was charged. */
function costsOf(linesJson: string | null, chargedNanoUsd: NanoUsd): ReadonlyMap<string, NanoUsd> {
  const costs = new Map<string, NanoUsd>();
  let rest = chargedNanoUsd;
  for (const [unit, , nanoUsd] of linesJson === null ? [] : (JSON.parse(linesJson) as readonly AttemptLine[])) {
    costs.set(unit, (costs.get(unit) ?? 0) + nanoUsd);
    rest -= nanoUsd;
  }
  if (rest !== 0) costs.set(noTag, rest);
  return costs;
}

/** An attempt is in the line of each unit it used, with the money and the quantity of that unit. */
function addByUnit(
  groups: ReportGroups,
  status: string,
  attempt: MeasuredAttempt,
  costs: ReadonlyMap<string, NanoUsd>,
): void {
  groups.addToTotal(status, attempt, costs);
  const { usage } = attempt;
  const quantities = new Map<string, number>();
  for (let index = 0; index < (usage?.length ?? 0); index += 2)
    quantities.set(usage?.[index] as string, usage?.[index + 1] as number);
  const units = new Set([...quantities.keys(), ...costs.keys()]);
  units.delete(noTag);
  for (const unit of units) {
    const quantity = quantities.get(unit);
    const charged = costs.get(unit) ?? 0;
    const share = { ...attempt, usage: quantity === undefined ? null : [unit, quantity], charged_nano: charged };
    groups.addAttempt(unit, status, share, new Map([[unit, charged]]));
  }
  const rest = costs.get(noTag) ?? 0;
  if (units.size === 0) groups.addAttempt(noTag, status, { ...attempt, usage: null }, new Map([[noTag, rest]]));
  else if (rest !== 0) groups.addCost(noTag, rest);
}

import { noTag, type ReportGrouping, tagOf } from '@vibe/core';
import type { Database } from 'better-sqlite3';
import type { ReadAttempt } from '../detail/detailed-attempts.js';
import { addByUnit, type DetailKind, targetPlaceOf } from '../detail/kinds.js';
import { type Details, openDetails } from '../detail/read-details.js';
import type { Stretch } from './report.js';
import type { ReportGroups } from './report-groups.js';

/** Reads stretches of time into the groups that they name, from the details and from attempts that are not in them yet. */
export function detailReport(
  db: Database,
  groups: ReportGroups,
  by: ReportGrouping,
  stretches: readonly Stretch[],
): void {
  const details = openDetails(db);
  if (by === 'unit') for (const stretch of stretches) byUnit(details, groups, stretch);
  else if (by.startsWith('tag:')) for (const stretch of stretches) byTag(details, groups, by.slice(4), stretch);
  else byTarget(details, groups, stretches);
}

/** By anything that a target, an outcome or a time says. */
function byTarget(details: Details, groups: ReportGroups, stretches: readonly Stretch[]): void {
  const add = ({ keyOf }: Stretch, attempt: ReadAttempt) =>
    groups.of(keyOf(attempt)).addAttempt(attempt.status, attempt.measured, attempt.costs);
  for (const stretch of stretches) {
    details.read(
      'target',
      stretch.sinceMs,
      stretch.untilMs,
      (key, cell) => groups.addStored(stretch.keyOf(targetPlaceOf(key)), cell),
      (attempt) => add(stretch, attempt),
    );
  }
  // Once over the whole time: what is in no sum is in the order of its row, and most windows have none of it.
  const [first, last] = [stretches[0], stretches.at(-1)];
  if (first === undefined || last === undefined) return;
  for (const attempt of details.rest(first.sinceMs, last.untilMs)) {
    const stretch = stretches.length === 1 ? first : stretchAround(stretches, attempt.ts);
    if (stretch !== undefined) add(stretch, attempt);
  }
}

/** They lie side by side, in order of time. */
function stretchAround(stretches: readonly Stretch[], atMs: number): Stretch | undefined {
  let [low, high] = [0, stretches.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((stretches[middle]?.untilMs ?? 0) <= atMs) low = middle + 1;
    else high = middle;
  }
  return stretches[low];
}

/** An attempt is in several lines: the total is counted apart. */
function byUnit(details: Details, groups: ReportGroups, stretch: Stretch): void {
  const { sinceMs, untilMs } = stretch;
  const inLines = (attempt: ReadAttempt) => addByUnit(attempt, (unit) => groups.of(unit));
  details.read('unit', sinceMs, untilMs, (unit, cell) => groups.addStored(unit, cell), inLines);
  readTotal(details, groups, stretch);
  for (const attempt of details.rest(sinceMs, untilMs)) {
    inLines(attempt);
    groups.total.addAttempt(attempt.status, attempt.measured, attempt.costs);
  }
}

/** What has no such tag is what the lines leave of the total. */
function byTag(details: Details, groups: ReportGroups, tag: string, stretch: Stretch): void {
  const { sinceMs, untilMs } = stretch;
  const kind: DetailKind = `tag:${tag}`;
  const inLines = ({ tags, status, measured, costs }: ReadAttempt) =>
    groups.of(tagOf(tags, tag) ?? noTag).addAttempt(status, measured, costs);
  details.read(kind, sinceMs, untilMs, (value, cell) => groups.addStored(value, cell), inLines);
  readTotal(details, groups, stretch);
  for (const attempt of details.rest(sinceMs, untilMs)) {
    inLines(attempt);
    groups.total.addAttempt(attempt.status, attempt.measured, attempt.costs);
  }
  groups.addRest();
}

function readTotal(details: Details, { total }: ReportGroups, { sinceMs, untilMs }: Stretch): void {
  details.read(
    'target',
    sinceMs,
    untilMs,
    (_key, cell) => total.addStored(cell),
    ({ status, measured, costs }) => total.addAttempt(status, measured, costs),
  );
}

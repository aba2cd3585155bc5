import { envelope } from '../output/envelope.js';
import { levelOf } from './gauge.js';
import type { Today } from './today.js';

/** The same for programs: one row per budget, totals of the day, and a row per hour with calls. */
export function todayJson({ nowMs, startMs, endMs, timezone, budgets, hours }: Today): string {
  return envelope('vibe.budget_today/1', {
    nowMs,
    timezone,
    query: { since: new Date(startMs).toISOString(), until: new Date(endMs).toISOString() },
    rows: budgets.map((budget) => ({ ...budget, state: levelOf(budget) })),
    totals: hours.totals,
    hours: hours.rows,
    warnings: [],
  });
}

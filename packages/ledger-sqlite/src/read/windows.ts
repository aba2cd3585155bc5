import type { ReportGrouping } from '@vibe/core';
import { windowSpan } from '@vibe/core';
import { rollupSpans } from '../measure/slot.js';

/** A stretch of time, whole slots of one span (in minutes); null: odd minutes at an edge, to be read from the attempts. */
export interface Piece {
  readonly span: number | null;
  readonly sinceMs: number;
  readonly untilMs: number;
}

const minuteMs = 60_000;

/**
 * Cuts a stretch of time into the fewest kinds of slots: the longest inside, shorter ones around them, single rows at the
 * edges. `spans`: in minutes, shortest first.
 */
export function piecesOf(sinceMs: number, untilMs: number, spans: readonly number[] = rollupSpans): readonly Piece[] {
  return cut(sinceMs, untilMs, [...spans].reverse());
}

function cut(sinceMs: number, untilMs: number, spans: readonly number[]): readonly Piece[] {
  if (sinceMs >= untilMs) return [];
  const [span, ...finer] = spans;
  if (span === undefined) return [{ span: null, sinceMs, untilMs }];
  const spanMs = span * minuteMs;
  const fromMs = Math.ceil(sinceMs / spanMs) * spanMs;
  const toMs = Math.floor(untilMs / spanMs) * spanMs;
  if (fromMs >= toMs) return cut(sinceMs, untilMs, finer);
  return [...cut(sinceMs, fromMs, finer), { span, sinceMs: fromMs, untilMs: toMs }, ...cut(toMs, untilMs, finer)];
}

type TimeGrouping = 'hour' | 'day' | 'week' | 'month';

export function isTimeGrouping(by: ReportGrouping): by is TimeGrouping {
  return by === 'hour' || by === 'day' || by === 'week' || by === 'month';
}

/** A report by hour of more than a year is not read by anybody. */
const maxWindows = 10_000;

/** The calendar windows within a stretch of time, cut off at its ends. The key is the start of the whole window in UTC. */
export function windowsWithin(
  by: TimeGrouping,
  timezone: string,
  sinceMs: number,
  untilMs: number,
): readonly { readonly key: string; readonly sinceMs: number; readonly untilMs: number }[] {
  const windows: { key: string; sinceMs: number; untilMs: number }[] = [];
  let fromMs = sinceMs;
  while (fromMs < untilMs && windows.length < maxWindows) {
    const { startMs, endMs } = windowSpan(by, timezone, fromMs);
    const toMs: number = windows.length === maxWindows - 1 ? untilMs : Math.min(endMs ?? untilMs, untilMs);
    windows.push({ key: new Date(startMs).toISOString(), sinceMs: fromMs, untilMs: toMs });
    fromMs = toMs;
  }
  return windows;
}

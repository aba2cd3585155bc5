import type { Today } from './today.js';

const hourMs = 3_600_000;
const paceHours = 3;

/** Cost per hour of the day; null for hours that have not begun. A day at a change of clocks has 23 or 25. */
export function hourlyCosts({ nowMs, startMs, endMs, hours }: Today): readonly (number | null)[] {
  const byHour = new Map<number, number>();
  for (const { key, costNanoUsd } of hours.rows) {
    const hour = Math.floor((Date.parse(key) - startMs) / hourMs);
    byHour.set(hour, (byHour.get(hour) ?? 0) + costNanoUsd);
  }
  return Array.from({ length: Math.ceil((endMs - startMs) / hourMs) }, (_, hour) =>
    startMs + hour * hourMs > nowMs ? null : (byHour.get(hour) ?? 0),
  );
}

/** What the day will have cost at its end when it goes on like the last hours; null when nothing was spent in them. */
export function paceNanoUsd(now: Today): number | null {
  const { nowMs, startMs, endMs, hours } = now;
  const current = Math.floor((nowMs - startMs) / hourMs);
  const first = Math.max(0, current - paceHours + 1);
  const recent = hourlyCosts(now)
    .slice(first, current + 1)
    .reduce<number>((sum, cost) => sum + (cost ?? 0), 0);
  const spanMs = nowMs - (startMs + first * hourMs);
  if (recent === 0 || spanMs <= 0) return null;
  return Math.round(hours.totals.costNanoUsd + (recent / spanMs) * (endMs - nowMs));
}

/** Clocks of one host differ by rounding only. */
const clockSlackMs = 1_000;

/** Whether it was written down before the clock was set back. */
export function isInFuture(atMs: number, nowMs: number): boolean {
  return atMs > nowMs + clockSlackMs;
}

/** How long ago something was. Of what was written down before the clock was set back nobody knows: longer than anything. */
export function ageMs(atMs: number, nowMs: number): number {
  return isInFuture(atMs, nowMs) ? Number.POSITIVE_INFINITY : nowMs - atMs;
}

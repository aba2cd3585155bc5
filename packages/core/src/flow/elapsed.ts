/** How long something took. The clock of a machine may be set back meanwhile: then it took no time, never less than none. */
export function elapsedMs(fromMs: number, toMs: number): number {
  return Math.max(0, toMs - fromMs);
}

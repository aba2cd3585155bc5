/** Slots in minutes of UTC. Every zone's hours and days are made of quarter hours; hours keep long reports fast. */
export const rollupSpans = [15, 60] as const;
export type RollupSpan = (typeof rollupSpans)[number];

const minuteMs = 60_000;

export function spanMsOf(span: RollupSpan): number {
  return span * minuteMs;
}

/** The start of the slot around `ts`. */
export function slotOf(span: RollupSpan, ts: number): number {
  const spanMs = spanMsOf(span);
  return Math.floor(ts / spanMs) * spanMs;
}

/** What sums are kept apart by, within one slot. */
export interface RollupKey {
  readonly ts: number;
  readonly targetId: number;
  readonly status: string;
  readonly errorCode: string | null;
}

/** The primary key of table `rollup`. */
export type RollupPlace = readonly [
  span: RollupSpan,
  slotMs: number,
  targetId: number,
  status: string,
  errorCode: string,
];

export function placeOf(span: RollupSpan, key: RollupKey): RollupPlace {
  return [span, slotOf(span, key.ts), key.targetId, key.status, key.errorCode ?? ''];
}

/** Exponential backoff. */
export interface BackoffOptions {
  /** Upper bound of the first delay. */
  readonly firstMs: number;
  readonly factor: number;
  readonly maxMs: number;
}

export const defaultBackoff: BackoffOptions = { firstMs: 500, factor: 2, maxMs: 8_000 };

/**
 * The delay before repeating attempt `failures` (1 = after the first failure), with full jitter: uniform between 0 and
 * the exponential bound, so that many clients that failed together do not come back together.
 * `random` is uniform in [0, 1).
 */
export function backoffMs(failures: number, random: number, options: BackoffOptions = defaultBackoff): number {
  const boundMs = Math.min(options.maxMs, options.firstMs * options.factor ** (failures - 1));
  return Math.round(random * boundMs);
}

/** A hint is a floor: waiting less would be refused again. A little jitter spreads the clients that got the same hint. */
export function hintedMs(retryAfterMs: number, random: number): number {
  return Math.ceil(retryAfterMs + random * Math.min(250, retryAfterMs * 0.1));
}

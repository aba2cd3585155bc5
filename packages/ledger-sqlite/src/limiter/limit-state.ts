import type { LimitDemand, LimitState, Limits, Target } from '@vibe/core';
import type { Database } from 'better-sqlite3';
import { RateMirror } from './rate-mirror.js';
import { RateReading } from './rate-tables.js';

/** What a reader is asked about a target. */
export interface LimitQuestion {
  readonly target: Target;
  readonly limits: Limits;
  readonly demand: LimitDemand;
  /** By the clock of the limiter. */
  readonly nowMs: number;
  readonly minuteMs: number | undefined;
}

/** What is used of a target's limits now, over all processes. Reads only. */
export function limitState(db: Database, question: LimitQuestion): Omit<LimitState, 'target'> {
  const { target, limits, demand, nowMs, minuteMs } = question;
  // One snapshot: somebody may be let go at this moment.
  return db.transaction(() => {
    const file = new RateReading(db);
    const mirror = new RateMirror(targetIdOf(db, target), '', minuteMs === undefined ? {} : { minuteMs });
    mirror.sync(file, nowMs);
    leaveOutTheDead(mirror, file, nowMs);
    return mirror.limits.state({ limits, ...demand }, nowMs);
  })();
}

/** Their places and slots are taken away by the next one who writes. */
function leaveOutTheDead({ targetId, limits, line }: RateMirror, file: RateReading, nowMs: number): void {
  const living = file.livingOwners(nowMs);
  for (const call of line.values()) if (!living.has(call.owner)) limits.leave(call);
  for (const { owner, taken } of file.slots(targetId)) if (!living.has(owner)) limits.inFlight -= taken;
}

function targetIdOf(db: Database, { provider, profile, endpoint, region, model }: Target): number {
  const found = db
    .prepare(
      'SELECT target_id FROM target WHERE provider = ? AND profile = ? AND endpoint = ? AND region = ? AND model = ?',
    )
    .pluck()
    .get(provider, profile, endpoint, region, model);
  return (found as number | undefined) ?? 0;
}

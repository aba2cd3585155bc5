import type { EndpointHealth } from '@vibe/core';
import type { Database } from 'better-sqlite3';

interface HealthRow {
  readonly key: string;
  readonly state: EndpointHealth['state'];
  readonly until_ms: number | null;
  readonly latency_ms: number | null;
  readonly updated_at_ms: number;
}

/** Begins the keys of places for probes. */
export const placePrefix = 'probe:';

/** What all processes have told about endpoints. */
export function readHealth(db: Database): readonly EndpointHealth[] {
  return (
    db
      .prepare('SELECT * FROM health WHERE substr(key, 1, ?) <> ? ORDER BY key')
      .all(placePrefix.length, placePrefix) as HealthRow[]
  ).map((row) => ({
    key: row.key,
    state: row.state,
    untilMs: row.until_ms,
    latencyMs: row.latency_ms,
    updatedAtMs: row.updated_at_ms,
  }));
}

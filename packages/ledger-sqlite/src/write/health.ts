import type { EndpointHealth } from '@vibe/core';
import { clockSlackMs } from '../clock-slack.js';
import type { ProbeClaim } from '../protocol.js';
import { placePrefix } from '../read/health.js';
import type { Books } from './books.js';

/** Places for probes are rows of their own, which readers of endpoint health leave out. */
const placeKey = (key: string, place: number): string => `${placePrefix}${place} ${key}`;

/** Takes a place for probing `key`. Returns its number, null when all are taken. */
export function claimWriter(books: Books): (claim: ProbeClaim, nowMs: number) => number | null {
  const take = books.db.prepare(
    `INSERT INTO health (key, state, until_ms, latency_ms, updated_at_ms) VALUES (?, 'half_open', ?, NULL, ?)
     ON CONFLICT (key) DO UPDATE SET until_ms = excluded.until_ms, updated_at_ms = excluded.updated_at_ms
     WHERE until_ms <= excluded.updated_at_ms OR updated_at_ms > excluded.updated_at_ms + ${clockSlackMs}`,
  );
  return ({ key, probes, leaseMs }, nowMs) => {
    for (let place = 0; place < probes; place++) {
      if (take.run(placeKey(key, place), nowMs + leaseMs, nowMs).changes === 0) continue;
      books.touched = true;
      return place;
    }
    return null;
  };
}

export function releaseWriter(books: Books): (claim: { readonly key: string; readonly place: number }) => null {
  const release = books.db.prepare('DELETE FROM health WHERE key = ?');
  return ({ key, place }) => {
    if (release.run(placeKey(key, place)).changes > 0) books.touched = true;
    return null;
  };
}

/** What processes tell each other about endpoints. News never gives way to what is older, unless that is from the future: the clock was set back. */
export function healthWriter(books: Books): (changes: readonly EndpointHealth[], nowMs: number) => null {
  const write = books.db.prepare(
    `INSERT INTO health (key, state, until_ms, latency_ms, updated_at_ms) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET state = excluded.state, until_ms = excluded.until_ms,
       latency_ms = excluded.latency_ms, updated_at_ms = excluded.updated_at_ms
     WHERE excluded.updated_at_ms >= updated_at_ms OR updated_at_ms > ? + ${clockSlackMs}`,
  );
  return (changes, nowMs) => {
    for (const { key, state, untilMs, latencyMs, updatedAtMs } of changes) {
      const until = untilMs === null ? null : Math.round(untilMs);
      if (write.run(key, state, until, latencyMs, Math.round(updatedAtMs), nowMs).changes > 0) books.touched = true;
    }
    return null;
  };
}

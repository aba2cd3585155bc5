import type { EndpointHealth } from '@vibe/core';
import type { Books } from './books.js';

/** What processes tell each other about endpoints. News never gives way to what is older. */
export function healthWriter(books: Books): (changes: readonly EndpointHealth[]) => null {
  const write = books.db.prepare(
    `INSERT INTO health (key, state, until_ms, latency_ms, updated_at_ms) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET state = excluded.state, until_ms = excluded.until_ms,
       latency_ms = excluded.latency_ms, updated_at_ms = excluded.updated_at_ms
     WHERE excluded.updated_at_ms >= updated_at_ms`,
  );
  return (changes) => {
    for (const { key, state, untilMs, latencyMs, updatedAtMs } of changes) {
      const until = untilMs === null ? null : Math.round(untilMs);
      if (write.run(key, state, until, latencyMs, Math.round(updatedAtMs)).changes > 0) books.touched = true;
    }
    return null;
  };
}

import type { OpenHold } from '@vibe/core';
import type { Database } from 'better-sqlite3';

interface HoldRow {
  readonly call_id: string;
  readonly amount_nano: number;
  readonly strict: number;
  readonly owner: string;
  readonly created_at_ms: number;
  readonly expires_at_ms: number;
  readonly trace_id: string | null;
  readonly provider: string | null;
  readonly profile: string | null;
  readonly endpoint: string | null;
  readonly region: string | null;
  readonly model: string | null;
}

/** All open holds of all processes, oldest first. */
export function openHolds(db: Database): readonly OpenHold[] {
  const rows = db
    .prepare(
      `SELECT h.*, e.trace_id, t.provider, t.profile, t.endpoint, t.region, t.model FROM hold AS h
       LEFT JOIN event AS e ON e.call_id = h.call_id AND e.kind = 'hold' AND e.n = 0
       LEFT JOIN target AS t ON t.target_id = e.target_id ORDER BY h.created_at_ms`,
    )
    .all() as HoldRow[];
  return rows.map((row) => {
    const { provider, profile, endpoint, region, model } = row;
    const named = provider !== null && profile !== null && endpoint !== null && region !== null && model !== null;
    return {
      callId: row.call_id,
      amountNanoUsd: row.amount_nano,
      strict: row.strict === 1,
      owner: row.owner,
      createdAtMs: row.created_at_ms,
      expiresAtMs: row.expires_at_ms,
      traceId: row.trace_id ?? '',
      target: named ? { provider, profile, endpoint, region, model } : null,
    };
  });
}

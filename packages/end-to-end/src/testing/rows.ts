import Database from 'better-sqlite3';

/** A row of the table `attempt`, as SQLite has it. */
export interface Row {
  readonly call_id: string;
  readonly attempt: number;
  readonly status: string;
  readonly error_code: string | null;
  readonly usage_source: string | null;
  readonly cost_actual_nano: number | null;
  readonly [column: string]: unknown;
}

/** What is written in a ledger file, read past all of our own code. */
export function attemptRows(path: string, callId?: string): readonly Row[] {
  const file = new Database(path, { readonly: true });
  try {
    const wanted = callId === undefined ? '' : 'WHERE call_id = ?';
    const given = callId === undefined ? [] : [callId];
    return file.prepare(`SELECT * FROM attempt ${wanted} ORDER BY ts, call_id, attempt`).all(...given) as Row[];
  } finally {
    file.close();
  }
}

/** What is held at this moment, over all calls. */
export function openHolds(path: string): number {
  const file = new Database(path, { readonly: true });
  try {
    return file.prepare('SELECT count(*) FROM hold').pluck().get() as number;
  } finally {
    file.close();
  }
}

const different = new Set([
  ...['call_id', 'trace_id', 'ts', 'request_id', 'ttft_ms', 'total_ms', 'wait_ms', 'retry_ms'],
  // behind a 200 the two forms of a wire put their errors in different words, and only one of them may name a status
  ...['error_message', 'http_status'],
]);

/** A row without ids, times and words. */
export function lastingRow(row: Row): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(row).filter(([column]) => !different.has(column)));
}

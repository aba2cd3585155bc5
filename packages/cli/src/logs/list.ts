import type { AttemptRow, AttemptsQuery } from '@vibe/ledger-sqlite/file';
import { withFileBooks } from '../books.js';
import { type PeriodFlags, periodOf } from '../budget/period.js';
import { exitCodes } from '../exit-codes.js';
import { tildePath } from '../ledger-path.js';
import { envelope } from '../output/envelope.js';
import { print } from '../output/print.js';
import { table } from '../output/table.js';
import type { Session } from '../session.js';
import { logColumns, logSheet } from './rows.js';

export interface LogFlags extends PeriodFlags {
  readonly status?: string;
  readonly model?: string;
  readonly provider?: string;
  readonly limit?: number;
  readonly csv?: boolean;
}

const defaultLimit = 20;

/** `llm logs`: the latest attempts. */
export async function listLogs(session: Session, flags: LogFlags): Promise<number> {
  return withFileBooks(session, async ({ file, timezone, path }) => {
    const nowMs = session.world.now();
    const query = {
      ...filterOf(flags),
      ...spanOf(flags, timezone, nowMs),
      newestFirst: true,
      limit: flags.limit ?? defaultLimit,
    };
    const rows = [...file.attempts(query)];
    const { out, bars } = session;
    await print(
      session,
      {
        json: () =>
          envelope('vibe.logs/1', { nowMs, timezone, query: filterOf(flags), rows: rows.map(rowJson), warnings: [] }),
        sheet: () => logSheet(rows),
        text: () => `${table(logColumns(session, rows, timezone), out.columns, bars.rule).join('\n')}\n`,
        empty: rows.length === 0 ? () => `No such attempts in ${tildePath(path)}.` : null,
      },
      flags.csv === true,
    );
    return exitCodes.ok;
  });
}

export function filterOf({ status, model, provider }: LogFlags): AttemptsQuery {
  return {
    ...(status !== undefined && { status }),
    ...(model !== undefined && { model }),
    ...(provider !== undefined && { provider }),
  };
}

/** All days unless flags say otherwise. */
function spanOf(flags: LogFlags, timezone: string, nowMs: number): Partial<AttemptsQuery> {
  if (flags.since === undefined && flags.until === undefined) return {};
  return periodOf(flags, timezone, nowMs, 36_500);
}

/** A row as the CLI prints it in JSON: dates as text, money as text beside the integer. */
export function rowJson(row: AttemptRow) {
  const { startedAtMs, actualNanoUsd, estimatedNanoUsd, chargedNanoUsd } = row;
  return {
    ...row,
    startedAt: new Date(startedAtMs).toISOString(),
    actualUsd: actualNanoUsd === null ? null : actualNanoUsd / 1e9,
    estimatedUsd: estimatedNanoUsd === null ? null : estimatedNanoUsd / 1e9,
    chargedUsd: chargedNanoUsd / 1e9,
  };
}

import type { AttemptRow } from '@vibe/ledger-sqlite/file';
import { withFileBooks } from '../books.js';
import { exitCodes } from '../exit-codes.js';
import { snakeCase } from '../output/snake-case.js';
import { table, tsv } from '../output/table.js';
import type { Session } from '../session.js';
import { sleep } from '../sleep.js';
import { filterOf, type LogFlags, rowJson } from './list.js';
import { logCells, logColumns, logHeader } from './rows.js';

const everyMs = 500;
/** Lines of what has been, to begin with. */
const defaultLimit = 5;
/** A call may end long after it began; rows that began earlier than this before the start are not looked for. */
const longestCallMs = 3_600_000;
/** Rows are told once. More than this at a time are not remembered: nobody reads that fast. */
const maxRemembered = 100_000;

/** `llm logs tail`: rows as they are written. JSON comes as one object per line. */
export async function tailLogs(session: Session, flags: LogFlags): Promise<number> {
  const { world } = session;
  const startMs = world.now();
  const told = new Set<string>();
  const look = (first: boolean) =>
    withFileBooks(session, async ({ file, timezone }) => {
      const fresh: AttemptRow[] = [];
      for (const row of file.attempts({ ...filterOf(flags), sinceMs: startMs - longestCallMs })) {
        const name = `${row.callId} ${row.attempt} ${row.status}`;
        if (told.has(name)) continue;
        if (told.size < maxRemembered) told.add(name);
        fresh.push(row);
      }
      await write(session, first ? fresh.slice(-(flags.limit ?? defaultLimit)) : fresh, timezone, first);
      return exitCodes.ok;
    });
  await look(true);
  while (!world.signal.aborted) {
    await sleep(world, everyMs);
    if (!world.signal.aborted) await look(false);
  }
  return exitCodes.ok;
}

async function write(session: Session, rows: readonly AttemptRow[], timezone: string, first: boolean): Promise<void> {
  const { out, flags, bars } = session;
  if (flags.json === true) {
    for (const row of rows) await out.write(`${JSON.stringify(snakeCase(rowJson(row)))}\n`);
  } else if (session.tables) {
    if (rows.length === 0) return;
    const lines = table(logColumns(session, rows, timezone), out.columns, bars.rule);
    await out.write(`${lines.slice(first ? 0 : 2).join('\n')}\n`);
  } else {
    const text = tsv(logHeader, rows.map(logCells));
    await out.write(first ? text : text.slice(text.indexOf('\n') + 1));
  }
}

import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { withFileBooks } from '../books.js';
import { type PeriodFlags, periodOf } from '../budget/period.js';
import { exitCodes } from '../exit-codes.js';
import { rowJson } from '../logs/list.js';
import { logCells, logHeader } from '../logs/rows.js';
import { csvLine } from '../output/csv.js';
import { count } from '../output/numbers.js';
import { progress } from '../output/progress.js';
import { snakeCase } from '../output/snake-case.js';
import type { Session } from '../session.js';
import { UsageError } from '../usage-error.js';

export interface ExportFlags extends PeriodFlags {
  readonly format: 'csv' | 'json' | 'ndjson';
  readonly output?: string;
}

/** Rows that are written at once. */
const batchRows = 500;

/** `llm ledger export`: row by row, so that a million of them needs no memory. */
export function exportLedger(session: Session, flags: ExportFlags): Promise<number> {
  return withFileBooks(session, async ({ file, timezone }) => {
    const format = session.flags.json === true ? 'json' : flags.format;
    const period = periodOf({ since: '1970-01-01', ...flags }, timezone, session.world.now(), 1);
    const place = await openPlace(session, flags.output);
    const shown = progress(session);
    let rows = 0;
    let text = format === 'csv' ? csvLine(logHeader) : format === 'json' ? '[' : '';
    try {
      for (const row of file.attempts(period)) {
        if (format === 'csv') text += csvLine(logCells(row));
        else if (format === 'ndjson') text += `${JSON.stringify(snakeCase(rowJson(row)))}\n`;
        else text += `${rows === 0 ? '\n' : ',\n'}${JSON.stringify(snakeCase(rowJson(row)))}`;
        rows += 1;
        if (rows % batchRows !== 0) continue;
        session.world.signal.throwIfAborted();
        shown.say(`${count(rows)} rows`);
        await place.write(text);
        text = '';
      }
      await place.write(format === 'json' ? `${text}\n]\n` : text);
    } finally {
      shown.stop();
      await place.close();
    }
    if (flags.output !== undefined && flags.output !== '-') await session.note(`${flags.output}: ${count(rows)} rows.`);
    return exitCodes.ok;
  });
}

interface Place {
  write(text: string): Promise<void>;
  close(): Promise<void>;
}

async function openPlace({ out, world }: Session, file: string | undefined): Promise<Place> {
  if (file === undefined || file === '-') return { write: (text) => out.write(text), close: async () => undefined };
  const stream = createWriteStream(resolve(world.cwd, file));
  await once(stream, 'open').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${file} cannot be written (${error.code ?? error.message}).`, [
      'Choose another file with -o',
    ]);
  });
  return { write: (text) => written(stream, text), close: () => new Promise((done) => stream.end(() => done())) };
}

function written(stream: WriteStream, text: string): Promise<void> {
  return new Promise((done, failed) => stream.write(text, (error) => (error ? failed(error) : done())));
}

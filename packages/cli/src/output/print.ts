import type { Session } from '../session.js';
import { csv, type Sheet } from './csv.js';
import { tsv } from './table.js';

/** What a command has to say, in each of its forms. Only the one that is wanted is made. */
export interface Printout {
  readonly json: () => string;
  readonly sheet: () => Sheet;
  readonly text: () => string;
  /** Said on stderr in place of an empty table. */
  readonly empty?: (() => string) | null;
}

/** --json, --csv, a table on a terminal, tab-separated otherwise. */
export async function print(session: Session, { json, sheet, text, empty }: Printout, asCsv = false): Promise<void> {
  const { out, flags } = session;
  if (flags.json === true) await out.write(json());
  else if (asCsv) await out.write(csv(sheet()));
  else if (empty !== undefined && empty !== null) await session.note(empty());
  else if (session.tables) await out.write(text());
  else await out.write(tsvOf(sheet()));
}

function tsvOf({ header, rows }: Sheet): string {
  return tsv(header, rows);
}

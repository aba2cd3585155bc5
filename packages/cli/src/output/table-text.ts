import type { Session } from '../session.js';
import { printable } from './printable.js';
import { type Column, table } from './table.js';

/** The lines of a table for the terminal of a session. What others have written into its cells cannot steer it. */
export function tableLines({ out, bars }: Session, columns: readonly Column[]): readonly string[] {
  const safe = columns.map((column) => ({ ...column, cells: column.cells.map(printable) }));
  return table(safe, out.columns, bars.rule);
}

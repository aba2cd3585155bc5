import type { ConfigRow } from '@vibe/config';
import { printable } from '../output/printable.js';
import { table, tsv } from '../output/table.js';
import type { Session } from '../session.js';

/** A setting as it is shown: its value as text, and who said something else in vain. */
export interface ShownRow {
  readonly key: string;
  readonly value: string;
  readonly origin: string;
  readonly note: string;
}

export function shownRow({ key, value, origin, overruled }: ConfigRow): ShownRow {
  const note = overruled
    .map((other) => `${other.origin} says ${JSON.stringify(other.value)}, which is less strict`)
    .join('; ');
  return { key, value: printable(typeof value === 'string' ? value : JSON.stringify(value)), origin, note };
}

/** Settings as a table, tab-separated in a pipe. */
export function rowsText({ out, bars, tables }: Session, rows: readonly ShownRow[]): string {
  if (!tables) {
    return tsv(
      ['key', 'value', 'from', 'note'],
      rows.map(({ key, value, origin, note }) => [key, value, origin, note]),
    );
  }
  const columns = [
    { title: 'KEY', cells: rows.map(({ key }) => printable(key)) },
    // `llm config get` and a pipe have what is shortened here.
    { title: 'VALUE', shrinkTo: 16, cells: rows.map(({ value }) => value) },
    { title: 'FROM', dropOrder: 2, cells: rows.map(({ origin }) => origin) },
    { title: '', dropOrder: 1, cells: rows.map(({ note }) => note) },
  ];
  return `${table(columns, out.columns, bars.rule).join('\n')}\n`;
}

import { printable } from './printable.js';
import { pad, shorten, textWidth } from './text-width.js';

/** A column of a table. */
export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** The higher, the sooner it is left out on a narrow terminal; 0 (default) stays. */
  readonly dropOrder?: number;
  /** Names may be shortened in the middle, down to this width, when leaving out columns is not enough. Numbers never. */
  readonly shrinkTo?: number;
  readonly cells: readonly string[];
  /** Colours a padded cell. */
  readonly paint?: (cell: string, row: number) => string;
}

const gap = '  ';
const indent = '  ';

/**
 * The lines of a table: a heading, a rule, a line per row. When it does not fit into `width`, columns are left out by
 * their `dropOrder`, then names are shortened; no number is ever cut, so what must stay may be wider than the terminal.
 * With `hasTotal` the last row stands below a rule of its own.
 */
export function table(columns: readonly Column[], width: number, ruler: string, hasTotal = false): readonly string[] {
  const lined = columns.map((column) => ({ ...column, cells: column.cells.map(oneLine) }));
  const shown = fits(lined, width) ? lined : shrunk(fitting(lined.map(eased), width), width);
  const widths = shown.map(widthOf);
  const line = (cells: readonly string[]) => indent + cells.join(gap).trimEnd();
  const heading = line(shown.map(({ title, align }, index) => pad(title, widths[index] ?? 0, align)));
  const rule = indent + ruler.repeat(totalWidth(widths) - indent.length);
  const rows = Array.from({ length: Math.max(0, ...shown.map(({ cells }) => cells.length)) }, (_, row) =>
    line(
      shown.map(({ cells, align, paint }, index) => {
        const cell = pad(cells[row] ?? '', widths[index] ?? 0, align);
        return paint === undefined ? cell : paint(cell, row);
      }),
    ),
  );
  return hasTotal ? [heading, rule, ...rows.slice(0, -1), rule, ...rows.slice(-1)] : [heading, rule, ...rows];
}

/** A value that others have made up must not break its row. */
function oneLine(cell: string): string {
  return cell.replace(/[\t\n]+/g, ' ');
}

/** Whether the table takes all columns without leaving one out. */
export function fits(columns: readonly Column[], width: number): boolean {
  return totalWidth(columns.map(widthOf)) <= width;
}

function fitting(columns: readonly Column[], width: number): readonly Column[] {
  const shown = [...columns];
  while (!fits(shown, width)) {
    const next = Math.max(...shown.map(({ dropOrder }) => dropOrder ?? 0));
    if (next === 0) break;
    shown.splice(
      shown.findIndex(({ dropOrder }) => dropOrder === next),
      1,
    );
  }
  return shown;
}

/** Long enough to know a name by; columns are worth more than the rest of it. */
const easyNameWidth = 28;

function eased(column: Column): Column {
  const { shrinkTo, cells } = column;
  if (shrinkTo === undefined) return column;
  return { ...column, cells: cells.map((cell) => shorten(cell, Math.max(shrinkTo, easyNameWidth))) };
}

function shrunk(columns: readonly Column[], width: number): readonly Column[] {
  const over = totalWidth(columns.map(widthOf)) - width;
  const longest = columns.filter(({ shrinkTo }) => shrinkTo !== undefined).sort((a, b) => widthOf(b) - widthOf(a))[0];
  if (over <= 0 || longest === undefined) return columns;
  const room = Math.max(longest.shrinkTo ?? 0, widthOf(longest) - over);
  const cells = longest.cells.map((cell) => shorten(cell, room));
  return columns.map((column) => (column === longest ? { ...column, cells } : column));
}

function widthOf({ title, cells }: Column): number {
  return Math.max(textWidth(title), ...cells.map(textWidth));
}

function totalWidth(widths: readonly number[]): number {
  return indent.length + widths.reduce((sum, width) => sum + width, 0) + gap.length * Math.max(0, widths.length - 1);
}

/** The same for programs: tab-separated, without alignment or colours. A pipe may end at a terminal all the same. */
export function tsv(header: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string {
  const lines = [header, ...rows].map((cells) => cells.map((cell) => tsvCell(cell)).join('\t'));
  return `${lines.join('\n')}\n`;
}

/** Unknown is an empty cell, never 0. */
function tsvCell(cell: string | number | null): string {
  return cell === null ? '' : oneLine(printable(String(cell)));
}

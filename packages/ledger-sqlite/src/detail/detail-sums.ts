import { byKey, Cell, type StoredCell } from './cell.js';
import { addDetails, type DetailedAttempt, type DetailKind, quarterMs, startOf } from './kinds.js';

/** The cells of one kind and slot, by their key. */
export type Cells = ReadonlyMap<string, Cell>;

/** Sums by slot and kind, in memory: of one step of the fold, or of a day when the file is checked. */
export class DetailSums {
  readonly #slots = new Map<number, Map<DetailKind, Map<string, Cell>>>();

  /** Into its quarter hour. */
  add(attempt: DetailedAttempt, ts: number): void {
    const slotMs = startOf(quarterMs, ts);
    addDetails(attempt, (kind, key) => this.#cellOf(slotMs, kind, key));
  }

  addStored(slotMs: number, kind: DetailKind, cells: string): void {
    const stored = JSON.parse(cells) as Record<string, StoredCell>;
    for (const [key, cell] of Object.entries(stored)) this.#cellOf(slotMs, kind, key).addStored(cell);
  }

  addCells(slotMs: number, kind: DetailKind, cells: Cells): void {
    for (const [key, cell] of cells) this.#cellOf(slotMs, kind, key).addCell(cell);
  }

  *slots(): Iterable<{ readonly slotMs: number; readonly kind: DetailKind; readonly cells: Cells }> {
    for (const [slotMs, kinds] of this.#slots) for (const [kind, cells] of kinds) yield { slotMs, kind, cells };
  }

  #cellOf(slotMs: number, kind: DetailKind, key: string): Cell {
    const kinds = entryOf(this.#slots, slotMs, () => new Map<DetailKind, Map<string, Cell>>());
    const cells = entryOf(kinds, kind, () => new Map<string, Cell>());
    return entryOf(cells, key, () => new Cell());
  }
}

function entryOf<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

/** As a column. A null prototype: tags may be called `__proto__`. */
export function cellsJson(cells: Cells): string {
  const stored: Record<string, StoredCell> = Object.create(null) as Record<string, StoredCell>;
  for (const [key, cell] of [...cells].sort(byKey)) stored[key] = cell.toStored();
  return JSON.stringify(stored);
}

/** The known name that was probably meant, or null when none is near: a third of the letters may be wrong. */
export function nearestName(given: string, known: readonly string[]): string | null {
  const wanted = plain(given);
  let nearest: string | null = null;
  let fewest = Number.POSITIVE_INFINITY;
  for (const name of known) {
    const isBeginning = wanted.length >= 3 && plain(name).startsWith(wanted);
    const slips = isBeginning ? 1 : distance(wanted, plain(name));
    if (slips < fewest) [nearest, fewest] = [name, slips];
  }
  const longest = Math.max(wanted.length, plain(nearest ?? '').length);
  return fewest <= Math.max(1, Math.floor(longest / 3)) ? nearest : null;
}

/** Longer names are compared by their beginning: nobody slips that far. */
const maxCompared = 64;

function plain(name: string): string {
  return name
    .toLowerCase()
    .replace(/[_\s-]/g, '')
    .slice(0, maxCompared);
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function distance(from: string, to: string): number {
  const rows = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number) => rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    rows.push(current);
    for (let column = 1; column <= to.length; column++) {
      const replaced = at(row - 1, column - 1) + (from[row - 1] === to[column - 1] ? 0 : 1);
      const swapped =
        from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
          ? at(row - 2, column - 2) + 1
          : Number.POSITIVE_INFINITY;
      current.push(Math.min(at(row - 1, column) + 1, at(row, column - 1) + 1, replaced, swapped));
    }
  }
  return at(from.length, to.length);
}

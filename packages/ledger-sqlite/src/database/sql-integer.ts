/** SQLite stores a float in an INTEGER column only when it is below this; better-sqlite3 binds large numbers as floats. */
const maxExactFloat = 2 ** 51;

/** A safe integer as SQLite has to get it. Money above 2.25 million USD needs it. */
export function sqlInteger(value: number): number | bigint {
  return value < maxExactFloat && value > -maxExactFloat ? value : BigInt(value);
}

export function sqlIntegerOrNull(value: number | null): number | bigint | null {
  return value === null ? null : sqlInteger(value);
}

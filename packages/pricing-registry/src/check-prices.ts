import { builtInCurrencies } from './data/currencies.js';
import { parseDecimal, type Ratio } from './decimal.js';
import { dayMs, type FxRow, type PriceRow } from './rows.js';

/** Something in a price list that needs a look. */
export interface PriceProblem {
  readonly kind:
    | 'duplicate_id'
    | 'malformed'
    | 'unknown_currency'
    | 'mixed_currencies'
    | 'zero_price'
    | 'date_gap'
    | 'date_overlap'
    | 'tier_gap'
    | 'tier_overlap'
    | 'tier_fall'
    | 'price_jump';
  readonly priceIds: readonly string[];
  readonly message: string;
}

/** Rows of one unit with the same dates: together they cover all tiers. */
interface Edition {
  readonly rows: readonly PriceRow[];
  readonly fromMs: number;
  readonly toMs: number;
}

/** A price that moves by more than this factor from one date to the next is probably a slip of the decimal point. */
const jumpFactor = 10n;

/**
 * Looks for slips in a price list. Reads nothing but its arguments; an empty answer means that nothing was found. Rows that
 * were written in several files lie over each other on purpose: each file is looked at for itself.
 */
export function checkPrices(
  rows: readonly PriceRow[],
  currencies: readonly FxRow[] = builtInCurrencies,
): readonly PriceProblem[] {
  const files = grouped(rows, ({ origin = '' }) => origin.replace(/:\d+$/, ''));
  return [...files.values()].flatMap((written) => checkFile(written, currencies));
}

function checkFile(rows: readonly PriceRow[], currencies: readonly FxRow[]): readonly PriceProblem[] {
  const known = new Set(['USD', ...currencies.map((row) => row.currency)]);
  const wellFormed = rows.filter((row) => malformation(row) === null);
  const targets = grouped(wellFormed, (row) => [row.provider, row.model, row.region].join('/'));
  const units = grouped(wellFormed, (row) => [row.provider, row.model, row.region, row.unit].join('/'));
  return [
    ...duplicateIds(rows),
    ...rows.flatMap((row) => checkRow(row, known)),
    ...[...targets].flatMap(([target, listed]) => checkCurrencies(target, listed)),
    ...[...units].flatMap(([unit, listed]) => checkUnit(unit, listed)),
  ];
}

function duplicateIds(rows: readonly PriceRow[]): PriceProblem[] {
  return [...grouped(rows, (row) => row.id)]
    .filter(([, same]) => same.length > 1)
    .map(([id, same]) => ({ kind: 'duplicate_id', priceIds: [id], message: `${same.length} rows have the id ${id}` }));
}

function checkRow(row: PriceRow, known: ReadonlySet<string>): PriceProblem[] {
  const priceIds = [row.id];
  const wrong = malformation(row);
  if (wrong !== null) return [{ kind: 'malformed', priceIds, message: `${row.id}: ${wrong}` }];
  const problems: PriceProblem[] = [];
  if (!known.has(row.currency)) {
    problems.push({ kind: 'unknown_currency', priceIds, message: `${row.id}: no exchange rate for ${row.currency}` });
  }
  if (parseDecimal(row.price)?.numerator === 0n) {
    problems.push({ kind: 'zero_price', priceIds, message: `${row.id}: costs nothing, or the price is not known` });
  }
  return problems;
}

/** What keeps a row from being used at all; null when nothing does. */
function malformation(row: PriceRow): string | null {
  if (parseDecimal(row.price) === null) return `the price '${row.price}' is no plain decimal`;
  if (!Number.isSafeInteger(row.per) || row.per <= 0) return `per ${row.per} is no positive integer`;
  const fromMs = dayMs(row.effectiveFrom);
  if (Number.isNaN(fromMs)) return `effectiveFrom '${row.effectiveFrom}' is no date (YYYY-MM-DD)`;
  if (row.effectiveTo !== undefined && !(dayMs(row.effectiveTo) > fromMs)) {
    return `effectiveTo '${row.effectiveTo}' is no date after effectiveFrom`;
  }
  if (row.tier?.toTokens != null && row.tier.toTokens < row.tier.fromTokens) return 'the tier ends before it starts';
  return null;
}

function checkCurrencies(target: string, rows: readonly PriceRow[]): PriceProblem[] {
  const currencies = [...new Set(rows.map((row) => row.currency))];
  if (currencies.length < 2) return [];
  const priceIds = rows.map((row) => row.id);
  return [{ kind: 'mixed_currencies', priceIds, message: `${target} has prices in ${currencies.join(' and ')}` }];
}

function checkUnit(unit: string, rows: readonly PriceRow[]): PriceProblem[] {
  const editions = editionsOf(rows);
  const problems = editions.flatMap((edition) => checkTiers(unit, edition));
  for (const [index, later] of editions.entries()) {
    const earlier = editions[index - 1];
    if (earlier !== undefined) problems.push(...checkSuccession(unit, earlier, later));
  }
  return problems;
}

function editionsOf(rows: readonly PriceRow[]): Edition[] {
  return [...grouped(rows, (row) => `${row.effectiveFrom} ${row.effectiveTo ?? ''}`).values()]
    .map((same) => ({
      rows: [...same].sort((a, b) => (a.tier?.fromTokens ?? 0) - (b.tier?.fromTokens ?? 0)),
      fromMs: dayMs(same[0]?.effectiveFrom ?? ''),
      toMs: same[0]?.effectiveTo === undefined ? Number.POSITIVE_INFINITY : dayMs(same[0].effectiveTo),
    }))
    .sort((a, b) => a.fromMs - b.fromMs);
}

function checkTiers(unit: string, { rows }: Edition): PriceProblem[] {
  const problems: PriceProblem[] = [];
  const priceIds = rows.map((row) => row.id);
  let expected: number | null = 0;
  for (const [index, row] of rows.entries()) {
    const { id, tier } = row;
    const from = tier?.fromTokens ?? 0;
    if (expected === null || from < expected) {
      problems.push({ kind: 'tier_overlap', priceIds, message: `${unit}: ${id} starts inside another tier` });
    } else if (from > expected) {
      problems.push({
        kind: 'tier_gap',
        priceIds,
        message: `${unit}: no price from ${expected} to ${from - 1} tokens`,
      });
    }
    const below = rows[index - 1];
    if (below !== undefined && isWhole(row) && isCheaper(row, below)) {
      const message = `${unit}: ${id} costs less than a shorter request, so that one may cost more than is held for this`;
      problems.push({ kind: 'tier_fall', priceIds, message });
    }
    const to: number | null = tier?.toTokens ?? null;
    expected = to === null ? null : to + 1;
  }
  if (expected !== null) {
    problems.push({ kind: 'tier_gap', priceIds, message: `${unit}: no price from ${expected} tokens on` });
  }
  return problems;
}

function checkSuccession(unit: string, earlier: Edition, later: Edition): PriceProblem[] {
  const priceIds = [...earlier.rows, ...later.rows].map((row) => row.id);
  const problems: PriceProblem[] = [];
  if (later.fromMs < earlier.toMs) {
    problems.push({ kind: 'date_overlap', priceIds, message: `${unit}: two prices are in force at the same time` });
  } else if (later.fromMs > earlier.toMs) {
    problems.push({ kind: 'date_gap', priceIds, message: `${unit}: no price between two dates` });
  }
  for (const row of later.rows) {
    const before = earlier.rows.find((old) => (old.tier?.fromTokens ?? 0) === (row.tier?.fromTokens ?? 0));
    if (before !== undefined && jumps(before, row)) {
      const message = `${unit}: ${before.price} became ${row.price}, more than ${jumpFactor} times as much or as little`;
      problems.push({ kind: 'price_jump', priceIds: [before.id, row.id], message });
    }
  }
  return problems;
}

/** A hold is for the longest input that a request can have; marginal prices fall without harm. */
function isWhole({ tier }: PriceRow): boolean {
  return tier?.rule !== 'marginal';
}

function isCheaper(row: PriceRow, other: PriceRow): boolean {
  const [price, before] = [perUnit(row), perUnit(other)];
  return row.currency === other.currency && price.numerator * before.denominator < before.numerator * price.denominator;
}

function jumps(before: PriceRow, after: PriceRow): boolean {
  if (before.currency !== after.currency) return false;
  const [old, now] = [perUnit(before), perUnit(after)];
  const [oldScaled, nowScaled] = [old.numerator * now.denominator, now.numerator * old.denominator];
  return nowScaled > oldScaled * jumpFactor || oldScaled > nowScaled * jumpFactor;
}

function perUnit(row: PriceRow): Ratio {
  const price = parseDecimal(row.price) ?? { numerator: 0n, denominator: 1n };
  return { numerator: price.numerator, denominator: price.denominator * BigInt(row.per) };
}

function grouped<Value>(values: readonly Value[], keyOf: (value: Value) => string): Map<string, Value[]> {
  const groups = new Map<string, Value[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}

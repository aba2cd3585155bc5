import { one, parseDecimal, type Ratio, toNumber } from './decimal.js';
import { dayMs, type FxRow } from './rows.js';

/** USD for one unit of a currency. */
export interface FxRate {
  readonly ratio: Ratio;
  /** The same for people and for the ledger row. Null for USD itself. */
  readonly usdPerUnit: number | null;
}

/** Looks up a rate. Null: unknown, so nothing in that currency can be priced. */
export type CurrencyTable = (currency: string, atMs: number) => FxRate | null;

interface DatedRate extends FxRate {
  readonly fromMs: number;
  readonly toMs: number;
}

const usd: FxRate = { ratio: one, usdPerUnit: null };

/** Earlier rows win, so put the user's first. A row whose rate is no decimal string is left out: its currency is unknown. */
export function currencyTable(rows: readonly FxRow[]): CurrencyTable {
  const byCurrency = new Map<string, DatedRate[]>();
  for (const row of rows) {
    const ratio = parseDecimal(row.usdPerUnit);
    if (ratio === null || ratio.numerator === 0n) continue;
    const dated: DatedRate = {
      ratio,
      usdPerUnit: toNumber(ratio),
      fromMs: dayMs(row.effectiveFrom),
      toMs: row.effectiveTo === undefined ? Number.POSITIVE_INFINITY : dayMs(row.effectiveTo),
    };
    const rates = byCurrency.get(row.currency);
    if (rates === undefined) byCurrency.set(row.currency, [dated]);
    else rates.push(dated);
  }
  return (currency, atMs) => {
    if (currency === 'USD') return usd;
    return byCurrency.get(currency)?.find((rate) => atMs >= rate.fromMs && atMs < rate.toMs) ?? null;
  };
}

import { parseDecimal, type Ratio } from './decimal.js';
import { dayMs, type ServiceTierRow } from './rows.js';

/** What a service tier makes of a standard price. */
export interface Multiplier {
  readonly ratio: Ratio;
  /** Stands behind the price id of a line: `+flex`. */
  readonly mark: string;
}

/** Looks up a tier. Null: the tier has no price. Undefined: it is the standard one. */
export type ServiceTiers = (
  provider: string,
  model: string,
  serviceTier: string | undefined,
  atMs: number,
) => Multiplier | null | undefined;

interface DatedMultiplier extends Multiplier {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Other words for the standard tier on the wires. */
const standard: ReadonlySet<string> = new Set(['', 'standard', 'default', 'auto', 'on_demand']);

/** Of one model or of all, earlier rows win. A row whose multiplier is no decimal string is left out. */
export function serviceTiersOf(rows: readonly ServiceTierRow[]): ServiceTiers {
  const dated = new Map<string, DatedMultiplier[]>();
  for (const row of rows) {
    const ratio = parseDecimal(row.multiplier);
    if (ratio === null) continue;
    const key = keyOf(row.provider, row.model, row.serviceTier);
    const found = dated.get(key) ?? [];
    dated.set(key, found);
    found.push({
      ratio,
      mark: `+${row.serviceTier}`,
      fromMs: dayMs(row.effectiveFrom),
      toMs: row.effectiveTo === undefined ? Number.POSITIVE_INFINITY : dayMs(row.effectiveTo),
    });
  }
  const find = (provider: string, model: string, tier: string, atMs: number) =>
    dated.get(keyOf(provider, model, tier))?.find(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs);
  return (provider, model, serviceTier, atMs) => {
    if (serviceTier === undefined || standard.has(serviceTier)) return undefined;
    return find(provider, model, serviceTier, atMs) ?? find(provider, '*', serviceTier, atMs) ?? null;
  };
}

function keyOf(provider: string, model: string, serviceTier: string): string {
  return `${provider}\n${model}\n${serviceTier}`;
}

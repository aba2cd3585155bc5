import type { StandardIssue, StandardSchema } from '@vibe/core';
import { parseDecimal } from './decimal.js';
import { dayMs, type FxInput, type PriceInput, type ServiceTierInput } from './rows.js';

export interface PricingRegistryOptions {
  /**
   * Negotiated prices and models the registry does not know. Each wins over the built-in price of the same provider,
   * model, region and unit; units it does not name keep their built-in price.
   */
  readonly prices?: readonly PriceInput[] | undefined;
  /** Exchange rates that win over the built-in ones, for example the rate of your invoices. */
  readonly currencies?: readonly FxInput[] | undefined;
  /** What service tiers cost (`flex`, `priority`, `batch`), where your contract says otherwise. */
  readonly serviceTiers?: readonly ServiceTierInput[] | undefined;
  /** Warn when nothing in the built-in list was verified for this many days. Default 180. 0 warns never. */
  readonly warnAgeDays?: number | undefined;
}

type Path = readonly PropertyKey[];

/** Checked by hand: the package has no dependencies at run time. */
export const optionsSchema: StandardSchema<PricingRegistryOptions> = {
  '~standard': {
    version: 1,
    vendor: 'vibe',
    validate: (value) => {
      const issues = issuesOf(value);
      return issues.length > 0 ? { issues } : { value: value as PricingRegistryOptions };
    },
  },
};

function issuesOf(value: unknown): StandardIssue[] {
  if (!isRecord(value)) return [{ message: 'must be an object', path: [] }];
  const { prices, currencies, serviceTiers, warnAgeDays, ...others } = value;
  return [
    ...Object.keys(others).map((key) => ({ message: 'unknown option', path: [key] })),
    ...issuesOfList(prices, ['prices'], issuesOfPrice),
    ...issuesOfList(currencies, ['currencies'], issuesOfRate),
    ...issuesOfList(serviceTiers, ['serviceTiers'], issuesOfServiceTier),
    ...(warnAgeDays === undefined || (typeof warnAgeDays === 'number' && warnAgeDays >= 0)
      ? []
      : [{ message: 'must be a number of days, 0 or more', path: ['warnAgeDays'] }]),
  ];
}

function issuesOfList(
  value: unknown,
  path: Path,
  issuesOfEntry: (entry: Record<string, unknown>, path: Path) => StandardIssue[],
): StandardIssue[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return [{ message: 'must be a list', path }];
  return value.flatMap((entry: unknown, index) =>
    isRecord(entry)
      ? issuesOfEntry(entry, [...path, index])
      : [{ message: 'must be an object', path: [...path, index] }],
  );
}

function issuesOfPrice(entry: Record<string, unknown>, path: Path): StandardIssue[] {
  return [
    ...['provider', 'model', 'region', 'unit'].flatMap((key) => text(entry, key, path)),
    ...decimal(entry, 'price', path),
    ...(Number.isSafeInteger(entry['per']) && Number(entry['per']) > 0
      ? []
      : [{ message: 'must be a positive integer: the price is for that many units', path: [...path, 'per'] }]),
    ...(entry['currency'] === undefined ? [] : text(entry, 'currency', path)),
    ...(entry['tier'] === undefined ? [] : issuesOfTier(entry['tier'], [...path, 'tier'])),
    ...issuesOfMeaning(entry, path),
    ...days(entry, path),
  ];
}

function issuesOfMeaning({ covers, thinking }: Record<string, unknown>, path: Path): StandardIssue[] {
  const issues: StandardIssue[] = [];
  if (covers !== undefined && !(Array.isArray(covers) && covers.every((unit) => typeof unit === 'string'))) {
    issues.push({ message: 'must be a list of units', path: [...path, 'covers'] });
  }
  if (thinking !== undefined && thinking !== 'whole_output' && thinking !== 'split') {
    issues.push({ message: "must be 'whole_output' or 'split'", path: [...path, 'thinking'] });
  }
  return issues;
}

function issuesOfTier(tier: unknown, path: Path): StandardIssue[] {
  if (!isRecord(tier)) return [{ message: 'must be an object', path }];
  const { fromTokens, toTokens, rule } = tier;
  const issues: StandardIssue[] = [];
  if (!isCount(fromTokens)) issues.push({ message: 'must be a number of tokens', path: [...path, 'fromTokens'] });
  if (toTokens !== null && !isCount(toTokens)) {
    issues.push({ message: 'must be a number of tokens, or null for no end', path: [...path, 'toTokens'] });
  }
  if (rule !== undefined && rule !== 'whole_request' && rule !== 'marginal') {
    issues.push({ message: "must be 'whole_request' or 'marginal'", path: [...path, 'rule'] });
  }
  return issues;
}

function issuesOfRate(entry: Record<string, unknown>, path: Path): StandardIssue[] {
  return [...text(entry, 'currency', path), ...decimal(entry, 'usdPerUnit', path), ...days(entry, path)];
}

function issuesOfServiceTier(entry: Record<string, unknown>, path: Path): StandardIssue[] {
  return [
    ...['provider', 'model', 'serviceTier'].flatMap((key) => text(entry, key, path)),
    ...decimal(entry, 'multiplier', path),
    ...days(entry, path),
  ];
}

function text(entry: Record<string, unknown>, key: string, path: Path): StandardIssue[] {
  const value = entry[key];
  return typeof value === 'string' && value !== '' ? [] : [{ message: 'must be a text', path: [...path, key] }];
}

function decimal(entry: Record<string, unknown>, key: string, path: Path): StandardIssue[] {
  const value = entry[key];
  if (typeof value === 'string' && parseDecimal(value) !== null) return [];
  return [{ message: "must be a decimal in quotes, like '0.30' (a number would lose digits)", path: [...path, key] }];
}

function days(entry: Record<string, unknown>, path: Path): StandardIssue[] {
  return ['effectiveFrom', 'effectiveTo', 'verifiedAt'].flatMap((key) => {
    const value = entry[key];
    if (value === undefined || (typeof value === 'string' && !Number.isNaN(dayMs(value)))) return [];
    return [{ message: "must be a day like '2026-11-22'", path: [...path, key] }];
  });
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

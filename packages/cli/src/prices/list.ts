import type { RegistryRate } from '@vibe/pricing-registry';
import { exitCodes } from '../exit-codes.js';
import { envelope } from '../output/envelope.js';
import { tsv } from '../output/table.js';
import { tableLines } from '../output/table-text.js';
import { wrap } from '../output/text-width.js';
import { withPlugins } from '../providers/open-providers.js';
import type { Session } from '../session.js';
import { pricingOf, ratesOf } from './open-prices.js';
import { ageDays, perUsualAmount, priceText, staleAfterDays, usualAmountText } from './price-text.js';

export interface PriceFilter {
  readonly provider?: string;
  readonly region?: string;
  /** Epoch milliseconds. Default: now. */
  readonly at?: number;
}

/** The price of one model in one region, in one line. */
interface ModelRow {
  readonly name: string;
  readonly rates: readonly RegistryRate[];
}

/** `llm prices list`: a line per model and region. */
export function list(session: Session, { provider, region, at }: PriceFilter): Promise<number> {
  return withPlugins(session, async (plugins) => {
    const { out, world, timezone } = session;
    const atMs = at ?? world.now();
    const rates = ratesOf(pricingOf(plugins), {
      atMs,
      ...(provider !== undefined && { provider }),
      ...(region !== undefined && { region }),
    });
    if (session.flags.json === true) {
      const query = { provider: provider ?? null, region: region ?? null, at: new Date(atMs).toISOString() };
      await out.write(envelope('vibe.prices/1', { nowMs: world.now(), timezone, query, rows: rates, warnings: [] }));
    } else if (rates.length === 0) {
      await session.note('No prices match. All of them: llm prices list');
    } else if (session.tables) {
      await out.write(`${tableOf(session, modelRows(rates)).join('\n')}\n`);
    } else {
      await out.write(ratesTsv(rates, world.now()));
    }
    return exitCodes.ok;
  });
}

function modelRows(rates: readonly RegistryRate[]): readonly ModelRow[] {
  const byName = new Map<string, RegistryRate[]>();
  for (const rate of rates) {
    const name = `${rate.provider}/${rate.model} @ ${rate.region}`;
    const rows = byName.get(name);
    if (rows === undefined) byName.set(name, [rate]);
    else rows.push(rate);
  }
  return [...byName].map(([name, own]) => ({ name, rates: own }));
}

const chatUnits = ['input_token', 'cached_input_token', 'output_token', 'reasoning_token'];
/** Of few calls, and as long as the name of a model: `llm prices show` has them. */
const rareUnits = ['web_search'];

function tableOf(session: Session, rows: readonly ModelRow[]): readonly string[] {
  const nowMs = session.world.now();
  const { yellow } = session.out.colors;
  const cell = (unit: string) => rows.map(({ rates }) => firstPrice(rates, unit));
  const ages = rows.map(({ rates }) => Math.max(...rates.map((rate) => ageDays(rate, nowMs))));
  const columns = [
    { title: 'MODEL', shrinkTo: 20, cells: rows.map(({ name }) => name) },
    { title: 'IN', align: 'right' as const, cells: cell('input_token') },
    { title: 'CACHED', align: 'right' as const, dropOrder: 2, cells: cell('cached_input_token') },
    { title: 'OUT', align: 'right' as const, cells: cell('output_token') },
    { title: 'THINKING', align: 'right' as const, dropOrder: 4, cells: cell('reasoning_token') },
    { title: 'OTHER', dropOrder: 3, cells: rows.map(({ rates }) => otherPrices(rates)) },
    {
      title: 'AGE',
      align: 'right' as const,
      dropOrder: 1,
      cells: ages.map((days) => `${days} d`),
      paint: (text: string, row: number) => ((ages[row] ?? 0) > staleAfterDays ? yellow(text) : text),
    },
    { title: 'FROM', dropOrder: 5, cells: rows.map(({ rates }) => fromText(rates)) },
  ];
  const stale = ages.filter((days) => days > staleAfterDays).length;
  return [
    ...tableLines(session, columns),
    '',
    ...wrap(
      'Per 1M tokens; + there is a dearer tier for long input. AGE: since the oldest price was verified.',
      session.out.columns,
    ),
    ...(stale === 0
      ? []
      : [`${stale} of ${rows.length} models have prices older than ${staleAfterDays} days: llm prices check`]),
    'Next: llm prices show MODEL',
  ];
}

function firstPrice(rates: readonly RegistryRate[], unit: string): string {
  const own = rates.filter((rate) => rate.unit === unit);
  const [lowest] = [...own].sort((a, b) => (a.tier?.fromTokens ?? 0) - (b.tier?.fromTokens ?? 0));
  if (lowest === undefined) return '–';
  return priceText(perUsualAmount(lowest), lowest.currency) + (own.length > 1 ? '+' : '');
}

function otherPrices(rates: readonly RegistryRate[]): string {
  const left = [...chatUnits, ...rareUnits];
  const units = [...new Set(rates.map(({ unit }) => unit))].filter((unit) => !left.includes(unit));
  return units.map((unit) => `${firstPrice(rates, unit)} ${shortName(unit)}`).join(' · ');
}

function shortName(unit: string): string {
  if (unit.endsWith('_token')) return unit.replace(/_token$/, '').replaceAll('_', ' ');
  return `per ${usualAmountText(unit)}`;
}

function fromText(rates: readonly RegistryRate[]): string {
  const users = rates.filter(({ provenance }) => provenance === 'user');
  if (users.length === 0) return 'built in';
  return [...new Set(users.map(({ origin }) => origin ?? 'code'))].join(', ');
}

export function ratesTsv(rates: readonly RegistryRate[], nowMs: number): string {
  return tsv(
    [
      ...['provider', 'model', 'region', 'unit', 'price', 'per', 'currency', 'tier_from', 'tier_to', 'effective_from'],
      ...['effective_to', 'verified_at', 'age_days', 'confidence', 'provenance', 'origin', 'price_id', 'source'],
    ],
    rates.map((rate) => [
      ...[rate.provider, rate.model, rate.region, rate.unit, rate.price, rate.per, rate.currency],
      ...[rate.tier?.fromTokens ?? null, rate.tier?.toTokens ?? null, rate.effectiveFrom, rate.effectiveTo],
      ...[
        rate.verifiedAt,
        ageDays(rate, nowMs),
        rate.confidence,
        rate.provenance,
        rate.origin,
        rate.priceId,
        rate.source,
      ],
    ]),
  );
}

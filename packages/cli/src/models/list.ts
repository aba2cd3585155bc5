import { exitCodes } from '../exit-codes.js';
import { envelope } from '../output/envelope.js';
import { short } from '../output/numbers.js';
import { print } from '../output/print.js';
import { printable } from '../output/printable.js';
import { table } from '../output/table.js';
import { withPlugins } from '../providers/open-providers.js';
import type { Session } from '../session.js';
import { abilitiesOf, lowestRate, type ModelRow, modelRows, rateText } from './rows.js';

export interface ModelsFlags {
  readonly provider?: string;
  readonly capability?: string;
  readonly sort?: 'name' | 'price' | 'tier';
  readonly csv?: boolean;
}

const tiers: readonly string[] = ['economy', 'standard', 'premium'];

/** `llm models`: nobody is called; prices are those of the configured lists. */
export function listModels(session: Session, flags: ModelsFlags): Promise<number> {
  return withPlugins(session, async (plugins) => {
    const nowMs = session.world.now();
    const rows = sorted(
      (await modelRows(plugins, nowMs)).filter(
        ({ provider, manifest }) =>
          (flags.provider === undefined || provider === flags.provider) &&
          (flags.capability === undefined || abilitiesOf(manifest).includes(flags.capability)),
      ),
      flags.sort ?? 'name',
    );
    const { timezone } = session;
    await print(
      session,
      {
        json: () => envelope('vibe.models/1', { nowMs, timezone, rows: rows.map(rowJson), warnings: [] }),
        sheet: () => ({
          header: [
            'model',
            'provider',
            'tier',
            'abilities',
            'endpoints',
            'context_tokens',
            'max_output_tokens',
            'input_price',
            'output_price',
            'priced',
          ],
          rows: rows.map((row) => [
            row.manifest.id,
            row.provider,
            row.manifest.tier,
            abilitiesOf(row.manifest).join(' '),
            row.endpoints.join(' '),
            row.manifest.contextTokens ?? null,
            row.manifest.maxOutputTokens ?? null,
            rateText(inputRate(row)),
            rateText(outputRate(row)),
            String(row.rates.length > 0),
          ]),
        }),
        text: () => modelsText(session, rows),
        empty: rows.length === 0 ? () => 'No model fits. All of them: llm models' : null,
      },
      flags.csv === true,
    );
    return exitCodes.ok;
  });
}

/** The table for people. */
export function modelsText({ out, bars }: Session, rows: readonly ModelRow[]): string {
  return `${table(columnsOf(rows), out.columns, bars.rule).join('\n')}\n\nNext: llm models show ID · llm estimate "…"\n`;
}

function columnsOf(rows: readonly ModelRow[]) {
  const right = { align: 'right' } as const;
  return [
    { title: 'MODEL', shrinkTo: 16, cells: rows.map(({ manifest }) => printable(manifest.id)) },
    { title: 'PROVIDER', dropOrder: 1, cells: rows.map(({ provider }) => printable(provider)) },
    { title: 'TIER', dropOrder: 3, cells: rows.map(({ manifest }) => manifest.tier) },
    { title: 'IN', ...right, cells: rows.map((row) => rateText(inputRate(row))) },
    { title: 'OUT', ...right, cells: rows.map((row) => rateText(outputRate(row))) },
    {
      title: 'CONTEXT',
      ...right,
      dropOrder: 4,
      cells: rows.map(({ manifest }) => (manifest.contextTokens === undefined ? '–' : short(manifest.contextTokens))),
    },
    { title: 'CAN', dropOrder: 5, cells: rows.map(({ manifest }) => abilitiesOf(manifest).join(' ')) },
    { title: 'ENDPOINTS', dropOrder: 6, cells: rows.map(({ endpoints }) => endpoints.join(' ')) },
  ];
}

/** What goes in: tokens for most, seconds for those that listen, characters for those that speak. */
function inputRate({ rates }: ModelRow) {
  return lowestRate(rates, 'input_token') ?? lowestRate(rates, 'audio_second') ?? lowestRate(rates, 'character');
}

function outputRate({ rates }: ModelRow) {
  return lowestRate(rates, 'output_token') ?? lowestRate(rates, 'image') ?? lowestRate(rates, 'output_audio_token');
}

function sorted(rows: readonly ModelRow[], by: 'name' | 'price' | 'tier'): readonly ModelRow[] {
  const name = ({ provider, manifest }: ModelRow) => `${provider}/${manifest.id}`;
  const byName = (left: ModelRow, right: ModelRow) => (name(left) < name(right) ? -1 : 1);
  if (by === 'name') return [...rows].sort(byName);
  if (by === 'tier')
    return [...rows].sort(
      (left, right) => tiers.indexOf(left.manifest.tier) - tiers.indexOf(right.manifest.tier) || byName(left, right),
    );
  return [...rows].sort((left, right) => priceOf(left) - priceOf(right) || byName(left, right));
}

/** Per million of what goes out; lists in one currency compare, and what has no price comes last. */
function priceOf(row: ModelRow): number {
  const rate = outputRate(row) ?? inputRate(row);
  return rate === null
    ? Number.POSITIVE_INFINITY
    : (Number(rate.price) / rate.per) * (rate.currency === 'CNY' ? 0.14 : 1);
}

function rowJson({ provider, profile, manifest, endpoints, rates }: ModelRow) {
  const { endpoints: _endpoints, ...model } = manifest;
  return { provider, profile, ...model, abilities: abilitiesOf(manifest), endpoints, rates };
}

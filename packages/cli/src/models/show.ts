import { nearestName } from '@vibe/config';
import { exitCodes } from '../exit-codes.js';
import { envelope } from '../output/envelope.js';
import { count } from '../output/numbers.js';
import { print } from '../output/print.js';
import { printable } from '../output/printable.js';
import { table } from '../output/table.js';
import { pad } from '../output/text-width.js';
import { withPlugins } from '../providers/open-providers.js';
import type { Session } from '../session.js';
import { UsageError } from '../usage-error.js';
import { abilitiesOf, type ModelRow, modelRows, rateText } from './rows.js';

/** `llm models show ID`: everything the manifest and the price lists say. */
export function showModel(session: Session, id: string): Promise<number> {
  return withPlugins(session, async (plugins) => {
    const nowMs = session.world.now();
    const all = await modelRows(plugins, nowMs);
    const rows = all.filter(({ provider, manifest }) => {
      const names = [manifest.id, ...(manifest.aliases ?? [])];
      return names.includes(id) || names.some((name) => `${provider}/${name}` === id);
    });
    if (rows.length === 0) throw unknown(id, all);
    const { timezone } = session;
    await print(session, {
      json: () => envelope('vibe.model/1', { nowMs, timezone, rows, warnings: [] }),
      sheet: () => ({
        header: [
          'model',
          'provider',
          'region',
          'unit',
          'price',
          'per',
          'currency',
          'from_tokens',
          'effective_from',
          'source',
        ],
        rows: rows.flatMap(({ manifest, provider, rates }) =>
          rates.map((rate) => [
            manifest.id,
            provider,
            rate.region,
            rate.unit,
            rate.price,
            rate.per,
            rate.currency,
            rate.tier?.fromTokens ?? null,
            rate.effectiveFrom,
            rate.source,
          ]),
        ),
      }),
      text: () => rows.map((row) => modelText(session, row)).join('\n'),
    });
    return exitCodes.ok;
  });
}

function unknown(id: string, rows: readonly ModelRow[]): UsageError {
  const meant = nearestName(
    id,
    rows.map(({ manifest }) => manifest.id),
  );
  const hint = meant === null ? '' : ` (did you mean ${meant}?)`;
  return new UsageError(`No provider has a model ${JSON.stringify(id)}${hint}.`, ['llm models']);
}

/** One model for people. */
export function modelText({ out, bars }: Session, { provider, manifest, endpoints, rates }: ModelRow): string {
  const { id, tier, contextTokens, maxOutputTokens, aliases = [], input, output, streams } = manifest;
  const facts = [
    ['Provider', `${provider} · ${endpoints.join(', ')}`],
    ['Tier', tier],
    ['Can', abilitiesOf(manifest).join(' ')],
    ['In, out', `${input.join(' ')} → ${output.join(' ')}${streams === false ? ' · does not stream' : ''}`],
    ['Context', contextTokens === undefined ? '–' : `${count(contextTokens)} tokens`],
    ['Longest', maxOutputTokens === undefined ? '–' : `${count(maxOutputTokens)} tokens`],
    ['Aliases', aliases.length === 0 ? '–' : aliases.join(' ')],
  ] as const;
  const prices = table(
    [
      { title: 'UNIT', cells: rates.map(({ unit }) => printable(unit)) },
      { title: 'PRICE', align: 'right', cells: rates.map(rateText) },
      { title: 'REGION', dropOrder: 1, cells: rates.map(({ region }) => region) },
      {
        title: 'FROM TOKENS',
        align: 'right',
        dropOrder: 3,
        cells: rates.map(({ tier: step }) => (step === null ? '–' : count(step.fromTokens))),
      },
      { title: 'SINCE', dropOrder: 4, cells: rates.map(({ effectiveFrom }) => effectiveFrom.slice(0, 10)) },
      { title: 'CHECKED', dropOrder: 2, cells: rates.map(({ verifiedAt }) => verifiedAt.slice(0, 10)) },
    ],
    out.columns,
    bars.rule,
  );
  const lines = [
    out.colors.bold(printable(id)),
    ...facts.map(([label, value]) => printable(`  ${pad(label, 10)}${value}`)),
    '',
    ...(rates.length === 0 ? ['  No price list knows it: its calls count as unpriced.'] : prices),
  ];
  return `${lines.join('\n')}\n`;
}

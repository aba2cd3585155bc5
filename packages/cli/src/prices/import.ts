import { resolve } from 'node:path';
import type { ConfigFile } from '@vibe/config';
import { toPriceRow } from '@vibe/pricing-registry';
import { exitCodes } from '../exit-codes.js';
import { envelope } from '../output/envelope.js';
import { tsv } from '../output/table.js';
import { tableLines } from '../output/table-text.js';
import { withPlugins } from '../providers/open-providers.js';
import type { Session } from '../session.js';
import { UsageError } from '../usage-error.js';
import { type Comparison, compare, type PriceChange } from './compare.js';
import { canAsk, saysYes } from './confirm.js';
import type { FormatQuestion, ImportedFile, ImportedPrice } from './formats/formats.js';
import { readPriceFile } from './formats/read-price-file.js';
import { pricingOf } from './open-prices.js';
import { priceText, tierText, usualAmount, usualAmountText } from './price-text.js';
import { writePrices } from './write-prices.js';

export interface ImportFlags {
  /** Only models whose id contains this. */
  readonly model?: string;
  readonly provider?: string;
  readonly region?: string;
  /** `openai=openai@global`: a provider of the file, and whose it is here. */
  readonly as?: string;
  readonly newModels?: boolean;
  readonly user?: boolean;
  readonly yes?: boolean;
}

/** `llm prices diff FILE`: what a file would change. Writes nothing. */
export function diff(session: Session, file: string, flags: ImportFlags): Promise<number> {
  return withComparison(session, file, flags, async (imported, comparison) => {
    await show(session, file, imported, comparison, null);
    return exitCodes.ok;
  });
}

/** `llm prices import FILE`: the same, and after a yes into the options of `@vibe/pricing-registry`. */
export function importPrices(session: Session, file: string, flags: ImportFlags): Promise<number> {
  return withComparison(session, file, flags, async (imported, comparison, files) => {
    const { changes } = comparison;
    const target = targetOf(files, flags);
    const asks = flags.yes !== true;
    if (asks && changes.length > 0 && !canAsk(session)) {
      throw new UsageError(
        `${file} would change ${changes.length} prices in ${target.display}, and nobody can be asked here: nothing was written.`,
        [`llm prices diff ${file}`, `llm prices import ${file} --yes`],
      );
    }
    const written = changes.length > 0 && !asks;
    if (written)
      await writePrices(
        target,
        changes.map(({ price }) => forFile(price)),
      );
    await show(session, file, imported, comparison, written ? target.path : null);
    if (changes.length > 0 && asks) {
      if (!(await saysYes(session, `Write ${changes.length} prices into ${target.display}?`))) {
        await session.note('Nothing was written.');
        return exitCodes.ok;
      }
      await writePrices(
        target,
        changes.map(({ price }) => forFile(price)),
      );
    }
    if (changes.length > 0) await session.note(`Written: ${target.display}. See: llm prices list`);
    return exitCodes.ok;
  });
}

function withComparison(
  session: Session,
  file: string,
  flags: ImportFlags,
  command: (imported: ImportedFile, comparison: Comparison, files: readonly ConfigFile[]) => Promise<number>,
): Promise<number> {
  return withPlugins(session, (plugins) => {
    const { world } = session;
    const imported = readPriceFile(resolve(world.cwd, file), file, questionOf(flags, world.now()));
    const wanted = imported.prices.filter((price) => isWanted(price, flags));
    if (wanted.length === 0)
      throw new UsageError(nothingFound(file, imported, flags), [
        `llm prices diff ${file} --as NAME=PROVIDER@REGION   for a provider of the file that has another name here`,
      ]);
    const comparison = compare(wanted, pricingOf(plugins), world.now(), flags.newModels === true);
    return command(imported, comparison, plugins.config.files);
  });
}

function questionOf({ as }: ImportFlags, nowMs: number): FormatQuestion {
  const today = new Date(nowMs).toISOString().slice(0, 10);
  if (as === undefined) return { also: null, today };
  const match = /^([^=]+)=([^@]+)@(.+)$/.exec(as);
  if (match === null)
    throw new UsageError(`--as takes NAME=PROVIDER@REGION, got "${as}".`, ['--as openai=openai@global']);
  const [, name = '', provider = '', region = ''] = match;
  return { also: { name, place: { provider, region } }, today };
}

function isWanted(price: ImportedPrice, { model, provider, region }: ImportFlags): boolean {
  return (
    (model === undefined || price.model.includes(model)) &&
    (provider === undefined || price.provider === provider) &&
    (region === undefined || price.region === region)
  );
}

function nothingFound(file: string, { format, prices }: ImportedFile, { model }: ImportFlags): string {
  if (prices.length === 0) return `${file} (${format}) has no prices of our providers.`;
  return `${file} (${format}) has no prices ${model === undefined ? 'for these flags' : `of a model like "${model}"`}.`;
}

function targetOf(files: readonly ConfigFile[], { user = false }: ImportFlags): ConfigFile {
  const layer = user ? 'user' : 'project';
  const file = files.find((each) => each.layer === layer);
  if (file === undefined) throw new UsageError(`There is no place for a ${layer} file.`);
  return file;
}

/** Without what only says where it came from twice. */
function forFile({ source, verifiedAt, ...price }: ImportedPrice): ImportedPrice {
  return { ...price, source, ...(verifiedAt !== undefined && { verifiedAt }) };
}

async function show(
  session: Session,
  file: string,
  { format, skipped }: ImportedFile,
  { changes, same, others }: Comparison,
  writtenTo: string | null,
): Promise<void> {
  const { out, world, timezone } = session;
  if (session.flags.json === true) {
    const totals = { changed: changes.length, same, left_out: others, skipped: skipped.length };
    const query = { file, format };
    await out.write(
      envelope('vibe.prices_diff/1', {
        nowMs: world.now(),
        timezone,
        query,
        rows: changes,
        totals,
        writtenTo,
        skipped,
        warnings: [],
      }),
    );
    return;
  }
  if (session.tables) {
    const counts = `${changes.length} different, ${same} the same${others === 0 ? '' : `, ${others} of models without a price here (--new-models takes them)`}${skipped.length === 0 ? '' : `, ${skipped.length} skipped (--json says why)`}`;
    const lines = changes.length === 0 ? [] : [...tableLines(session, columnsOf(session, changes)), ''];
    await out.write(`${[...lines, `${file} (${format}): ${counts}.`].join('\n')}\n`);
    return;
  }
  await out.write(
    tsv(
      ['kind', 'provider', 'model', 'region', 'unit', 'tier_from', 'now', 'new', 'per', 'currency', 'change_percent'],
      changes.map(({ kind, price, nowPrice, newPrice, changePercent }) => {
        const { provider, model, region, unit, tier } = price;
        const amount = usualAmount(unit);
        const now = nowPrice === null ? null : nowPrice * amount;
        const { currency } = toPriceRow(price);
        return [
          kind,
          provider,
          model,
          region,
          unit,
          tier?.fromTokens ?? null,
          now,
          newPrice * amount,
          amount,
          currency,
          changePercent,
        ];
      }),
    ),
  );
}

function columnsOf({ out }: Session, changes: readonly PriceChange[]) {
  const { red, green } = out.colors;
  const amountOf = (nanoPerUnit: number | null, { unit, ...price }: ImportedPrice) =>
    nanoPerUnit === null ? '–' : priceText(nanoPerUnit * usualAmount(unit), toPriceRow({ unit, ...price }).currency);
  return [
    { title: 'MODEL', cells: changes.map(({ price }) => `${price.provider}/${price.model} @ ${price.region}`) },
    { title: 'UNIT', cells: changes.map(({ price }) => price.unit) },
    { title: 'INPUT TOKENS', dropOrder: 1, cells: changes.map(({ price }) => tierText({ tier: price.tier ?? null })) },
    { title: 'NOW', align: 'right' as const, cells: changes.map(({ price, nowPrice }) => amountOf(nowPrice, price)) },
    { title: 'FILE', align: 'right' as const, cells: changes.map(({ price, newPrice }) => amountOf(newPrice, price)) },
    { title: 'PER', dropOrder: 2, cells: changes.map(({ price }) => usualAmountText(price.unit)) },
    {
      title: 'CHANGE',
      align: 'right' as const,
      cells: changes.map(({ changePercent }) => percent(changePercent)),
      paint: (cell: string, row: number) => {
        const change = changes[row]?.changePercent ?? 0;
        return change > 0 ? red(cell) : change < 0 ? green(cell) : cell;
      },
    },
  ];
}

function percent(change: number | null): string {
  if (change === null) return 'new';
  return `${change > 0 ? '+' : ''}${change.toFixed(Math.abs(change) < 10 ? 1 : 0)} %`;
}

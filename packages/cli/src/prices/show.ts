import { nearestName } from '@vibe/config';
import type { Pricing } from '@vibe/core';
import type { RegistryRate } from '@vibe/pricing-registry';
import { exitCodes } from '../exit-codes.js';
import { envelope } from '../output/envelope.js';
import { printable } from '../output/printable.js';
import { tableLines } from '../output/table-text.js';
import { wrap } from '../output/text-width.js';
import { withPlugins } from '../providers/open-providers.js';
import type { Session } from '../session.js';
import { UsageError } from '../usage-error.js';
import { type PriceFilter, ratesTsv } from './list.js';
import { pricingOf, ratesOf } from './open-prices.js';
import { ageDays, perUsualAmount, priceText, staleAfterDays, tierText, usualAmountText } from './price-text.js';

/** `llm prices show MODEL`: every row behind the price of a model, with its source, also those of other dates. */
export function show(session: Session, name: string, filter: PriceFilter): Promise<number> {
  return withPlugins(session, async (plugins) => {
    const pricing = pricingOf(plugins);
    const { out, world, timezone } = session;
    const atMs = filter.at ?? world.now();
    const { provider, model } = parsed(name, filter.provider);
    const asked = {
      ...(provider !== undefined && { provider }),
      ...(filter.region !== undefined && { region: filter.region }),
    };
    const inForce = ratesOf(pricing, { ...asked, model, atMs });
    if (inForce.length === 0) throw unknownModel(pricing, name, model, atMs);
    const later = ratesOf(pricing, { ...asked, model }).filter((rate) => Date.parse(rate.effectiveFrom) > atMs);
    if (session.flags.json === true) {
      const query = {
        model,
        provider: provider ?? null,
        region: filter.region ?? null,
        at: new Date(atMs).toISOString(),
      };
      await out.write(
        envelope('vibe.prices_show/1', { nowMs: world.now(), timezone, query, rows: inForce, later, warnings: [] }),
      );
    } else if (session.tables) {
      await out.write(`${text(session, model, inForce, later).join('\n')}\n`);
    } else {
      await out.write(ratesTsv([...inForce, ...later], world.now()));
    }
    return exitCodes.ok;
  });
}

/** `qwen/qwen-plus`, `qwen@sg/qwen-plus` or `qwen-plus`. */
function parsed(name: string, provider: string | undefined): { provider: string | undefined; model: string } {
  const match = /^([^/@]+)(?:@[^/]+)?\/(.+)$/.exec(name);
  return match === null ? { provider, model: name } : { provider: provider ?? match[1], model: match[2] ?? name };
}

function unknownModel(pricing: Pricing, name: string, model: string, atMs: number): UsageError {
  const models = [...new Set(pricing.rates({ atMs }).map((rate) => rate.model))];
  const meant = nearestName(model, models);
  const hint = meant === null ? '' : ` Did you mean ${meant}?`;
  return new UsageError(`No price is known for ${name}: its calls count as unpriced, not as free.${hint}`, [
    ...(meant === null ? [] : [`llm prices show ${meant}`]),
    'llm prices list',
  ]);
}

function text(
  session: Session,
  model: string,
  inForce: readonly RegistryRate[],
  later: readonly RegistryRate[],
): readonly string[] {
  const nowMs = session.world.now();
  const notes = [...inForce, ...later].flatMap((rate) => notesOf(rate, nowMs));
  return [
    `${model} in force`,
    ...table(session, inForce, nowMs),
    ...(later.length === 0 ? [] : ['', 'Announced', ...table(session, later, nowMs)]),
    ...(notes.length === 0
      ? []
      : ['', ...new Set(notes)].flatMap((note) => wrap(printable(note), session.out.columns))),
  ];
}

function table(session: Session, rates: readonly RegistryRate[], nowMs: number): readonly string[] {
  const { yellow } = session.out.colors;
  return tableLines(session, [
    { title: 'REGION', cells: rates.map(({ region }) => region) },
    { title: 'UNIT', cells: rates.map(({ unit }) => unit) },
    { title: 'INPUT TOKENS', dropOrder: 2, cells: rates.map(tierText) },
    {
      title: 'PRICE',
      align: 'right',
      cells: rates.map((rate) => priceText(perUsualAmount(rate), rate.currency)),
    },
    { title: 'PER', dropOrder: 3, cells: rates.map(({ unit }) => usualAmountText(unit)) },
    { title: 'FROM', cells: rates.map(({ effectiveFrom }) => effectiveFrom) },
    { title: 'TO', dropOrder: 4, cells: rates.map(({ effectiveTo }) => effectiveTo ?? '') },
    {
      title: 'VERIFIED',
      dropOrder: 1,
      cells: rates.map((rate) => `${rate.verifiedAt} (${ageDays(rate, nowMs)} d)`),
      paint: (cell, row) =>
        (rates[row] === undefined ? 0 : ageDays(rates[row], nowMs)) > staleAfterDays ? yellow(cell) : cell,
    },
    { title: 'SURE', dropOrder: 5, cells: rates.map(({ confidence }) => confidence) },
  ]);
}

function notesOf(rate: RegistryRate, nowMs: number): readonly string[] {
  const where = rate.provenance === 'user' ? `${rate.origin ?? 'code'} (${rate.source})` : rate.source;
  const days = ageDays(rate, nowMs);
  return [
    `  source    ${where}`,
    ...rate.conflicts.map((conflict) => `  but       ${conflict}`),
    ...(rate.note === null ? [] : [`  note      ${rate.note}`]),
    ...(days > staleAfterDays ? [`  stale     verified ${days} days ago, on ${rate.verifiedAt}`] : []),
  ];
}

import { resolve } from 'node:path';
import {
  builtInCurrencies,
  checkPrices,
  type FxInput,
  type PriceRow,
  toFxRow,
  toPriceRow,
  unpricedModels,
} from '@vibe/pricing-registry';
import { exitCodes } from '../exit-codes.js';
import { envelope } from '../output/envelope.js';
import { printable } from '../output/printable.js';
import { tsv } from '../output/table.js';
import { type OpenedPlugins, withPlugins } from '../providers/open-providers.js';
import type { Session } from '../session.js';
import { readPriceFile } from './formats/read-price-file.js';
import { pricingOf, ratesOf } from './open-prices.js';
import { ageDays, staleAfterDays } from './price-text.js';
import { pricingPlugin } from './write-prices.js';

/** Something about the prices that wants a look. Errors fail the command, warnings do not. */
export interface Finding {
  readonly level: 'error' | 'warning';
  readonly kind: string;
  readonly message: string;
}

/** `llm prices check [FILE]`: gaps, overlaps, jumps, models without a price, age. With a file only its own rows. */
export async function check(session: Session, file: string | undefined): Promise<number> {
  const findings = file === undefined ? await findingsOfConfig(session) : findingsOfFile(session, file);
  const errors = findings.filter(({ level }) => level === 'error').length;
  const { out, world, timezone } = session;
  if (session.flags.json === true) {
    const totals = { errors, warnings: findings.length - errors };
    await out.write(
      envelope('vibe.prices_check/1', { nowMs: world.now(), timezone, rows: findings, totals, warnings: [] }),
    );
  } else if (session.tables) {
    const { red, yellow } = out.colors;
    const mark = { error: red('error  '), warning: yellow('warning') };
    const lines = findings.map(({ level, message }) => `  ${mark[level]}  ${printable(message)}`);
    const end =
      findings.length === 0
        ? 'No gaps, no overlaps, no jumps; every model has a price.'
        : `${errors} errors, ${findings.length - errors} warnings`;
    await out.write(`${[...lines, end].join('\n')}\n`);
  } else {
    await out.write(
      tsv(
        ['level', 'kind', 'message'],
        findings.map(({ level, kind, message }) => [level, kind, message]),
      ),
    );
  }
  return errors === 0 ? exitCodes.ok : exitCodes.error;
}

async function findingsOfConfig(session: Session): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  await withPlugins(session, async (plugins) => {
    const pricing = pricingOf(plugins);
    const nowMs = session.world.now();
    const all = ratesOf(pricing, {});
    const currencies = ratesOfConfig(plugins);
    // Built-in rows and the user's lie over each other on purpose: each is looked at for itself.
    for (const provenance of ['builtin', 'user'] as const) {
      const rows = all
        .filter((rate) => rate.provenance === provenance)
        .map(({ priceId, ...rate }) => asRow({ ...rate, id: priceId }));
      findings.push(...slips(rows, currencies));
    }
    for (const { provider } of plugins.providers) {
      for (const { provider: id, model, region, operation, units } of unpricedModels(provider, pricing, nowMs)) {
        const message = `${id}/${model} in ${region} has no price for ${operation}: ${units.join(', ')}`;
        findings.push({ level: 'error', kind: 'unpriced_model', message });
      }
    }
    const stale = new Map<string, number>();
    for (const rate of ratesOf(pricing, { atMs: nowMs })) {
      const days = ageDays(rate, nowMs);
      if (rate.provenance === 'builtin' && days > staleAfterDays) stale.set(`${rate.provider}/${rate.model}`, days);
    }
    for (const [model, days] of stale) {
      findings.push({ level: 'warning', kind: 'stale', message: `${model} was verified ${days} days ago` });
    }
    return exitCodes.ok;
  });
  return findings;
}

function findingsOfFile({ world }: Session, file: string): readonly Finding[] {
  const today = new Date(world.now()).toISOString().slice(0, 10);
  const { prices, currencies = [], skipped } = readPriceFile(resolve(world.cwd, file), file, { also: null, today });
  return [
    ...slips(prices.map(toPriceRow), currencies),
    ...skipped.map((message): Finding => ({ level: 'warning', kind: 'skipped', message })),
  ];
}

/** Exchange rates of the configuration; the plugin has checked their form when it was made. */
function ratesOfConfig({ config }: OpenedPlugins): readonly FxInput[] {
  const plugin = config.plugins.find(({ name }) => name === pricingPlugin);
  return (plugin?.options?.['currencies'] ?? []) as unknown as readonly FxInput[];
}

/** What may be meant as it is. */
const suspicions: ReadonlySet<string> = new Set(['zero_price', 'mixed_currencies', 'tier_fall']);

function slips(rows: readonly PriceRow[], currencies: readonly FxInput[]): readonly Finding[] {
  return checkPrices(rows, [...currencies.map(toFxRow), ...builtInCurrencies]).map(({ kind, message }) => ({
    level: suspicions.has(kind) ? 'warning' : 'error',
    kind,
    message,
  }));
}

/** What the registry shows, as the row it was made of. */
function asRow(rate: Omit<ReturnType<typeof ratesOf>[number], 'priceId'> & { readonly id: string }): PriceRow {
  const { tier, effectiveTo, thinking, note, origin, provenance: _, ...row } = rate;
  return {
    ...row,
    ...(tier !== null && { tier }),
    ...(effectiveTo !== null && { effectiveTo }),
    ...(thinking !== null && thinking !== undefined && { thinking }),
    ...(note !== null && { note }),
    ...(origin !== null && { origin }),
  };
}

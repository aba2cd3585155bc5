import { readFileSync } from 'node:fs';
import { type ConfigFile, setInFile } from '@vibe/config';
import type { PriceInput } from '@vibe/pricing-registry';
import { parse } from 'yaml';
import { type Fields, isFields } from './formats/formats.js';

/** Whose options hold the prices of a configuration. */
export const pricingPlugin = '@vibe/pricing-registry';

/**
 * Puts prices into the options of `@vibe/pricing-registry` in a config file, in place of those of the same model, unit and
 * tier; comments and everything else of the file stay. Names the plugin where the file does not. Throws `config` when the
 * file cannot be changed.
 */
export async function writePrices(file: ConfigFile, prices: readonly PriceInput[]): Promise<void> {
  const plugins = pluginsIn(file);
  const at = plugins.findIndex((plugin) => nameOf(plugin) === pricingPlugin);
  const entry = at < 0 ? undefined : plugins[at];
  const options = isFields(entry) && isFields(entry['options']) ? entry['options'] : {};
  const merged = [...kept(options['prices'], prices), ...prices];
  if (isFields(entry)) await setInFile(file, `plugins[${at}].options.prices`, JSON.stringify(merged));
  else {
    const named = { name: pricingPlugin, options: { prices: merged } };
    await setInFile(file, `plugins[${at < 0 ? plugins.length : at}]`, JSON.stringify(named));
  }
}

/** JSON is YAML, too. The file was read and checked before, so it has the form of a configuration. */
function pluginsIn({ path, exists }: ConfigFile): readonly unknown[] {
  const value: unknown = exists ? parse(readFileSync(path, 'utf8')) : {};
  const plugins = isFields(value) ? value['plugins'] : [];
  return Array.isArray(plugins) ? plugins : [];
}

function nameOf(plugin: unknown): unknown {
  return isFields(plugin) ? plugin['name'] : plugin;
}

function kept(before: unknown, prices: readonly PriceInput[]): readonly Fields[] {
  const replaced = new Set(prices.map((price) => keyOf(price)));
  return (Array.isArray(before) ? before : []).filter(isFields).filter((price) => !replaced.has(keyOf(price)));
}

function keyOf(price: Fields | PriceInput): string {
  const { provider, model, region, unit, tier, effectiveFrom } = price as Partial<PriceInput>;
  return JSON.stringify([provider, model, region, unit, tier?.fromTokens ?? 0, effectiveFrom ?? null]);
}

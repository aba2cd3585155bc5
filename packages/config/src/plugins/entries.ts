import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Json } from '@vibe/core';
import type { Layer } from '../layer.js';
import { type Annotated, entryOf, plainOf } from '../merge/annotated.js';
import { joinPrices, pricingPlugin, withPriceOrigins } from './price-options.js';

/** The package whose `path` option is a file. */
export const ledgerPlugin = '@vibe/ledger-sqlite';

/** A plugin that a layer names. */
export interface NamedPlugin {
  readonly name: string;
  readonly options: Readonly<Record<string, Json>> | undefined;
  /** `vibe.config.yaml:4`. */
  readonly origin: string;
  /** The folder of its file, where it is looked for first; null when no file names it. */
  readonly folder: string | null;
  /** Where an option was written, by its name. */
  readonly optionOrigins: ReadonlyMap<string, string>;
}

/**
 * The plugins of all layers, the least specific first. An entry with the same name and the same `profile` option
 * replaces the less specific one as a whole, so that a key of one file never meets an address of another. Only the price
 * lists of `@vibe/pricing-registry` are joined. Two of one file with different options both stay: a plugin may be meant twice,
 * and where it is not, the client refuses it.
 */
export function mergePlugins(layers: readonly Layer[]): readonly NamedPlugin[] {
  const merged = new Map<string, NamedPlugin>();
  for (const { values, folder } of layers) {
    const here = new Set<string>();
    for (const list of ['plugins', 'middleware']) {
      const named = values.entries.get(list);
      if (named?.kind !== 'list') continue;
      for (const item of named.items) {
        const plugin = pluginOf(item, folder);
        const key = JSON.stringify([plugin.name, plugin.options?.['profile'] ?? null]);
        const general = merged.get(key);
        const isPrices = plugin.name === pricingPlugin && general !== undefined;
        const isAnother = here.has(key) && !isPrices && !isDeepStrictEqual(general?.options, plugin.options);
        here.add(key);
        const place = isAnother ? `${key} ${merged.size}` : key;
        merged.set(place, isPrices ? joinPrices(general, plugin) : plugin);
      }
    }
  }
  return [...merged.values()];
}

/** The plugins with the SQLite ledger at `path`, whatever its options say otherwise. */
export function withLedgerPath(
  plugins: readonly NamedPlugin[],
  { path, origin, cwd }: { readonly path: string; readonly origin: string; readonly cwd: string },
): readonly NamedPlugin[] {
  const before = plugins.find(({ name }) => name === ledgerPlugin);
  const ledger: NamedPlugin = {
    folder: null,
    ...before,
    name: ledgerPlugin,
    options: { ...before?.options, path: filePath(path, cwd) },
    origin: before?.origin ?? origin,
    optionOrigins: new Map([...(before?.optionOrigins ?? []), ['path', origin]]),
  };
  return before === undefined ? [...plugins, ledger] : plugins.map((plugin) => (plugin === before ? ledger : plugin));
}

function pluginOf(item: Annotated, folder: string): NamedPlugin {
  const written = plainOf(item);
  const name = typeof written === 'string' ? written : String(entryOf(item, 'name'));
  const options = entryOf(item, 'options') as Readonly<Record<string, Json>> | undefined;
  const node = item.kind === 'fields' ? item.entries.get('options') : undefined;
  const origins = node?.kind === 'fields' ? [...node.entries].map(([key, entry]) => [key, entry.origin] as const) : [];
  return {
    name,
    options: ownOptions(name, options, folder, node),
    origin: item.origin,
    folder,
    optionOrigins: new Map(origins),
  };
}

function ownOptions(
  name: string,
  options: NamedPlugin['options'],
  folder: string,
  node: Annotated | undefined,
): NamedPlugin['options'] {
  if (name === ledgerPlugin) return withAbsolutePath(options, folder);
  return name === pricingPlugin ? withPriceOrigins(options, node) : options;
}

/** A relative ledger file belongs to the file that names it: otherwise each working folder would have its own spending. */
function withAbsolutePath(options: NamedPlugin['options'], folder: string): NamedPlugin['options'] {
  const path = options?.['path'];
  return typeof path === 'string' ? { ...options, path: filePath(path, folder) } : options;
}

function filePath(path: string, folder: string): string {
  // What is no path of a file is for the ledger to refuse.
  if (path.trim() === '' || path === ':memory:' || path.startsWith('file:')) return path;
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : resolve(folder, path);
}

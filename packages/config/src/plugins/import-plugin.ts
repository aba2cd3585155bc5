import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type DeferredPart, type Plugin, VibeError } from '@vibe/core';
import { nearestName } from '../nearest-name.js';
import type { NamedPlugin } from './entries.js';
import { isPluginPath, resolvePlugin } from './resolve-plugin.js';

/** Our plugins, by the word that people remember of their name. */
const ownPlugins: Readonly<Record<string, string>> = {
  qwen: '@vibe/provider-qwen',
  gemini: '@vibe/provider-gemini',
  sqlite: '@vibe/ledger-sqlite',
  ledger: '@vibe/ledger-sqlite',
  pricing: '@vibe/pricing-registry',
  registry: '@vibe/pricing-registry',
};

/**
 * Imports a plugin that a configuration names and calls it with its options. It is looked for from the folder of its
 * file, then from `fallbackFolder`. Throws `config` with the place in the file: not installed (with the `npm i` line),
 * no plugin, bad options.
 */
export async function importPlugin(named: NamedPlugin, fallbackFolder: string): Promise<DeferredPart> {
  const folders = named.folder === null ? [fallbackFolder] : [named.folder, fallbackFolder];
  const url = folders.map((folder) => resolvePlugin(named.name, folder)).find((found) => found !== null);
  if (url === undefined || url === null) throw notInstalled(named, folders);
  const plugin = pluginIn(await load(named, url), named);
  try {
    return plugin(named.options ?? {});
  } catch (thrown) {
    throw badOptions(named, VibeError.from(thrown, 'config'));
  }
}

async function load(named: NamedPlugin, url: URL): Promise<{ readonly default?: unknown }> {
  try {
    return (await import(url.href)) as { readonly default?: unknown };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new VibeError('config', `${named.origin}: the plugin "${named.name}" cannot be loaded: ${message}`, {
      cause,
      details: { plugin: named.name, origin: named.origin },
      next: [
        isPluginPath(named.name)
          ? `Correct ${named.name}, or its name in ${named.origin}.`
          : `Reinstall it: npm i ${packageOf(named.name)}`,
      ],
    });
  }
}

function pluginIn(module: { readonly default?: unknown }, named: NamedPlugin): Plugin<unknown> {
  const plugin = module.default;
  if (typeof plugin === 'function' && 'pluginName' in plugin && 'specVersion' in plugin)
    return plugin as Plugin<unknown>;
  throw new VibeError(
    'config',
    `${named.origin}: "${named.name}" is no plugin: its default export must be made with definePlugin().`,
    { details: { plugin: named.name, origin: named.origin }, next: [`Remove it from ${named.origin}.`] },
  );
}

function notInstalled({ name, origin }: NamedPlugin, folders: readonly string[]): VibeError {
  const where = [...new Set(folders)].join(' and ');
  const meant = meantPlugin(name);
  const hint = meant === null ? '' : ` Did you mean "${meant}"?`;
  const isPath = isPluginPath(name);
  const asPath = isPath ? undefined : folders.find((folder) => existsSync(join(folder, name)));
  if (asPath !== undefined) {
    return new VibeError('config', `${origin}: "${name}" is taken for a package, and a path begins with "./".`, {
      details: { plugin: name, origin, folders, meant: `./${name}` },
      next: [`Write "./${name}" in ${origin}.`],
    });
  }
  const message = isPath
    ? `${origin}: there is no plugin "${name}" in ${folders[0]}.`
    : `${origin}: the plugin "${name}" is not installed (looked for from ${where}).${hint}`;
  return new VibeError('config', message, {
    details: { plugin: name, origin, folders, meant },
    next: isPath ? [`Correct the path in ${origin}.`] : [`npm i ${meant ?? packageOf(name)}`],
  });
}

/** `@acme/plugins/router` is a file of `@acme/plugins`. */
function packageOf(name: string): string {
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
}

/** A short or misspelt name of one of ours; null for what may well be somebody else's. */
function meantPlugin(name: string): string | null {
  const [, scope, rest = ''] = /^(?:(@[^/]+)\/)?(.*)$/.exec(name) ?? [];
  if (scope !== undefined && scope !== '@vibe') return null;
  const word = nearestName(rest.split('-').at(-1) ?? rest, Object.keys(ownPlugins));
  const meant = word === null ? null : (ownPlugins[word] ?? null);
  return meant === name ? null : meant;
}

/** The plugin knows which of its options are wrong, the file where they stand. */
function badOptions(named: NamedPlugin, error: VibeError): VibeError {
  const paths = Array.isArray(error.details['paths']) ? (error.details['paths'] as readonly string[]) : [];
  const [first = ''] = paths;
  const option = /^options\.([^.[]+)/.exec(first)?.[1] ?? '';
  const place = named.optionOrigins.get(option) ?? named.origin;
  return new VibeError('config', `${place}: ${error.message}`, {
    cause: error,
    details: { ...error.details, origin: place },
    next: [`Correct it in ${place}.`],
  });
}

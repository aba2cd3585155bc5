import { isAbsolute } from 'node:path';
import { type DeferredPart, type Plugin, VibeError } from '@vibe/core';
import { nearestName } from '../nearest-name.js';
import type { NamedPlugin } from './entries.js';
import { resolvePlugin } from './resolve-plugin.js';

/** What people mean by a short or misspelt name. */
const ownPlugins = ['@vibe/provider-qwen', '@vibe/provider-gemini', '@vibe/ledger-sqlite', '@vibe/pricing-registry'];

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
      next: [`Reinstall it: npm i ${named.name}`],
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
  const meant = ownPlugins.find((own) => own.endsWith(`-${name}`)) ?? nearestName(name, ownPlugins);
  const hint = meant === null || meant === name ? '' : ` Did you mean "${meant}"?`;
  const isPath = name.startsWith('.') || isAbsolute(name);
  const message = isPath
    ? `${origin}: there is no plugin "${name}" in ${folders[0]}.`
    : `${origin}: the plugin "${name}" is not installed (looked for from ${where}).${hint}`;
  return new VibeError('config', message, {
    details: { plugin: name, origin, folders, meant },
    next: isPath ? [`Correct the path in ${origin}.`] : [`npm i ${hint === '' ? name : meant}`],
  });
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

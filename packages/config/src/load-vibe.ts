import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createVibe, type PluginInput, type Vibe, VibeError } from '@vibe/core';
import { type LoadedConfig, type LoadOptions, loadConfig } from './load-config.js';
import { type DefaultPlugin, type PluginKind, withDefaults } from './plugins/default-parts.js';
import type { NamedPlugin } from './plugins/entries.js';
import { importPlugin } from './plugins/import-plugin.js';

export interface PluginOptions {
  /** Names of plugins that are used for kinds of parts the configuration brings none of. Default none. */
  readonly defaultPlugins?: Readonly<Partial<Record<PluginKind, readonly string[]>>> | undefined;
  /**
   * Where plugins are looked for that are not installed beside the file that names them: usually `import.meta.url` of
   * the program whose dependencies they are. Default: the working folder.
   */
  readonly resolveFrom?: string | undefined;
}

/**
 * A client from config files, environment and code. Throws `config`: a bad file, a plugin that is not installed (names
 * the `npm i` line), or no plugin at all.
 */
export async function loadVibe(options: LoadOptions & PluginOptions = {}): Promise<Vibe> {
  return vibeFrom(await loadConfig(options), options);
}

/** A client from a configuration that was loaded. Imports the plugins it names. */
export async function vibeFrom(config: LoadedConfig, options: PluginOptions = {}): Promise<Vibe> {
  const plugins = await pluginsOf(config, options);
  const middleware = config.code.middleware;
  const budgets = config.values.budgets ?? [];
  const budgetOrigins = budgets.map((_, index) => config.origins.get(`budgets[${index}].limitUsd`) ?? 'code');
  return createVibe(
    { ...config.values, plugins, ...(middleware.length === 0 ? {} : { middleware }) },
    { budgetOrigins, secret: config.secret },
  );
}

/** The plugins of a configuration, configured but not created: for programs that look at them or make their own client. */
export async function pluginsOf(config: LoadedConfig, options: PluginOptions = {}): Promise<readonly PluginInput[]> {
  const fallback = options.resolveFrom === undefined ? process.cwd() : dirname(fileURLToPath(options.resolveFrom));
  const named = await Promise.all(config.plugins.map((plugin) => importPlugin(plugin, fallback)));
  const inputs: readonly PluginInput[] = [...named, ...config.code.plugins];
  const defaults = await importDefaults(options.defaultPlugins ?? {}, fallback);
  if (inputs.length === 0 && defaults.length === 0) throw noPlugins(config);
  return withDefaults(inputs, defaults);
}

async function importDefaults(
  byKind: NonNullable<PluginOptions['defaultPlugins']>,
  folder: string,
): Promise<readonly DefaultPlugin[]> {
  const wanted = Object.entries(byKind).flatMap(([kind, names]) =>
    (names ?? []).map((name) => ({ kind: kind as PluginKind, name })),
  );
  return Promise.all(
    wanted.map(async ({ kind, name }) => ({ kind, plugin: await importPlugin(defaultEntry(name), folder) })),
  );
}

function defaultEntry(name: string): NamedPlugin {
  return { name, options: undefined, origin: 'default', folder: null, optionOrigins: new Map() };
}

function noPlugins(config: LoadedConfig): VibeError {
  const project = config.files.find(({ layer }) => layer === 'project');
  const where = project?.display ?? 'vibe.config.yaml';
  return new VibeError('config', `No plugins are configured: no config file names any, so there is nobody to call.`, {
    next: ['npm i @vibe/provider-qwen', `Name it in ${where}: plugins: ["@vibe/provider-qwen"]`],
    details: { files: config.files.map(({ path }) => path) },
  });
}

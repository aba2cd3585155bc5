import { dirname, resolve } from 'node:path';
import type { Middleware, PluginInput, VibeOptions } from '@vibe/core';
import { readEnvironment } from './environment.js';
import {
  displayPath,
  type Environment,
  type FilePlace,
  givenPlace,
  isThere,
  projectPlace,
  userPlace,
} from './files.js';
import { readKeysFile } from './keys-file.js';
import { checkedLayer, type Layer, type LayerResult, readFileLayer } from './layer.js';
import { noFields, originsOf, plainOf } from './merge/annotated.js';
import { mergeLayers } from './merge/merge.js';
import type { Overruled } from './merge/rule.js';
import { flat } from './plugins/default-parts.js';
import { mergePlugins, type NamedPlugin, withLedgerPath } from './plugins/entries.js';
import { configError, type Problem } from './problems.js';

/** Where a configuration is looked for. */
export interface LoadOptions {
  /** From here upwards the project file is looked for. Default: the working folder. */
  readonly cwd?: string | undefined;
  /** Default: the environment of this process. */
  readonly env?: Environment | undefined;
  /** Taken for the project file; it must be there. */
  readonly configFile?: string | undefined;
  /** The most specific layer. A plugin that is passed here replaces those of the same name in files. */
  readonly overrides?: Partial<VibeOptions> | undefined;
  /** The file of the SQLite ledger, before VIBE_LEDGER and any file. */
  readonly ledgerPath?: string | undefined;
}

/** A configuration file that was looked for. */
export interface ConfigFile {
  readonly layer: 'user' | 'project';
  readonly path: string;
  /** As it stands in messages. */
  readonly display: string;
  readonly exists: boolean;
}

/** The merged configuration, and where every part of it comes from. */
export interface LoadedConfig {
  /** Everything but plugins and middleware; only what some layer says. */
  readonly values: Omit<VibeOptions, 'plugins' | 'middleware'>;
  /** Named in files or in the environment, less specific layers first. */
  readonly plugins: readonly NamedPlugin[];
  /** Passed by code. */
  readonly code: { readonly plugins: readonly PluginInput[]; readonly middleware: readonly Middleware[] };
  /**
   * Of every part of `values` by its path (`budgets[0].limitUsd`): `vibe.config.yaml:7`, `env VIBE_MODE` or `code`.
   * What has none is the client's default.
   */
  readonly origins: ReadonlyMap<string, string>;
  /** Values that are not in force because a safety setting of a less specific layer is stricter. */
  readonly overruled: readonly Overruled[];
  /** The user's, then the project's. */
  readonly files: readonly ConfigFile[];
  /** What the keys file has under the name of a variable. A function, so that no key is in anything that is printed. */
  readonly secret: (variable: string) => string | undefined;
}

/**
 * Reads the user's file, the project's file and the environment, checks them and merges them with what code passes.
 * Opens nothing but these files and imports no plugin. Throws `config` with every problem and its place.
 */
export async function loadConfig(options: LoadOptions = {}): Promise<LoadedConfig> {
  const cwd = resolve(options.cwd ?? process.cwd());
  const env = options.env ?? process.env;
  const places = placesOf(cwd, env, options.configFile);
  const keys = readKeysFile(env, cwd);
  const environment = readEnvironment(env);
  const { plugins = [], middleware = [], ...overrides } = options.overrides ?? {};
  const results = [
    ...(await Promise.all(places.map((place) => readPlace(place, cwd, env)))),
    await checkedLayer(environment.values, cwd, environment.variableOf),
    await checkedLayer(overrides, cwd, () => 'code'),
  ];
  const problems = [...results.flatMap((result) => result.problems), ...keys.problems];
  if (problems.length > 0) throw configError(problems);
  const layers = results.flatMap(({ layer }) => (layer === null ? [] : [layer]));
  const ledgerPath = ledgerPathOf(options, environment.ledgerPath);
  const named = mergePlugins(layers);
  const merged = mergeLayers(layers.map(withoutPlugins));
  return {
    values: plainOf(merged.values) as LoadedConfig['values'],
    plugins: withoutReplaced(ledgerPath === null ? named : withLedgerPath(named, { ...ledgerPath, cwd }), plugins),
    code: { plugins, middleware },
    origins: originsOf(merged.values),
    overruled: merged.overruled,
    files: places.map((place) => fileOf(place, cwd, env)),
    secret: (variable) => keys.values.get(variable),
  };
}

/** The user's file and the project's, read or not: where they are, or would be made. Looks at no text. */
export function findConfigFiles(options: LoadOptions = {}): readonly ConfigFile[] {
  const cwd = resolve(options.cwd ?? process.cwd());
  const env = options.env ?? process.env;
  return placesOf(cwd, env, options.configFile).map((place) => fileOf(place, cwd, env));
}

/** A file that is given and is the user's own counts once, as what it is. */
function placesOf(cwd: string, env: Environment, configFile: string | undefined): readonly FilePlace[] {
  const user = userPlace(env);
  const project = configFile === undefined ? projectPlace(cwd) : givenPlace(resolve(cwd, configFile));
  return project.found[0] === user.found[0] ? [user, { ...project, found: [] }] : [user, project];
}

async function readPlace(place: FilePlace, cwd: string, env: Environment): Promise<LayerResult> {
  const [path, second] = place.found;
  if (path === undefined) return { layer: null, problems: [] };
  const display = displayPath(path, cwd, env);
  if (second === undefined) {
    return readFileLayer(path, display, { folder: dirname(path), secretsAllowed: place.layer === 'user' });
  }
  const message = `and ${displayPath(second, cwd, env)} are both there: keep one of them`;
  return {
    layer: null,
    problems: [{ place: display, file: display, position: null, path: '', message } satisfies Problem],
  };
}

function fileOf(place: FilePlace, cwd: string, env: Environment): ConfigFile {
  const path = place.found[0] ?? place.preferred;
  return { layer: place.layer, path, display: displayPath(path, cwd, env), exists: place.found.some(isThere) };
}

function withoutPlugins({ values }: Layer) {
  const entries = [...values.entries].filter(([key]) => key !== 'plugins' && key !== 'middleware');
  return { ...noFields, entries: new Map(entries) };
}

function ledgerPathOf(options: LoadOptions, fromEnvironment: string | null): { path: string; origin: string } | null {
  if (options.ledgerPath !== undefined) return { path: options.ledgerPath, origin: 'code' };
  return fromEnvironment === null ? null : { path: fromEnvironment, origin: 'env VIBE_LEDGER' };
}

function withoutReplaced(named: readonly NamedPlugin[], passed: readonly PluginInput[]): readonly NamedPlugin[] {
  const names = new Set(flat(passed).map((input) => (input.kind === 'plugin' ? input.name : null)));
  return named.filter(({ name }) => !names.has(name));
}

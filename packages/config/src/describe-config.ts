import type { LoadedConfig } from './load-config.js';
import { formatPath, type Path } from './path.js';
import { secretPathsIn } from './secrets.js';

/** One setting for people: `llm config show`. */
export interface ConfigRow {
  /** `budgets[0].limitUsd`. */
  readonly key: string;
  /** Secrets are masked. */
  readonly value: unknown;
  /** `vibe.config.yaml:7`, `env VIBE_MODE`, `code`. */
  readonly origin: string;
  /** What a more specific layer said in vain, because this setting is stricter. */
  readonly overruled: readonly { readonly value: unknown; readonly origin: string }[];
}

/** Every setting that some layer makes, with where it comes from. Never shows a secret. */
export function describeConfig(config: LoadedConfig): readonly ConfigRow[] {
  const settings = leavesOf(config.values).map(({ path, value }) => ({
    key: formatPath(path),
    value,
    origin: config.origins.get(formatPath(path)) ?? 'default',
    overruled: config.overruled.filter((entry) => entry.path === formatPath(path)),
  }));
  const plugins = config.plugins.flatMap(({ name, options, origin, optionOrigins }, index) => {
    const key = `plugins[${index}]`;
    const masked = masking(options ?? {});
    const own = leavesOf(masked).map(({ path, value }) => ({
      key: `${key}.options.${formatPath(path)}`,
      value,
      origin: optionOrigins.get(String(path[0])) ?? origin,
      overruled: [],
    }));
    return [{ key, value: name, origin, overruled: [] }, ...own];
  });
  return [...settings, ...plugins];
}

interface Leaf {
  readonly path: Path;
  readonly value: unknown;
}

/** Scalars and lists of scalars; what holds mappings is gone into. */
function leavesOf(value: unknown, path: Path = []): readonly Leaf[] {
  if (typeof value !== 'object' || value === null) return [{ path, value }];
  if (Array.isArray(value)) {
    const flat = value.every((entry) => typeof entry !== 'object' || entry === null);
    return flat ? [{ path, value }] : value.flatMap((entry, index) => leavesOf(entry, [...path, index]));
  }
  return Object.entries(value).flatMap(([key, entry]) => leavesOf(entry, [...path, key]));
}

/** A copy without what looks like a secret. */
function masking(value: unknown): unknown {
  const secret = new Set(secretPathsIn(value).map(formatPath));
  const visit = (at: unknown, path: Path): unknown => {
    if (path.length > 0 && secret.has(formatPath(path))) return '(hidden)';
    if (typeof at !== 'object' || at === null) return at;
    if (Array.isArray(at)) return at.map((entry, index) => visit(entry, [...path, index]));
    return Object.fromEntries(Object.entries(at).map(([key, entry]) => [key, visit(entry, [...path, key])]));
  };
  return visit(value, []);
}

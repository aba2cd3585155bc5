import { existsSync, readFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join, resolve, win32 } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** `./plugin.js`, `~/plugin.js`, `/opt/plugin.js`, `C:\\plugin.js`, `file:///opt/plugin.js`: no name of a package. */
export function isPluginPath(name: string): boolean {
  return /^(\.{1,2}([/\\]|$)|~[/\\]|file:)/.test(name) || win32.isAbsolute(name);
}

/** The file of a plugin as seen from a folder; null when it is not installed there. `name` is a package, or a path. */
export function resolvePlugin(name: string, folder: string): URL | null {
  if (isPluginPath(name)) return existing(pathOf(name, folder));
  if (isBuiltin(name)) return null;
  const require = createRequire(join(folder, 'vibe.config.js'));
  try {
    return pathToFileURL(require.resolve(name));
  } catch {
    // A package that exports for `import` only is invisible to require.resolve.
    return importTarget(name, require.resolve.paths(name) ?? []);
  }
}

function importTarget(name: string, folders: readonly string[]): URL | null {
  for (const folder of folders) {
    const manifest = join(folder, name, 'package.json');
    const target = targetOf(exportsIn(manifest));
    const url = target === null ? null : existing(join(dirname(manifest), target));
    if (url !== null) return url;
  }
  return null;
}

function pathOf(name: string, folder: string): string {
  if (name.startsWith('file:')) return URL.canParse(name) ? fileURLToPath(name) : name;
  return /^~[/\\]/.test(name) ? join(homedir(), name.slice(2)) : resolve(folder, name);
}

function existing(path: string): URL | null {
  return existsSync(path) ? pathToFileURL(path) : null;
}

function exportsIn(manifest: string): unknown {
  try {
    return (JSON.parse(readFileSync(manifest, 'utf8')) as { exports?: unknown }).exports;
  } catch {
    return undefined;
  }
}

const conditions = ['node', 'import', 'module-sync', 'default'];

/** The first target that Node would take for `import` of the package itself. */
function targetOf(exports: unknown): string | null {
  if (typeof exports === 'string') return exports;
  if (typeof exports !== 'object' || exports === null) return null;
  const entries = Object.entries(exports);
  if ('.' in exports) return targetOf(exports['.']);
  for (const [condition, target] of entries) {
    const found = conditions.includes(condition) ? targetOf(target) : null;
    if (found !== null) return found;
  }
  return null;
}

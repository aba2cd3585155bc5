import { statSync } from 'node:fs';
import { join } from 'node:path';
import { changeLocked } from './edit/file-lock.js';
import { writeFileAtomically } from './edit/write-file.js';
import { displayPath, type Environment, userFolder } from './files.js';
import { configError, type Problem } from './problems.js';
import { parseJson } from './source/parse-json.js';
import { type Position, SourceError } from './source/position.js';
import { readText } from './source/read-text.js';

/** Keys of services by the variable that would hold them: `DASHSCOPE_API_KEY_SG`. */
export interface KeysFile {
  readonly path: string;
  readonly display: string;
  readonly exists: boolean;
  readonly values: ReadonlyMap<string, string>;
  /** No message quotes the file. */
  readonly problems: readonly Problem[];
}

/** What a variable may be called. */
export const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** `keys.json` beside the user's configuration. */
export function keysFilePath(env: Environment): string {
  return join(userFolder(env), 'keys.json');
}

/**
 * Reads the keys file; where there is none there are no keys. A file that others may read is refused, as ssh refuses such
 * a key: what it holds should be taken for known.
 */
export function readKeysFile(env: Environment, cwd: string): KeysFile {
  const path = keysFilePath(env);
  const display = displayPath(path, cwd, env);
  const file = { path, display, exists: true, values: new Map<string, string>(), problems: [] };
  const wrong = (message: string, position: Position | null = null): KeysFile => {
    const place = position === null ? display : `${display}:${position.line}:${position.column}`;
    return { ...file, problems: [{ place, file: display, position, path: '', message }] };
  };
  try {
    const mode = modeOf(path);
    if (mode === null) return { ...file, exists: false };
    if (isOpenToOthers(mode)) {
      return wrong(
        `holds keys and may be read by others (mode ${mode.toString(8).padStart(4, '0')}): chmod 600 ${display}`,
      );
    }
    const { value, positions } = parseJson(readText(path));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return wrong('has to be a mapping of variables to keys: { "DASHSCOPE_API_KEY": "…" }');
    }
    for (const [name, key] of Object.entries(value)) {
      if (!variableName.test(name)) return wrong('has an entry whose name is no name of a variable', positions.get(''));
      if (typeof key !== 'string' || key.trim() === '')
        return wrong(`${name}: expected a key, a text that is not empty`, positions.get(name) ?? null);
      file.values.set(name, key);
    }
    return file;
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return wrong(error.position === null ? error.message : 'is no valid JSON', error.position);
  }
}

/** Null: there is no such file. What cannot be looked at is for readText to explain. */
function modeOf(path: string): number | null {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return null;
    return stats.isFile() ? stats.mode & 0o777 : 0;
  } catch {
    return 0;
  }
}

/** Windows has no such bits: what Node makes up there says nothing. */
export function isOpenToOthers(mode: number): boolean {
  return process.platform !== 'win32' && (mode & 0o077) !== 0;
}

/** Writes a key into the keys file, which only its owner can read. Throws `config` when the file cannot be taken as it is. */
export function keepKey(env: Environment, cwd: string, variable: string, key: string): KeysFile {
  return changed(env, cwd, (values) => values.set(variable, key));
}

/** Takes a key out of the keys file. False: it was not in it. */
export function removeKey(env: Environment, cwd: string, variable: string): boolean {
  if (!sound(env, cwd).values.has(variable)) return false;
  changed(env, cwd, (values) => values.delete(variable));
  return true;
}

/** Read and written under a lock: of several processes that change it at once none loses the key of another. */
function changed(env: Environment, cwd: string, change: (values: Map<string, string>) => void): KeysFile {
  const path = keysFilePath(env);
  return changeLocked(path, displayPath(path, cwd, env), () => {
    const file = sound(env, cwd);
    const values = new Map(file.values);
    change(values);
    const sorted = Object.fromEntries([...values].sort(([first], [second]) => (first < second ? -1 : 1)));
    writeFileAtomically(path, `${JSON.stringify(sorted, null, 2)}\n`, { exactly: 0o600 });
    return { ...file, exists: true, values };
  });
}

function sound(env: Environment, cwd: string): KeysFile {
  const file = readKeysFile(env, cwd);
  if (file.problems.length > 0) throw configError(file.problems);
  return file;
}

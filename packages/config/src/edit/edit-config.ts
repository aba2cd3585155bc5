import { existsSync } from 'node:fs';
import { VibeError } from '@vibe/core';
import { checkedText } from '../layer.js';
import { formatPath, type Path, parsePath, valueAt } from '../path.js';
import { configError, type Problem } from '../problems.js';
import { looksLikeSecret, looksLikeSecretName } from '../secrets.js';
import { SourceError } from '../source/position.js';
import { readText } from '../source/read-text.js';
import { applied, type Change, outermost, sameValue } from './change.js';
import { changeLocked } from './file-lock.js';
import { writeFileAtomically } from './write-file.js';

/** The file that is changed. It need not be there to set something. */
export interface EditedFile {
  readonly path: string;
  /** As it stands in messages. */
  readonly display: string;
  readonly exists: boolean;
  readonly layer: 'user' | 'project';
}

export interface EditResult {
  readonly key: string;
  /** Undefined: the key was not there, or is not there any more. */
  readonly before: unknown;
  readonly after: unknown;
  /** What is wrong elsewhere in the file, and was before. */
  readonly problems: readonly Problem[];
}

/**
 * Sets a key (`budgets[0].limitUsd`) of a config file; comments and the layout of everything else stay. `text` is read as
 * JSON where that fits the key, else as it is. The file is checked before it is replaced, in one step. Throws `config`.
 */
export async function setInFile(file: EditedFile, key: string, text: string): Promise<EditResult> {
  const path = pathOf(key);
  if (
    path.some((step) => typeof step === 'string' && looksLikeSecretName(step) && path[0] !== 'budgets') ||
    looksLikeSecret(text)
  ) {
    throw new VibeError(
      'config',
      `${key} looks like a secret. Whoever sees the command line would see it, so it is not taken.`,
      {
        next: ['llm keys set NAME'],
      },
    );
  }
  const readings = readingsOf(text);
  let refused: unknown;
  for (const value of readings) {
    try {
      return await change(file, { path, value });
    } catch (error) {
      refused ??= error;
    }
  }
  throw refused;
}

/** Takes a key out of a config file, and what it leaves empty. A key that is not there changes nothing. */
export async function unsetInFile(file: EditedFile, key: string): Promise<EditResult> {
  return change(file, { path: pathOf(key), value: undefined });
}

/** `5` as a number before a text; what is no JSON is a text. */
function readingsOf(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return [value, text];
  } catch {
    return [text];
  }
}

function pathOf(key: string): Path {
  const path = parsePath(key);
  if (path !== null && path.length > 0 && typeof path[0] === 'string') return path;
  throw new VibeError(
    'config',
    `"${key}" is no key: write budgets[0].limitUsd or, in single quotes for the shell, 'limits["qwen3.5-plus"].rpm'.`,
    {
      next: ['llm config show'],
    },
  );
}

/** How often somebody else may come first. */
const maxTries = 100;

/** Begins again with the new text when another process has changed the file meanwhile: nobody's change is lost. */
async function change(file: EditedFile, wanted: Change): Promise<EditResult> {
  let current = file;
  for (let tries = 1; tries <= maxTries; tries++) {
    const result = await tried(current, wanted);
    if (result !== null) return result;
    current = { ...file, exists: true };
  }
  throw new VibeError('config', `${file.display} is changed by others all the time.`, { next: ['Try again.'] });
}

/** Null: the file has been changed meanwhile. */
async function tried(file: EditedFile, wanted: Change): Promise<EditResult | null> {
  const text = file.exists ? textOf(file) : '';
  const { source, problems: found } = await checked(file, text);
  if (source === null) throw configError(found);
  const key = formatPath(wanted.path);
  const before = valueAt(source.value, wanted.path);
  if (sameValue(before, wanted.value)) return { key, before, after: before, problems: found };
  const after = applied(source.value, wanted);
  if ('refusal' in after) throw cannot(file, key, after.refusal);
  const edited = await editedText(file, text, outermost(source.value, wanted), after.value ?? {});
  if (edited === null) throw cannot(file, key, 'the way it is written there is beyond this command');
  const { problems } = await checked(file, edited);
  // What is wrong elsewhere must not keep anybody from mending this.
  const own = problems.filter(({ path }) => concerns(path, key));
  if (own.length > 0) throw configError(own);
  return changeLocked(file.path, file.display, () => {
    if ((existsSync(file.path) ? textOf(file) : '') !== text) return null;
    writeFileAtomically(file.path, edited);
    return { key, before, after: wanted.value, problems };
  });
}

function textOf({ path, display }: EditedFile): string {
  try {
    return readText(path);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    throw configError([{ place: display, file: display, position: null, path: '', message: error.message }]);
  }
}

function checked({ path, display, layer }: EditedFile, text: string | undefined) {
  return checkedText(path, display, layer === 'user', text);
}

function concerns(path: string, key: string): boolean {
  return path === '' || isWithin(path, key) || isWithin(key, path);
}

function isWithin(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(`${outer}.`) || inner.startsWith(`${outer}[`);
}

/** The first text that says what is expected, whatever stands around the change. */
async function editedText(file: EditedFile, text: string, change: Change, expected: unknown): Promise<string | null> {
  for (const candidate of await candidatesOf(file.path, text, change)) {
    const { source } = await checked(file, candidate);
    if (source !== null && sameValue(source.value ?? {}, expected)) return candidate;
  }
  return null;
}

async function candidatesOf(path: string, text: string, change: Change): Promise<Iterable<string>> {
  if (path.endsWith('.json')) return [(await import('./edit-json.js')).editJson(text, change)];
  return (await import('./edit-yaml.js')).editYaml(text, change);
}

function cannot({ display }: EditedFile, key: string, reason: string): VibeError {
  return new VibeError('config', `${display}: ${key} cannot be changed there: ${reason}.`, {
    next: [`Edit ${display} by hand, then: llm config validate`],
  });
}

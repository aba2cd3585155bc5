import { type ConfigFile, type EditResult, findConfigFiles, loadConfig, setInFile, unsetInFile } from '@vibe/config';
import { VibeError } from '@vibe/core';
import { placesOf } from '../client.js';
import { exitCodes } from '../exit-codes.js';
import { envelope } from '../output/envelope.js';
import { printable } from '../output/printable.js';
import type { Session } from '../session.js';
import { UsageError } from '../usage-error.js';

export interface EditFlags {
  readonly user?: boolean;
}

/** `llm config set KEY VALUE`: changes one value of one file, and says whether it is in force. */
export async function set(session: Session, flags: EditFlags, key: string, value: string): Promise<number> {
  const file = fileOf(session, flags);
  const result = await setInFile(file, key, value);
  return told(session, file, result, { ...(await inForce(session, file, result)) });
}

/** `llm config unset KEY`. */
export async function unset(session: Session, flags: EditFlags, key: string): Promise<number> {
  const file = fileOf(session, flags);
  const result = await unsetInFile(file, key);
  if (result.before === undefined) {
    throw new UsageError(`${file.display} does not set ${result.key}.`, ['llm config show']);
  }
  return told(session, file, result, { warning: null });
}

/** The project's file has to be there: nobody wants one in the folder they happen to be in. */
function fileOf(session: Session, { user = false }: EditFlags): ConfigFile {
  const [own, project] = findConfigFiles(placesOf(session));
  const file = user ? own : project;
  if (file === undefined) throw new Error('the two files are always known');
  if (file.exists || user || session.flags.config !== undefined) return file;
  throw new UsageError('There is no vibe.config.yaml here, nor in a folder above.', [
    'llm init',
    'llm config set KEY VALUE --user',
  ]);
}

interface Force {
  /** Why the file says one thing and something else holds; null when it holds. */
  readonly warning: string | null;
}

/** A stricter layer, or one that is more specific, may say otherwise. */
async function inForce(session: Session, file: ConfigFile, { key }: EditResult): Promise<Force> {
  try {
    const { overruled, origins } = await loadConfig(placesOf(session));
    const isHere = (origin: string) => origin.startsWith(`${file.display}:`);
    const stricter = overruled.find((entry) => entry.path === key && isHere(entry.origin));
    if (stricter !== undefined) return { warning: `It is not in force: ${stricter.by} is stricter.` };
    const origin = origins.get(key);
    const isElsewhere = origin !== undefined && !isHere(origin) && !key.includes('[');
    return { warning: isElsewhere ? `It is not in force: ${origin} says something else.` : null };
  } catch (error) {
    return { warning: VibeError.from(error).message };
  }
}

async function told(session: Session, file: ConfigFile, result: EditResult, { warning }: Force): Promise<number> {
  const { out, world, timezone } = session;
  const { key, before = null, after = null, problems } = result;
  const warnings = [
    ...problems.map(({ place, message }) => `${place} ${message}.`),
    ...(warning === null ? [] : [warning]),
  ];
  if (session.flags.json === true) {
    const row = { file: file.path, key, before, after };
    await out.write(envelope('vibe.config_set/1', { nowMs: world.now(), timezone, rows: [row], warnings }));
    return exitCodes.ok;
  }
  const was = before === null ? '' : ` (was ${JSON.stringify(before)})`;
  const now = after === null ? 'is not set any more' : `= ${JSON.stringify(after)}`;
  await session.note(printable(`${file.display}: ${key} ${now}${was}`));
  for (const line of new Set(warnings)) await session.note(printable(line));
  return exitCodes.ok;
}

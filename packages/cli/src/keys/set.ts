import { keepKey, keysFilePath, readKeysFile, removeKey } from '@vibe/config';
import { exitCodes } from '../exit-codes.js';
import { envelope } from '../output/envelope.js';
import type { Session } from '../session.js';
import { UsageError } from '../usage-error.js';
import { readSecret } from './read-secret.js';
import { variableOf } from './variable.js';

/** `llm keys set NAME`. */
export async function set(session: Session, name: string): Promise<number> {
  const { world } = session;
  const variable = await variableOf(session, name);
  const key = await readSecret(session, `Key for ${variable} (not shown): `);
  const { display, path } = keepKey(world.env, world.cwd, variable, key);
  const isSet = (world.env[variable]?.trim() ?? '') !== '';
  const warnings = isSet ? [`${variable} is set in the environment, too, and that one counts.`] : [];
  await told(session, 'kept', { variable, path, warnings });
  await session.note(`${variable} is kept in ${display}, which only you can read.`);
  for (const warning of warnings) await session.note(warning);
  return exitCodes.ok;
}

/** `llm keys unset NAME`. */
export async function unset(session: Session, name: string): Promise<number> {
  const { world } = session;
  const variable = await variableOf(session, name);
  const { display } = readKeysFile(world.env, world.cwd);
  if (!removeKey(world.env, world.cwd, variable)) {
    throw new UsageError(`${display} keeps no ${variable}.`, ['llm keys list']);
  }
  await told(session, 'forgotten', { variable, path: keysFilePath(world.env), warnings: [] });
  await session.note(`${variable} is forgotten: it is no longer in ${display}.`);
  return exitCodes.ok;
}

async function told(
  { out, world, timezone, flags }: Session,
  done: 'kept' | 'forgotten',
  {
    variable,
    path,
    warnings,
  }: { readonly variable: string; readonly path: string; readonly warnings: readonly string[] },
): Promise<void> {
  if (flags.json !== true) return;
  const rows = [{ variable, done, file: path }];
  await out.write(envelope('vibe.keys_set/1', { nowMs: world.now(), timezone, rows, warnings }));
}

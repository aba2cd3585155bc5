import { configJsonSchema, describeConfig, environmentVariables, vibeFrom } from '@vibe/config';
import { forCalls, loadSessionConfig } from '../client.js';
import { exitCodes } from '../exit-codes.js';
import { envelope } from '../output/envelope.js';
import type { Session } from '../session.js';
import { rowsText, shownRow } from './rows.js';

/** `llm config show`: every setting with its origin. */
export async function show(session: Session): Promise<number> {
  const rows = describeConfig(await loadSessionConfig(session)).map(shownRow);
  const { out, world, timezone } = session;
  if (session.flags.json === true) {
    await out.write(envelope('vibe.config/1', { nowMs: world.now(), timezone, rows, warnings: [] }));
  } else if (rows.length === 0) {
    await session.note(nothingSet());
  } else {
    await out.write(rowsText(session, rows));
  }
  return exitCodes.ok;
}

function nothingSet(): string {
  const variables = environmentVariables.map(({ name, meaning }) => `  ${name.padEnd(22)} ${meaning}`);
  return [
    'Nothing is set: everything has its default. Settings come from vibe.config.yaml, and from',
    ...variables,
  ].join('\n');
}

/** `llm config path`: the files that are read, one per line. */
export async function path(session: Session): Promise<number> {
  const { files } = await loadSessionConfig(session);
  const { out, world, timezone } = session;
  if (session.flags.json === true) {
    await out.write(envelope('vibe.config_path/1', { nowMs: world.now(), timezone, rows: files, warnings: [] }));
    return exitCodes.ok;
  }
  const lines = files.map((file) => `${file.layer}\t${file.path}\t${file.exists ? 'read' : 'not there'}`);
  await out.write(`${lines.join('\n')}\n`);
  return exitCodes.ok;
}

/**
 * `llm config validate`: an invalid configuration is an error like any other. A client is made of it and never used: a plugin
 * may be missing, take other options, or not fit with the others. That opens nothing.
 */
export async function validate(session: Session): Promise<number> {
  const config = await loadSessionConfig(session);
  const vibe = await vibeFrom(config, { defaultPlugins: forCalls, resolveFrom: import.meta.url });
  await vibe.close();
  const { files } = config;
  const read = files.filter(({ exists }) => exists).map(({ display }) => display);
  const { out, world, timezone } = session;
  if (session.flags.json === true) {
    await out.write(envelope('vibe.config_validate/1', { nowMs: world.now(), timezone, rows: files, warnings: [] }));
  } else {
    await session.note(
      read.length === 0 ? 'There is no config file; the environment is fine.' : `Fine: ${read.join(', ')}.`,
    );
  }
  return exitCodes.ok;
}

/** `llm config schema`: JSON Schema, also without --json. */
export async function schema(session: Session): Promise<number> {
  await session.out.write(`${JSON.stringify(await configJsonSchema(), null, 2)}\n`);
  return exitCodes.ok;
}

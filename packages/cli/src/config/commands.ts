import { configJsonSchema, describeConfig, environmentVariables } from '@vibe/config';
import { loadSessionConfig } from '../client.js';
import { exitCodes } from '../exit-codes.js';
import { envelope } from '../output/envelope.js';
import { printable } from '../output/printable.js';
import { table, tsv } from '../output/table.js';
import type { Session } from '../session.js';

/** `llm config show`: every setting with its origin. */
export async function show(session: Session): Promise<number> {
  const rows = describeConfig(await loadSessionConfig(session)).map(({ overruled, value, ...row }) => ({
    ...row,
    value: printable(typeof value === 'string' ? value : JSON.stringify(value)),
    note: overruled
      .map((other) => `${other.origin} says ${JSON.stringify(other.value)}, which is less strict`)
      .join('; '),
  }));
  const { out, bars, world, timezone } = session;
  if (session.flags.json === true) {
    await out.write(envelope('vibe.config/1', { nowMs: world.now(), timezone, rows, warnings: [] }));
  } else if (rows.length === 0) {
    await session.note(nothingSet());
  } else if (session.tables) {
    const columns = [
      { title: 'KEY', cells: rows.map(({ key }) => key) },
      { title: 'VALUE', cells: rows.map(({ value }) => value) },
      { title: 'FROM', cells: rows.map(({ origin }) => origin) },
      { title: '', dropOrder: 1, cells: rows.map(({ note }) => note) },
    ];
    await out.write(`${table(columns, out.columns, bars.rule).join('\n')}\n`);
  } else {
    await out.write(
      tsv(
        ['key', 'value', 'from', 'note'],
        rows.map(({ key, value, origin, note }) => [key, value, origin, note]),
      ),
    );
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

/** `llm config validate`: an invalid configuration is an error like any other. */
export async function validate(session: Session): Promise<number> {
  const { files } = await loadSessionConfig(session);
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

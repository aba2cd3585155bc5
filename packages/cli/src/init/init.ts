import { existsSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { findConfigFiles, writeFileAtomically } from '@vibe/config';
import { placesOf } from '../client.js';
import { exitCodes } from '../exit-codes.js';
import { envelope } from '../output/envelope.js';
import type { Session } from '../session.js';
import { UsageError } from '../usage-error.js';
import { jsonTemplate, yamlTemplate } from './template.js';

export interface InitFlags {
  readonly user?: boolean;
  readonly format: 'yaml' | 'json';
}

/** `llm init`: writes a first config file, never over one that is there. */
export async function init(session: Session, { user = false, format: wanted }: InitFlags): Promise<number> {
  const places = placesOf(session);
  const [own, project] = findConfigFiles(places);
  const found = user ? own : project;
  const given = user ? undefined : places.configFile;
  const folder = user
    ? dirname(found?.path ?? '')
    : given === undefined
      ? (places.cwd ?? session.world.cwd)
      : dirname(given);
  const format = given === undefined ? wanted : formatOf(given);
  // A file in a folder above stays in force for its own folder, and is no reason not to begin one here.
  if (found?.exists === true && dirname(found.path) === folder) {
    throw new UsageError(`${found.display} is already there, and nothing was changed.`, [
      'llm config show',
      'llm config set KEY VALUE',
    ]);
  }
  const path = given ?? join(folder, `${user ? '' : 'vibe.'}config.${format}`);
  const schema = schemaFrom(folder);
  const text = format === 'json' ? jsonTemplate(schema) : yamlTemplate(user ? 'user' : 'project', schema);
  writeFileAtomically(path, text);
  const { out, world, timezone } = session;
  if (session.flags.json === true) {
    const rows = [{ path, layer: user ? 'user' : 'project' }];
    await out.write(envelope('vibe.init/1', { nowMs: world.now(), timezone, rows, warnings: [] }));
    return exitCodes.ok;
  }
  await session.note(
    [
      `${path} is written.`,
      ...(found?.exists === true ? [`Here it takes the place of ${found.display}.`] : []),
      '',
      'Next: llm keys set qwen · llm doctor · llm generate "hello" --simulate',
    ].join('\n'),
  );
  return exitCodes.ok;
}

function formatOf(file: string): InitFlags['format'] {
  const [, ending] = /\.(json|ya?ml)$/.exec(file) ?? [];
  if (ending !== undefined) return ending === 'json' ? 'json' : 'yaml';
  throw new UsageError(`${file}: a config file ends in .yaml, .yml or .json.`, ['llm init --config vibe.config.yaml']);
}

/** Where an editor finds the schema from that folder; null where the package is not installed. */
function schemaFrom(folder: string): string | null {
  for (let at = folder; ; at = dirname(at)) {
    const file = join(at, 'node_modules', '@vibe', 'config', 'schema.json');
    if (existsSync(file)) {
      const path = relative(folder, file).split(sep).join('/');
      return path.startsWith('.') ? path : `./${path}`;
    }
    if (at === dirname(at)) return null;
  }
}

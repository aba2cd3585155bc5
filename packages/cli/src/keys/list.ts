import { readKeysFile } from '@vibe/config';
import { exitCodes } from '../exit-codes.js';
import { envelope } from '../output/envelope.js';
import { tsv } from '../output/table.js';
import { tableLines } from '../output/table-text.js';
import { withPlugins } from '../providers/open-providers.js';
import type { Session } from '../session.js';

/** A key, without the key. */
interface KeyRow {
  readonly variable: string;
  /** `qwen@sg`; empty when nobody of the configuration asks for it. */
  readonly usedBy: readonly string[];
  /** Which of them is in force. */
  readonly source: 'env' | 'keys_file' | 'config' | null;
}

/** `llm keys list`. */
export function list(session: Session): Promise<number> {
  return withPlugins(session, async ({ providers }) => {
    const { env, cwd, now } = session.world;
    const { values, display } = readKeysFile(env, cwd);
    const used = new Map<string, { names: string[]; present: boolean }>();
    for (const { provider } of providers) {
      for (const endpoint of provider.endpoints) {
        if (endpoint.keyName === undefined) continue;
        const place = used.get(endpoint.keyName) ?? { names: [], present: false };
        const profile = provider.profile === undefined ? '' : ` (${provider.profile})`;
        place.names.push(`${provider.id}@${endpoint.id}${profile}`);
        used.set(endpoint.keyName, { ...place, present: place.present || endpoint.keyPresent() });
      }
    }
    const sourceOf = (variable: string): KeyRow['source'] => {
      if ((env[variable]?.trim() ?? '') !== '') return 'env';
      if (values.has(variable)) return 'keys_file';
      return used.get(variable)?.present === true ? 'config' : null;
    };
    const rows = [...new Set([...used.keys(), ...values.keys()])].map(
      (variable): KeyRow => ({ variable, usedBy: used.get(variable)?.names ?? [], source: sourceOf(variable) }),
    );
    const { out, timezone } = session;
    if (session.flags.json === true) {
      await out.write(envelope('vibe.keys/1', { nowMs: now(), timezone, rows, warnings: [] }));
    } else if (session.tables) {
      const lines = [
        ...tableLines(session, columnsOf(session, rows, display)),
        '',
        'Next: llm keys set NAME · llm doctor keys',
      ];
      await out.write(`${lines.join('\n')}\n`);
    } else {
      const cells = rows.map(({ variable, usedBy, source }) => [variable, source, usedBy.join(',')]);
      await out.write(tsv(['variable', 'source', 'used_by'], cells));
    }
    return exitCodes.ok;
  });
}

function columnsOf({ out }: Session, rows: readonly KeyRow[], file: string) {
  const { green, yellow } = out.colors;
  const words = { env: 'environment', keys_file: file, config: 'configuration' };
  return [
    { title: 'VARIABLE', cells: rows.map(({ variable }) => variable) },
    {
      title: 'FROM',
      cells: rows.map(({ source }) => (source === null ? 'not set' : words[source])),
      paint: (cell: string, row: number) => (rows[row]?.source === null ? yellow(cell) : green(cell)),
    },
    { title: 'USED BY', cells: rows.map(({ usedBy }) => usedBy.join(', ') || 'nobody') },
  ];
}

/** `llm keys path`. */
export async function path(session: Session): Promise<number> {
  const { out, world, timezone } = session;
  const file = readKeysFile(world.env, world.cwd);
  if (session.flags.json === true) {
    const rows = [{ path: file.path, exists: file.exists }];
    await out.write(envelope('vibe.keys_path/1', { nowMs: world.now(), timezone, rows, warnings: [] }));
  } else {
    await out.write(`${file.path}\n`);
  }
  return exitCodes.ok;
}

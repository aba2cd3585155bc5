import { describeConfig, keyMeaning, nearestName, parsePath } from '@vibe/config';
import { loadSessionConfig } from '../client.js';
import { exitCodes } from '../exit-codes.js';
import { envelope } from '../output/envelope.js';
import type { Session } from '../session.js';
import { UsageError } from '../usage-error.js';
import { rowsText, shownRow } from './rows.js';

/** `llm config get KEY`: the value alone, or a table of everything below the key. */
export async function get(session: Session, key: string): Promise<number> {
  const { meaning, wanted } = known(key);
  const all = describeConfig(await loadSessionConfig(session));
  const rows = all
    .filter((row) => row.key === wanted || row.key.startsWith(`${wanted}.`) || row.key.startsWith(`${wanted}[`))
    .map(shownRow);
  const { out, world, timezone } = session;
  const [first] = rows;
  if (session.flags.json === true) {
    await out.write(
      envelope('vibe.config/1', { nowMs: world.now(), timezone, query: { key: wanted }, rows, warnings: [] }),
    );
  } else if (first === undefined) {
    await session.note(`${wanted} is not set, so it has its default. ${meaning}`);
  } else if (rows.length === 1 && first.key === wanted) {
    await out.write(`${first.value}\n`);
  } else {
    await out.write(rowsText(session, rows));
  }
  return first === undefined ? exitCodes.error : exitCodes.ok;
}

/** The key in its own form, and what it means. Throws a UsageError for a key that no file may have. */
function known(key: string): { readonly wanted: string; readonly meaning: string } {
  const found = keyMeaning(key);
  if (found !== null) return found;
  const step = parsePath(key)?.[0];
  const meant = nearestName(typeof step === 'string' ? step : key, topKeys);
  const hint = meant === null ? `; known are ${topKeys.join(', ')}` : ` (did you mean ${meant}?)`;
  throw new UsageError(`There is no setting "${key}"${hint}.`, ['llm config show', 'llm config schema']);
}

const topKeys = ['plugins', 'budgets', 'mode', 'limits', 'router', 'regions', 'defaults', 'breaker', 'onUnpriced'];

import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ConfigFile, LoadedConfig } from '@vibe/config';
import { type Budget, type BudgetMode, type BudgetWindow, nanoUsdOf } from '@vibe/core';
import { type Document, isMap, isSeq, parseDocument, type YAMLMap } from 'yaml';
import { loadSessionConfig } from '../client.js';
import { confirm } from '../confirm.js';
import { exitCodes } from '../exit-codes.js';
import { amountUsd } from '../flag-values.js';
import { envelope } from '../output/envelope.js';
import { usd } from '../output/money.js';
import type { Session } from '../session.js';
import { UsageError } from '../usage-error.js';

export interface SetFlags {
  readonly user?: boolean;
  readonly mode?: BudgetMode;
  /** Percent. */
  readonly warn?: number;
}

const windows: readonly string[] = ['call', 'hour', 'day', 'week', 'month', 'total'] satisfies readonly BudgetWindow[];
const usage = ['llm budget set day 5usd', 'llm budget set month 100 --user', 'llm config show'];

/** `llm budget set`: writes a limit into a config file, comments and all else left as they are. */
export async function setBudget(session: Session, name: string, amount: string, flags: SetFlags): Promise<number> {
  const limitUsd = amountOf(amount);
  const config = await loadSessionConfig(session);
  const file = fileFor(config, flags.user === true);
  const text = file.exists ? readFileSync(file.path, 'utf8') : '';
  const document = parseDocument(text);
  const entry = await entryFor(document, name, config);
  const before = entry.get('limitUsd');
  if (typeof before === 'number' && limitUsd > before)
    await confirm(
      session,
      `Raise the budget "${name}" from ${money(before)} to ${money(limitUsd)} in ${file.display}?`,
      usage,
    );
  entry.set('limitUsd', limitUsd);
  if (flags.mode !== undefined) entry.set('mode', flags.mode);
  if (flags.warn !== undefined) entry.set('warnAt', document.createNode([flags.warn / 100]));
  const after = await written(session, file, text, document);
  await tell(session, name, limitUsd, file, after);
  return exitCodes.ok;
}

function amountOf(text: string): number {
  try {
    return amountUsd(text);
  } catch {
    throw new UsageError(`${JSON.stringify(text)} is no amount in USD, such as 5 or 0.50.`, usage);
  }
}

function money(amount: number): string {
  return usd(nanoUsdOf(amount, 'limitUsd'));
}

function fileFor({ files }: LoadedConfig, inUserFile: boolean): ConfigFile {
  const layer = inUserFile ? 'user' : 'project';
  const found = files.filter((file) => file.layer === layer);
  const file = found.find(({ exists }) => exists) ?? found[0];
  if (file === undefined) throw new UsageError(`There is no ${layer} config file to write to.`, ['llm config path']);
  return file;
}

/** The entry of the budget; a new one for a window that has none. */
async function entryFor(document: Document, name: string, config: LoadedConfig): Promise<YAMLMap> {
  const budgets = document.get('budgets');
  const entries = isSeq(budgets) ? budgets.items.filter(isMap) : [];
  const found = entries.find((entry) => isNamed(entry.toJSON() as Budget, name));
  if (found !== undefined) return found;
  if (!windows.includes(name)) throw await unknownBudget(name, config);
  const created = document.createNode({ window: name }) as YAMLMap;
  if (isSeq(budgets)) budgets.add(created);
  else document.set('budgets', document.createNode([created]));
  return created;
}

/** By its id; one of all calls without an id by its window. */
function isNamed({ id, window, tags, provider, model, endpoint }: Budget, name: string): boolean {
  if (id !== undefined) return id === name;
  return window === name && [tags, provider, model, endpoint].every((part) => part === undefined);
}

async function unknownBudget(name: string, { values }: LoadedConfig): Promise<UsageError> {
  const { nearestName } = await import('@vibe/config');
  const names = [...(values.budgets ?? []).flatMap(({ id }) => id ?? []), ...windows];
  const meant = nearestName(name, names);
  const hint = meant === null ? '' : ` (did you mean ${meant}?)`;
  return new UsageError(`No budget "${name}" in that file${hint}; there are ${[...new Set(names)].join(', ')}.`, usage);
}

/** Replaces the file in one step; what cannot be loaded afterwards is taken back. */
async function written(session: Session, file: ConfigFile, before: string, document: Document): Promise<LoadedConfig> {
  const text = file.path.endsWith('.json') ? `${JSON.stringify(document.toJS(), null, 2)}\n` : String(document);
  replace(file.path, text);
  try {
    return await loadSessionConfig(session);
  } catch (error) {
    if (file.exists) replace(file.path, before);
    else rmSync(file.path, { force: true });
    throw error;
  }
}

function replace(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const beside = `${path}.${process.pid}.new`;
  writeFileSync(beside, text);
  renameSync(beside, path);
}

/** Says what counts now: another file may be stricter. */
async function tell(
  session: Session,
  name: string,
  limitUsd: number,
  file: ConfigFile,
  config: LoadedConfig,
): Promise<void> {
  const budgets = config.values.budgets ?? [];
  const index = budgets.findIndex((budget) => isNamed(budget, name));
  const effectiveUsd = budgets[index]?.limitUsd ?? limitUsd;
  const origin = config.origins.get(`budgets[${index}].limitUsd`) ?? file.display;
  const { world, timezone } = session;
  if (session.flags.json === true) {
    const row = { name, limitUsd, effectiveUsd, file: file.path, origin };
    await session.out.write(envelope('vibe.budget_set/1', { nowMs: world.now(), timezone, rows: [row], warnings: [] }));
    return;
  }
  await session.note(`${name} ${money(limitUsd)} in ${file.display}.`);
  if (effectiveUsd < limitUsd) await session.note(`It stays ${money(effectiveUsd)}: ${origin} is stricter.`);
}

import { readFileSync } from 'node:fs';
import { type ConfigFile, type LoadedConfig, nearestName, setInFile } from '@vibe/config';
import { type Budget, type BudgetMode, type BudgetWindow, nanoUsdOf } from '@vibe/core';
import { parse } from 'yaml';
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
  const budgets = budgetsIn(file);
  const index = budgets.findIndex((budget) => isNamed(budget, name));
  const before = budgets[index]?.limitUsd;
  if (before === undefined && !windows.includes(name)) throw unknownBudget(name, config);
  if (before !== undefined && limitUsd > before)
    await confirm(
      session,
      `Raise the budget "${name}" from ${money(before)} to ${money(limitUsd)} in ${file.display}?`,
      usage,
    );
  const changes = {
    limitUsd,
    ...(flags.mode !== undefined && { mode: flags.mode }),
    ...(flags.warn !== undefined && { warnAt: [flags.warn / 100] }),
  };
  if (before === undefined)
    await setInFile(file, `budgets[${budgets.length}]`, JSON.stringify({ window: name, ...changes }));
  else {
    // A threshold may be refused; the limit is not changed then.
    for (const [key, value] of Object.entries(changes).reverse())
      await setInFile(file, `budgets[${index}].${key}`, JSON.stringify(value));
  }
  await tell(session, name, limitUsd, file, await loadSessionConfig(session));
  return exitCodes.ok;
}

/** Those of this file alone, in its order. It is known to be valid; JSON is YAML, too. */
function budgetsIn({ exists, path }: ConfigFile): readonly Budget[] {
  const values = exists ? (parse(readFileSync(path, 'utf8')) as { readonly budgets?: readonly Budget[] } | null) : null;
  return values?.budgets ?? [];
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

/** By its id; one of all calls without an id by its window. */
function isNamed({ id, window, tags, provider, model, endpoint }: Budget, name: string): boolean {
  if (id !== undefined) return id === name;
  return window === name && [tags, provider, model, endpoint].every((part) => part === undefined);
}

function unknownBudget(name: string, { values }: LoadedConfig): UsageError {
  const names = [...(values.budgets ?? []).flatMap(({ id }) => id ?? []), ...windows];
  const meant = nearestName(name, names);
  const hint = meant === null ? '' : ` (did you mean ${meant}?)`;
  return new UsageError(`No budget "${name}" in that file${hint}; there are ${[...new Set(names)].join(', ')}.`, usage);
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

import type { LoadedConfig } from '@vibe/config';
import type { BudgetState, Report, ReportQuery } from '@vibe/core';
import type { LedgerAdministration, LedgerFile } from '@vibe/ledger-sqlite/file';
import { loadSessionConfig, withClient } from './client.js';
import { ledgerPathOf, tildePath } from './ledger-path.js';
import { count } from './output/numbers.js';
import type { Session } from './session.js';
import { UsageError } from './usage-error.js';

/** The numbers of the ledger, for commands that only look. */
export interface Books {
  readonly config: LoadedConfig;
  /** IANA zone that days are counted in. */
  readonly timezone: string;
  report(query: ReportQuery): Promise<Report>;
  budgets(): Promise<readonly BudgetState[]>;
}

/** The same, of our own ledger: a file that can tell more. */
export interface FileBooks extends Books {
  readonly path: string;
  readonly file: LedgerFile;
}

export function isFileBooks(books: Books): books is FileBooks {
  return 'file' in books;
}

/** Opens the ledger for reading. Our own file is read directly: no thread, no client, nothing written. */
export async function withBooks(session: Session, command: (books: Books) => Promise<number>): Promise<number> {
  const config = await loadSessionConfig(session);
  const path = ledgerPathOf(session, config);
  if (path !== null) return withFile(session, config, path, command);
  return withClient(session, 'reports', ({ vibe }) => {
    const timezone = session.timezone;
    return command({
      config,
      timezone,
      report: (query) => vibe.report({ timezone, ...query }),
      budgets: () => vibe.budgets(),
    });
  });
}

/** For what only our own ledger knows. Another one is a usage error. */
export async function withFileBooks(session: Session, command: (books: FileBooks) => Promise<number>): Promise<number> {
  const config = await loadSessionConfig(session);
  return withFile(session, config, fileOf(session, config), command);
}

/** The path of our own ledger; a usage error when another plugin keeps the money. */
export function fileOf(session: Session, config: LoadedConfig): string {
  const path = ledgerPathOf(session, config);
  if (path !== null) return path;
  throw new UsageError(
    'The configuration names another ledger than @vibe/ledger-sqlite: this command reads its file.',
    ['llm … --ledger FILE   to look into a file of @vibe/ledger-sqlite'],
  );
}

async function withFile(
  session: Session,
  config: LoadedConfig,
  path: string,
  command: (books: FileBooks) => Promise<number>,
): Promise<number> {
  const { openLedgerFile } = await import('@vibe/ledger-sqlite/file');
  const { now } = session.world;
  const open = () => openLedgerFile({ path, timezone: zoneOf(session, config), now });
  let file = open();
  try {
    if (file.hasExpired()) {
      file.close();
      await endExpired(session, path);
      file = open();
      if (file.hasExpired())
        await session.note(`Holds of dead processes still count: ${tildePath(path)} cannot be written.`);
    }
    const budgets = configuredBudgets(config);
    const books: FileBooks = {
      config,
      path,
      file,
      timezone: file.timezone,
      report: async (query) => {
        const unfolded = readsDetails(query) ? file.unfolded() : 0;
        return unfolded < manyAttempts
          ? file.report(query)
          : onThread(session, path, (ledger) => ledger.report(query), addingUp(file, unfolded));
      },
      budgets: async () => file.budgets((await budgets).map(({ resolved }) => resolved)),
    };
    return await command(books);
  } finally {
    file.close();
  }
}

/** As many are read in a tenth of a second; more are added up once, so that the next report is quick. */
const manyAttempts = 5_000;

/** By tag, by unit and with a breakdown the ledger needs sums that it adds up when somebody asks for them. */
function readsDetails({ by = 'model', breakdown }: ReportQuery): boolean {
  return breakdown === true || by === 'unit' || by.startsWith('tag:');
}

function addingUp(file: LedgerFile, unfolded: number): () => string {
  return () => `adding up calls, once: ${count(Math.max(0, unfolded - file.unfolded()))} of ${count(unfolded)}`;
}

/** Asks on another thread, so that a long answer leaves Ctrl-C and the line that moves alive. */
export async function onThread<T>(
  session: Session,
  path: string,
  ask: (ledger: LedgerAdministration) => Promise<T>,
  what: string | (() => string),
): Promise<T> {
  const [{ administerLedgerFile }, { progress }] = await Promise.all([
    import('@vibe/ledger-sqlite/file'),
    import('./output/progress.js'),
  ]);
  const { signal, now } = session.world;
  const ledger = administerLedgerFile(path, now);
  const shown = progress(session);
  shown.say(what);
  let onAbort: (() => void) | undefined;
  const stopped = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    signal.throwIfAborted();
    return await Promise.race([ask(ledger), stopped]);
  } finally {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
    shown.stop();
    // Whoever has stopped it does not wait for an answer that nobody reads.
    const closing = ledger.close().catch(() => undefined);
    if (!signal.aborted) await closing;
  }
}

/** Dead processes cannot end their holds: a writer does it on its way, where we may write. */
async function endExpired(session: Session, path: string): Promise<void> {
  const { administerLedgerFile } = await import('@vibe/ledger-sqlite/file');
  const ledger = administerLedgerFile(path, session.world.now);
  await ledger.holds().catch(() => undefined);
  await ledger.close().catch(() => undefined);
}

async function configuredBudgets({ values, origins }: LoadedConfig) {
  const { configureBudgets } = await import('@vibe/core');
  const budgets = values.budgets ?? [];
  return configureBudgets(
    budgets,
    values.mode ?? 'best_effort',
    budgets.map((_, index) => origins.get(`budgets[${index}].limitUsd`) ?? 'code'),
  );
}

/** The flag, then what the ledger was configured with; else the file's own. */
function zoneOf({ flags }: Session, { plugins }: LoadedConfig): string | undefined {
  const configured = plugins.find(({ name }) => name === '@vibe/ledger-sqlite')?.options?.['timezone'];
  return flags.timezone ?? (typeof configured === 'string' ? configured : undefined);
}

import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { LedgerFacts } from '@vibe/ledger-sqlite/file';
import { fileOf, onThread, withFileBooks } from '../books.js';
import { loadSessionConfig } from '../client.js';
import { confirm } from '../confirm.js';
import { exitCodes } from '../exit-codes.js';
import { sizeText } from '../media/output-file.js';
import { envelope } from '../output/envelope.js';
import { count } from '../output/numbers.js';
import { print } from '../output/print.js';
import { printable } from '../output/printable.js';
import { progress } from '../output/progress.js';
import { pad } from '../output/text-width.js';
import { date } from '../output/time.js';
import type { Session } from '../session.js';
import { UsageError } from '../usage-error.js';

/** `llm ledger path`: the file, for scripts. */
export async function path(session: Session): Promise<number> {
  const file = fileOf(session, await loadSessionConfig(session));
  const { out, world, timezone, flags } = session;
  const row = { path: file, exists: existsSync(file) };
  if (flags.json === true)
    await out.write(envelope('vibe.ledger_path/1', { nowMs: world.now(), timezone, rows: [row], warnings: [] }));
  else await out.write(`${file}\n`);
  return exitCodes.ok;
}

/** `llm ledger stats`: how much is in it. */
export function stats(session: Session): Promise<number> {
  return withFileBooks(session, async ({ file, timezone }) => {
    const facts = file.facts();
    const nowMs = session.world.now();
    await print(session, {
      json: () => envelope('vibe.ledger_stats/1', { nowMs, timezone, rows: [facts], warnings: [] }),
      sheet: () => ({
        header: ['fact', 'value'],
        rows: Object.entries(facts).map(([name, value]) => [name, value === null ? null : String(value)]),
      }),
      text: () => statsText(facts, timezone),
    });
    return exitCodes.ok;
  });
}

function statsText(facts: LedgerFacts, timezone: string): string {
  const span =
    facts.firstMs === null || facts.lastMs === null
      ? 'no calls'
      : `${date(facts.firstMs, timezone)} – ${date(facts.lastMs, timezone)}`;
  const lines = [
    ['File', `${facts.path}${facts.exists ? '' : ' (not there yet)'}`],
    ['Size', `${sizeText(facts.bytes)} · log ${sizeText(facts.walBytes)} · unused ${sizeText(facts.freeBytes)}`],
    ['Attempts', `${count(facts.attempts)} · ${span}`],
    ...(facts.compactedUntilMs === null
      ? []
      : ([['Compacted', `calls from before ${date(facts.compactedUntilMs, 'UTC')} (UTC) are kept as sums`]] as const)),
    ['Events', count(facts.events)],
    ['Holds', `${count(facts.openHolds)} open`],
    ['Budgets', `${count(facts.budgets)} seen`],
    ['Sums', `${count(facts.rollups)} by quarter hour and hour`],
    ['Zone', facts.timezone],
    ['Format', `schema ${facts.schemaVersion} · SQLite ${facts.sqliteVersion}`],
  ] as const;
  return `${lines.map(([label, value]) => printable(`${pad(label, 11)}${value}`)).join('\n')}\n`;
}

/** `llm ledger verify`: every total, hold and sum must follow from the events. */
export function verify(session: Session): Promise<number> {
  return withFileBooks(session, async ({ timezone, path: ledger }) => {
    const found = await onThread(session, ledger, (administration) => administration.verify(), 'reading every call');
    const nowMs = session.world.now();
    const { ok, events, attempts, openHolds, problems } = found;
    await print(session, {
      json: () => envelope('vibe.ledger_verify/1', { nowMs, timezone, ...found, warnings: [] }),
      sheet: () => ({ header: ['problem'], rows: problems.map((problem) => [problem]) }),
      text: () =>
        [
          `${count(attempts)} attempts · ${count(events)} events · ${count(openHolds)} open holds`,
          ...(ok ? ['OK: every sum follows from the events.'] : problems.map((problem) => printable(`  ${problem}`))),
          ...(ok
            ? []
            : [
                '',
                `${problems.length} problems. Sums are computed anew with: llm ledger rebuild     First keep a copy: llm ledger backup FILE`,
              ]),
        ]
          .join('\n')
          .concat('\n'),
    });
    return ok ? exitCodes.ok : exitCodes.integrity;
  });
}

/** `llm ledger rebuild`: totals, holds and sums from the events alone. */
export async function rebuild(session: Session): Promise<number> {
  const ledger = fileOf(session, await loadSessionConfig(session));
  await confirm(session, `Compute all sums of ${ledger} anew?`, ['llm ledger backup FILE', 'llm ledger rebuild --yes']);
  const { administerLedgerFile } = await import('@vibe/ledger-sqlite/file');
  const administration = administerLedgerFile(ledger, session.world.now);
  const shown = progress(session);
  shown.say('computing all sums anew');
  try {
    await administration.rebuild();
    const { ok, problems } = await administration.verify();
    shown.stop();
    await session.note(
      ok ? 'Done: every sum follows from the events.' : `Done, and still wrong: ${problems.slice(0, 5).join('; ')}`,
    );
    return ok ? exitCodes.ok : exitCodes.integrity;
  } finally {
    shown.stop();
    await administration.close();
  }
}

/** `llm ledger backup FILE`: never over what is there. */
export function backup(session: Session, file: string): Promise<number> {
  const to = resolve(session.world.cwd, file);
  if (existsSync(to)) throw new UsageError(`${file} exists already.`, ['Choose another name, or remove it first.']);
  if (!existsSync(dirname(to))) throw new UsageError(`${file} cannot be written: its folder is not there.`);
  return withFileBooks(session, async (books) => {
    const shown = progress(session);
    shown.say('copying');
    await books.file
      .backup(to, (share) => shown.say(`copying ${Math.round(share * 100)}%`))
      .finally(() => shown.stop());
    await session.note(`${file}: as of now. Read it with: llm budget report --ledger ${file}`);
    return exitCodes.ok;
  });
}

import type { OpenHold } from '@vibe/core';
import { fileOf, withFileBooks } from '../books.js';
import { loadSessionConfig } from '../client.js';
import { confirm } from '../confirm.js';
import { exitCodes } from '../exit-codes.js';
import { envelope } from '../output/envelope.js';
import { exactUsd, usd } from '../output/money.js';
import { print } from '../output/print.js';
import { printable } from '../output/printable.js';
import { table } from '../output/table.js';
import { duration } from '../output/time.js';
import { routeName } from '../routes.js';
import type { Session } from '../session.js';
import { UsageError } from '../usage-error.js';

/** `llm budget holds`: the money that calls in flight have set aside, and what dead processes left behind. */
export async function holds(session: Session): Promise<number> {
  return withFileBooks(session, async ({ file, timezone }) => {
    const nowMs = session.world.now();
    const rows = file.holds();
    await print(session, {
      json: () =>
        envelope('vibe.holds/1', {
          nowMs,
          timezone,
          rows: rows.map((hold) => ({ ...hold, amountUsd: hold.amountNanoUsd / 1e9, stale: isStale(hold, nowMs) })),
          totals: { holds: rows.length, amountNanoUsd: sumOf(rows) },
          warnings: [],
        }),
      sheet: () => ({
        header: ['call', 'amount_usd', 'created_at', 'expires_at', 'stale', 'owner', 'mode', 'route'],
        rows: rows.map((hold) => [
          hold.callId,
          exactUsd(hold.amountNanoUsd),
          new Date(hold.createdAtMs).toISOString(),
          new Date(hold.expiresAtMs).toISOString(),
          String(isStale(hold, nowMs)),
          hold.owner,
          hold.strict ? 'strict_budget' : 'best_effort',
          hold.target === null ? null : routeName(hold.target),
        ]),
      }),
      text: () => holdsText(session, rows, nowMs),
      empty: rows.length === 0 ? () => 'No money is held: no call is in flight.' : null,
    });
    return exitCodes.ok;
  });
}

/** The open holds for people. */
export function holdsText({ out, bars }: Session, rows: readonly OpenHold[], nowMs: number): string {
  const stale = rows.filter((hold) => isStale(hold, nowMs)).length;
  const lines = table(
    [
      { title: 'CALL', shrinkTo: 17, cells: rows.map(({ callId }) => printable(callId)) },
      { title: 'AMOUNT', align: 'right', cells: rows.map(({ amountNanoUsd }) => usd(amountNanoUsd)) },
      { title: 'AGE', align: 'right', cells: rows.map(({ createdAtMs }) => duration(nowMs - createdAtMs)) },
      {
        title: 'LEASE',
        dropOrder: 1,
        cells: rows.map((hold) =>
          isStale(hold, nowMs)
            ? `ended ${duration(nowMs - hold.expiresAtMs)} ago`
            : `${duration(hold.expiresAtMs - nowMs)} left`,
        ),
      },
      { title: 'PROCESS', dropOrder: 3, cells: rows.map(({ owner }) => printable(owner.split('-', 1)[0] ?? '')) },
      {
        title: 'ROUTE',
        dropOrder: 2,
        cells: rows.map(({ target }) => (target === null ? '–' : printable(routeName(target)))),
      },
    ],
    out.columns,
    bars.rule,
  );
  const total = `${rows.length} ${rows.length === 1 ? 'hold' : 'holds'}, ${usd(sumOf(rows))} together${stale > 0 ? `, ${stale} of dead processes` : ''}.`;
  const next = stale > 0 ? '\nNext: llm budget holds release --stale' : '';
  return `${lines.join('\n')}\n\n${total}${next}\n`;
}

export interface ReleaseFlags {
  /** Book the held amount as spent instead of nothing. */
  readonly spent?: boolean;
  /** All whose lease has ended. */
  readonly stale?: boolean;
}

/** `llm budget holds release`: ends a hold whose call will never be settled. Asks first. */
export async function releaseHold(session: Session, callId: string | undefined, flags: ReleaseFlags): Promise<number> {
  const usage = ['llm budget holds', 'llm budget holds release CALL --yes', 'llm budget holds release --stale'];
  if ((callId === undefined) === (flags.stale !== true))
    throw new UsageError('Name one call, or take --stale for all of dead processes.', usage);
  const path = fileOf(session, await loadSessionConfig(session));
  const { administerLedgerFile } = await import('@vibe/ledger-sqlite/file');
  const ledger = administerLedgerFile(path, session.world.now);
  try {
    // Asking ends the holds of dead processes: what is stale now is what could not be ended.
    const open = await ledger.holds();
    const chosen =
      callId === undefined ? open.filter((hold) => isStale(hold, session.world.now())) : [holdOf(open, callId, usage)];
    if (chosen.length === 0) {
      await session.note('No hold of a dead process is left: whoever writes next ends them, and this command did.');
      return exitCodes.ok;
    }
    const how = flags.spent === true ? 'spent' : 'released';
    const what = `${chosen.length === 1 ? `the hold of ${chosen[0]?.callId}` : `${chosen.length} holds`} (${usd(sumOf(chosen))})`;
    await confirm(session, `End ${what} as ${how}? A call that still runs is settled all the same.`, usage);
    for (const hold of chosen) await ledger.resolve(hold.callId, how);
    await session.note(`Ended ${what} as ${how}.`);
    return exitCodes.ok;
  } finally {
    await ledger.close();
  }
}

function holdOf(open: readonly OpenHold[], callId: string, usage: readonly string[]): OpenHold {
  const found = open.filter((hold) => hold.callId.startsWith(callId) || hold.callId.endsWith(callId));
  if (found.length === 1 && found[0] !== undefined) return found[0];
  const why = found.length === 0 ? 'has no open hold' : `fits ${found.length} open holds: write more of the id`;
  throw new UsageError(`${JSON.stringify(callId)} ${why}.`, usage);
}

function isStale({ expiresAtMs }: OpenHold, nowMs: number): boolean {
  return expiresAtMs <= nowMs;
}

function sumOf(rows: readonly OpenHold[]): number {
  return rows.reduce((sum, { amountNanoUsd }) => sum + amountNanoUsd, 0);
}

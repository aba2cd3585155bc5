import type { LoadedConfig } from '@vibe/config';
import { type BudgetState, type Report, windowSpan } from '@vibe/core';
import { type Books, withBooks } from '../books.js';
import { exitCodes } from '../exit-codes.js';
import type { Session } from '../session.js';
import { sleep } from '../sleep.js';
import { emptyText } from './empty.js';
import { gaugeName, usedShare } from './gauge.js';
import { statusline } from './statusline.js';
import { todayJson } from './today-json.js';
import { todayText } from './today-text.js';
import { todayTsv } from './today-tsv.js';

/** What is known about today, read at one moment. */
export interface Today {
  readonly nowMs: number;
  /** The day in the zone of the report. */
  readonly startMs: number;
  readonly endMs: number;
  readonly timezone: string;
  readonly budgets: readonly BudgetState[];
  readonly hours: Report;
}

export interface TodayFlags {
  /** Show only budgets whose name or scope contains this. */
  readonly scope?: string;
  /** Repeat every so many seconds. */
  readonly watch?: number;
  /** One line, for a prompt or a status bar. */
  readonly statusline?: boolean;
  /** Percent: end with the exit code of a refused budget when any budget is used more. */
  readonly failOver?: number;
}

/** `llm budget today`: what is spent, held and left, and what it was spent on. */
export async function today(session: Session, flags: TodayFlags = {}): Promise<number> {
  const { watch } = flags;
  if (watch === undefined) return once(session, flags, '');
  const { world, out } = session;
  // Home and clear: the last picture is replaced, not scrolled away.
  const before = out.isTerminal && session.flags.json !== true ? '\u001b[H\u001b[J' : '';
  let exitCode: number = exitCodes.ok;
  while (!world.signal.aborted) {
    exitCode = await once(session, flags, before);
    await sleep(world, watch * 1_000);
  }
  return exitCode;
}

function once(session: Session, flags: TodayFlags, before: string): Promise<number> {
  return withBooks(session, async (books) => {
    const now = await readToday(session, books, flags.scope);
    if (before !== '') await session.out.write(before);
    if (flags.statusline === true) await session.out.write(statusline(session, now));
    else await show(session, now, books.config);
    return isOver(now, flags.failOver) ? exitCodes.budget : exitCodes.ok;
  });
}

async function readToday(session: Session, books: Books, scope: string | undefined): Promise<Today> {
  const [budgets, hours] = await Promise.all([books.budgets(), books.report({ by: 'hour', timezone: books.timezone })]);
  const shown = budgets.filter(
    (budget) => scope === undefined || gaugeName(budget).includes(scope) || budget.scope.includes(scope),
  );
  return todayOf(session.world.now(), shown, hours);
}

export function todayOf(nowMs: number, budgets: readonly BudgetState[], hours: Report): Today {
  const { startMs, endMs } = windowSpan('day', hours.timezone, nowMs);
  return { nowMs, startMs, endMs: endMs ?? nowMs, timezone: hours.timezone, budgets, hours };
}

async function show(session: Session, now: Today, config: LoadedConfig): Promise<void> {
  if (session.flags.json === true) return session.out.write(todayJson(now));
  if (isEmpty(now)) await session.note(emptyText(session, now, config));
  else await session.out.write(session.tables ? todayText(session, now) : todayTsv(now));
}

function isEmpty({ budgets, hours }: Today): boolean {
  return hours.totals.calls === 0 && budgets.every(({ spentNanoUsd, heldNanoUsd }) => spentNanoUsd + heldNanoUsd === 0);
}

function isOver({ budgets }: Today, percent: number | undefined): boolean {
  if (percent === undefined) return false;
  return budgets.some((budget) => budget.window !== 'call' && usedShare(budget) * 100 > percent);
}

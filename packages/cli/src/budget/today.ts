import type { LoadedConfig } from '@vibe/config';
import { type BudgetState, type Report, windowSpan } from '@vibe/core';
import { withClient } from '../client.js';
import { exitCodes } from '../exit-codes.js';
import type { Session } from '../session.js';
import { emptyText } from './empty.js';
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

/** `llm budget today`: what is spent, held and left, and what it was spent on. */
export async function today(session: Session): Promise<number> {
  return withClient(session, 'reports', async ({ vibe, config }) => {
    const { timezone } = session.flags;
    const [budgets, hours] = await Promise.all([
      vibe.budgets(),
      vibe.report({ by: 'hour', ...(timezone !== undefined && { timezone }) }),
    ]);
    await show(session, todayOf(session.world.now(), budgets, hours), config);
    return exitCodes.ok;
  });
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

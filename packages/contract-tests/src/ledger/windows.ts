import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import type { BudgetWindow } from '@vibe/core';
import { present, refused } from '../expect.js';
import type { LedgerBench, LedgerTheme } from './bench.js';

/** One window as the calendar has it. `timezone` null: the ledger's own, which is UTC+8. */
interface CalendarCase {
  readonly what: string;
  readonly window: BudgetWindow;
  readonly timezone: string | null;
  readonly start: string;
  readonly end: string;
}

/** Dates of daylight saving time from https://www.timeanddate.com. */
const calendar: readonly CalendarCase[] = [
  { what: 'an hour', window: 'hour', timezone: 'UTC', start: '2026-03-10T13:00:00Z', end: '2026-03-10T14:00:00Z' },
  {
    what: 'an hour of Kathmandu, which begins at a quarter past',
    window: 'hour',
    timezone: 'Asia/Kathmandu',
    start: '2026-03-10T13:15:00Z',
    end: '2026-03-10T14:15:00Z',
  },
  {
    what: "a day in the ledger's own zone",
    window: 'day',
    timezone: null,
    start: '2026-03-10T16:00:00Z',
    end: '2026-03-11T16:00:00Z',
  },
  {
    what: 'a day of 23 hours in Berlin',
    window: 'day',
    timezone: 'Europe/Berlin',
    start: '2026-03-28T23:00:00Z',
    end: '2026-03-29T22:00:00Z',
  },
  {
    what: 'a day of 25 hours in Berlin',
    window: 'day',
    timezone: 'Europe/Berlin',
    start: '2026-10-24T22:00:00Z',
    end: '2026-10-25T23:00:00Z',
  },
  {
    what: 'a week, from Monday to Sunday',
    window: 'week',
    timezone: 'UTC',
    start: '2026-03-16T00:00:00Z',
    end: '2026-03-23T00:00:00Z',
  },
  {
    what: 'a month in New York, across a change of daylight saving time',
    window: 'month',
    timezone: 'America/New_York',
    start: '2026-11-01T04:00:00Z',
    end: '2026-12-01T05:00:00Z',
  },
];

const halfMinuteMs = 30_000;

async function countsExactly(bench: LedgerBench, { window, timezone, start, end }: CalendarCase): Promise<void> {
  const budget = bench.budget({ window, timezone, limitNanoUsd: 100 });
  bench.clock.set(start);
  bench.clock.advance(-halfMinuteMs);
  await bench.spend(90, [budget]);
  bench.clock.set(start);
  bench.clock.advance(halfMinuteMs);
  strictEqual((await bench.gauge(budget)).spent, 0, 'nothing is spent at the start of the window');
  await bench.spend(40, [budget]);
  bench.clock.set(end);
  bench.clock.advance(-halfMinuteMs);
  const [state] = await bench.ledger.budgets({ budgets: [budget] });
  const { spentNanoUsd, resetsAt } = present(state, 'the gauge');
  deepStrictEqual([spentNanoUsd, resetsAt], [40, new Date(end).toISOString()]);
  await refused(bench.hold(61, [budget]), 'budget_exceeded');
  bench.clock.advance(2 * halfMinuteMs);
  strictEqual((await bench.gauge(budget)).spent, 0, 'nothing is spent in the next window');
  await bench.hold(100, [budget]);
}

/** Ten seconds before and after midnight in the ledger's zone. */
const beforeMidnight = '2026-03-10T15:59:50Z';
const afterMidnight = '2026-03-10T16:00:10Z';

/** Which money counts together in time. */
export const windows: LedgerTheme = {
  ...Object.fromEntries(
    calendar.map((entry) => [`counts together what lies in ${entry.what}`, (bench) => countsExactly(bench, entry)]),
  ),

  'never forgets what a run or all time has spent': async (bench) => {
    const budgets = [bench.budget({ window: 'total' }), bench.budget({ window: 'run', scope: 'tag.run=nightly' })];
    await bench.spend(40, budgets);
    bench.clock.set('2027-07-01T00:00:00Z');
    for (const budget of budgets) {
      const [state] = await bench.ledger.budgets({ budgets: [budget] });
      deepStrictEqual([state?.spentNanoUsd, state?.resetsAt], [40, null], budget.window);
    }
  },

  'charges the window of the hold, not that of the settlement': async (bench) => {
    const budget = bench.budget({ window: 'day', limitNanoUsd: 100 });
    bench.clock.set(beforeMidnight);
    const { callId } = await bench.hold(60, [budget]);
    bench.clock.set(afterMidnight);
    deepStrictEqual(await bench.gauge(budget), { spent: 0, held: 0, remaining: 100 });
    await bench.settle(callId, 50);
    deepStrictEqual(await bench.gauge(budget), { spent: 0, held: 0, remaining: 100 });
    bench.clock.set(beforeMidnight);
    deepStrictEqual(await bench.gauge(budget), { spent: 50, held: 0, remaining: 50 });
  },

  'extends in the window of the hold': async (bench) => {
    const budget = bench.budget({ window: 'day', limitNanoUsd: 100 });
    bench.clock.set(beforeMidnight);
    const { callId } = await bench.hold(40, [budget]);
    bench.clock.set(afterMidnight);
    await bench.spend(80, [budget]);
    await bench.ledger.extend(callId, 90);
    deepStrictEqual(await bench.gauge(budget), { spent: 80, held: 0, remaining: 20 });
    await refused(bench.ledger.extend(callId, 101), 'budget_exceeded');
  },

  'does not bring a budget in a second time when a call is extended after midnight': async (bench) => {
    const budget = bench.budget({ window: 'day', limitNanoUsd: 100 });
    bench.clock.set(beforeMidnight);
    const { callId } = await bench.hold(40, [budget]);
    bench.clock.set(afterMidnight);
    await bench.ledger.extend(callId, 90, { budgets: [budget], strict: true });
    deepStrictEqual(await bench.gauge(budget), { spent: 0, held: 0, remaining: 100 });
    await bench.settle(callId, 70);
    deepStrictEqual(await bench.gauge(budget), { spent: 0, held: 0, remaining: 100 });
    bench.clock.set(beforeMidnight);
    deepStrictEqual(await bench.gauge(budget), { spent: 70, held: 0, remaining: 30 });
  },

  'keeps windows of different length and different zones apart': async (bench) => {
    const days = [bench.budget({ window: 'day', timezone: 'UTC' }), bench.budget({ window: 'day', timezone: null })];
    const hour = bench.budget({ window: 'hour', timezone: 'UTC' });
    const [utc, own] = [present(days[0], 'day'), present(days[1], 'day')];
    await bench.spend(10, [utc]);
    await bench.spend(20, [own]);
    await bench.spend(30, [hour]);
    const spent = [await bench.gauge(utc), await bench.gauge(own), await bench.gauge(hour)].map((gauge) => gauge.spent);
    deepStrictEqual(spent, [10, 20, 30]);
  },

  "takes the ledger's zone for that of a budget which names none": async (bench) => {
    await bench.spend(40, [bench.budget({ window: 'day', timezone: null })]);
    strictEqual((await bench.gauge(bench.budget({ window: 'day', timezone: 'Asia/Shanghai' }))).spent, 40);
  },
};

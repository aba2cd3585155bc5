import { describe, expect, it } from 'vitest';
import { frozenMs } from '../testing.js';
import { UsageError } from '../usage-error.js';
import { daysIn, type PeriodFlags, periodBefore, periodOf } from './period.js';

const zone = 'Asia/Shanghai';
const iso = ({ sinceMs, untilMs }: { sinceMs: number; untilMs: number }) => [
  new Date(sinceMs).toISOString(),
  new Date(untilMs).toISOString(),
];
const of = (flags: PeriodFlags, timezone = zone, nowMs = frozenMs) => iso(periodOf(flags, timezone, nowMs, 7));

describe('the days of a report', () => {
  it('are the last seven, today included', () => {
    expect(of({})).toEqual(['2026-11-15T16:00:00.000Z', '2026-11-22T16:00:00.000Z']);
    expect(of({ days: 1 })).toEqual(['2026-11-21T16:00:00.000Z', '2026-11-22T16:00:00.000Z']);
  });

  it.each([
    ['today', '2026-11-21T16:00:00.000Z', '2026-11-22T16:00:00.000Z'],
    ['yesterday', '2026-11-20T16:00:00.000Z', '2026-11-21T16:00:00.000Z'],
    ['7d', '2026-11-15T16:00:00.000Z', '2026-11-16T16:00:00.000Z'],
    ['2w', '2026-11-08T16:00:00.000Z', '2026-11-09T16:00:00.000Z'],
    ['20261101', '2026-10-31T16:00:00.000Z', '2026-11-01T16:00:00.000Z'],
    ['2026-11-01', '2026-10-31T16:00:00.000Z', '2026-11-01T16:00:00.000Z'],
  ])('begin and end with the day %s', (word, start, end) => {
    expect(of({ since: word })[0]).toBe(start);
    expect(of({ since: '2026-10-01', until: word })[1]).toBe(end);
  });

  it('may begin with the month, or at an instant', () => {
    expect(of({ since: 'mtd' })[0]).toBe('2026-10-31T16:00:00.000Z');
    expect(of({ since: '2026-11-22T08:00:00+08:00' })[0]).toBe('2026-11-22T00:00:00.000Z');
  });

  it('end with the day of --until, and --days counts back from it', () => {
    expect(of({ days: 2, until: '2026-11-10' })).toEqual(['2026-11-08T16:00:00.000Z', '2026-11-10T16:00:00.000Z']);
  });

  it.each([
    ['Pacific/Kiritimati', '2026-11-21T10:00:00.000Z'],
    ['Pacific/Pago_Pago', '2026-11-22T11:00:00.000Z'],
    ['Asia/Kathmandu', '2026-11-21T18:15:00.000Z'],
  ])('are those of %s', (timezone, start) => {
    expect(of({ since: '2026-11-22', until: '2026-11-30' }, timezone)[0]).toBe(start);
  });

  it('have 23 and 25 hours when the clocks change', () => {
    const now = Date.parse('2026-10-25T12:00:00Z');
    expect(of({ days: 1 }, 'Europe/Berlin', now)).toEqual(['2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z']);
    expect(daysIn(periodOf({ days: 30 }, 'Europe/Berlin', now, 7), 'Europe/Berlin')).toBe(30);
  });

  it('are compared with as many days before them', () => {
    const period = periodOf({ days: 7 }, 'America/New_York', Date.parse('2026-11-05T12:00:00Z'), 7);
    expect(iso(periodBefore(period, 'America/New_York'))).toEqual([
      '2026-10-23T04:00:00.000Z',
      '2026-10-30T04:00:00.000Z',
    ]);
  });

  it.each([
    [{ since: '2026-02-31' }, /is no date/],
    [{ since: 'last tuesday' }, /is no date/],
    [{ until: '' }, /is no date/],
    [{ since: '2026-11-20', until: '2026-11-19' }, /would begin .* after it ends/],
    [{ since: '7d', days: 7 }, /Take one of them/],
  ])('that make no sense are refused: %j', (flags, message) => {
    expect(() => of(flags)).toThrow(UsageError);
    expect(() => of(flags)).toThrow(message);
  });
});

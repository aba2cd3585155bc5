import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { windowSpan } from './budget-window.js';

const at = (iso: string) => Date.parse(iso);
const span = (...args: Parameters<typeof windowSpan>) => {
  const { startMs, endMs } = windowSpan(...args);
  return [new Date(startMs).toISOString(), endMs === null ? null : new Date(endMs).toISOString()];
};

describe('a budget window', () => {
  it('follows the calendar of its time zone', () => {
    const now = at('2026-11-22T17:30:15.250Z');
    expect(span('day', 'Asia/Shanghai', now)).toEqual(['2026-11-22T16:00:00.000Z', '2026-11-23T16:00:00.000Z']);
    expect(span('day', 'UTC', now)).toEqual(['2026-11-22T00:00:00.000Z', '2026-11-23T00:00:00.000Z']);
    expect(span('hour', 'Asia/Kolkata', now)).toEqual(['2026-11-22T17:30:00.000Z', '2026-11-22T18:30:00.000Z']);
    expect(span('month', 'America/New_York', now)).toEqual(['2026-11-01T04:00:00.000Z', '2026-12-01T05:00:00.000Z']);
  });

  it('starts weeks on Monday', () => {
    expect(span('week', 'UTC', at('2026-11-22T23:59:59.999Z'))).toEqual([
      '2026-11-16T00:00:00.000Z',
      '2026-11-23T00:00:00.000Z',
    ]);
    expect(span('week', 'UTC', at('2026-11-23T00:00:00.000Z'))).toEqual([
      '2026-11-23T00:00:00.000Z',
      '2026-11-30T00:00:00.000Z',
    ]);
  });

  it('has 23 and 25 hours where daylight saving time begins and ends', () => {
    // https://www.timeanddate.com: in Berlin clocks moved forward on 2026-03-29 and back on 2026-10-25.
    expect(span('day', 'Europe/Berlin', at('2026-03-29T12:00:00Z'))).toEqual([
      '2026-03-28T23:00:00.000Z',
      '2026-03-29T22:00:00.000Z',
    ]);
    expect(span('day', 'Europe/Berlin', at('2026-10-25T12:00:00Z'))).toEqual([
      '2026-10-24T22:00:00.000Z',
      '2026-10-25T23:00:00.000Z',
    ]);
  });

  it('begins with the first instant of a day that has no midnight', () => {
    // Cairo, 2026-04-24: 00:00 became 01:00.
    expect(span('day', 'Africa/Cairo', at('2026-04-24T12:00:00Z'))[0]).toBe('2026-04-23T22:00:00.000Z');
  });

  it('never resets for call, run and total', () => {
    for (const window of ['call', 'run', 'total'] as const)
      expect(span(window, 'UTC', at('2026-01-01T00:00:00Z'))).toEqual(['1970-01-01T00:00:00.000Z', null]);
  });

  it('tiles time without gaps or overlaps, in any zone', () => {
    const zone = fc.constantFrom(
      'UTC',
      'Asia/Shanghai',
      'America/Los_Angeles',
      'Europe/Berlin',
      'Australia/Lord_Howe',
      'America/Sao_Paulo',
      'Asia/Kathmandu',
    );
    const instant = fc.integer({ min: at('2020-01-01T00:00:00Z'), max: at('2030-01-01T00:00:00Z') });
    fc.assert(
      fc.property(fc.constantFrom('day', 'week', 'month'), zone, instant, (window, timezone, nowMs) => {
        const { startMs, endMs } = windowSpan(window, timezone, nowMs);
        expect(startMs).toBeLessThanOrEqual(nowMs);
        expect(endMs).toBeGreaterThan(nowMs);
        expect(windowSpan(window, timezone, endMs as number).startMs).toBe(endMs);
        expect(windowSpan(window, timezone, startMs - 1).endMs).toBe(startMs);
      }),
    );
  });

  it('refuses a zone that does not exist', () => {
    expect(() => windowSpan('day', 'Mars/Olympus', 0)).toThrow(/no IANA time zone/);
  });
});

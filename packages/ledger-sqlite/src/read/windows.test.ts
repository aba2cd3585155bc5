import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { piecesOf, windowsWithin } from './windows.js';

const minuteMs = 60_000;

describe('the pieces of a stretch of time', () => {
  it('cover it without gap or overlap, in whole slots but for the edges', () => {
    const instant = fc.integer({ min: 0, max: 3 * 86_400_000 });
    fc.assert(
      fc.property(instant, instant, (one, other) => {
        const [sinceMs, untilMs] = one < other ? [one, other] : [other, one];
        const pieces = piecesOf(sinceMs, untilMs);
        let position = sinceMs;
        for (const piece of pieces) {
          expect(piece.sinceMs).toBe(position);
          expect(piece.untilMs).toBeGreaterThan(piece.sinceMs);
          if (piece.span === null) expect(piece.untilMs - piece.sinceMs).toBeLessThan(30 * minuteMs);
          else
            expect([piece.sinceMs % (piece.span * minuteMs), piece.untilMs % (piece.span * minuteMs)]).toEqual([0, 0]);
          position = piece.untilMs;
        }
        expect(position).toBe(sinceMs === untilMs ? sinceMs : untilMs);
        expect(pieces.filter(({ span }) => span === 60).length).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('the windows of a report', () => {
  it('have 23 and 25 hours when the clocks change', () => {
    const hours = (day: string) => {
      const [window] = windowsWithin(
        'day',
        'Europe/Berlin',
        Date.parse(`${day}T00:00:00+0${day.includes('-03-') ? 1 : 2}:00`),
        Date.parse(`${day}T23:30:00Z`),
      );
      return [window?.key, ((window?.untilMs ?? 0) - (window?.sinceMs ?? 0)) / (60 * minuteMs)];
    };
    expect(hours('2026-03-29')).toEqual(['2026-03-28T23:00:00.000Z', 23]);
    expect(hours('2026-10-25')).toEqual(['2026-10-24T22:00:00.000Z', 25]);
  });

  it('are cut off at the ends of the stretch, and keep the key of the whole window', () => {
    const since = Date.parse('2026-11-20T18:00:00Z');
    expect(windowsWithin('day', 'UTC', since, since + 12 * 60 * minuteMs)).toEqual([
      { key: '2026-11-20T00:00:00.000Z', sinceMs: since, untilMs: Date.parse('2026-11-21T00:00:00Z') },
      {
        key: '2026-11-21T00:00:00.000Z',
        sinceMs: Date.parse('2026-11-21T00:00:00Z'),
        untilMs: since + 12 * 60 * minuteMs,
      },
    ]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ascii, bar, blocks, sparkline } from './bars.js';
import { exactUsd, usd } from './money.js';
import { count, finePercent, percent, short } from './numbers.js';
import { printable } from './printable.js';
import { snakeCase } from './snake-case.js';
import { table, tsv } from './table.js';
import { pad, textWidth, wrap } from './text-width.js';
import { clock, date, duration, playTime, seconds } from './time.js';

describe('the width of a text', () => {
  it.each([
    ['', 0],
    ['qwen-plus', 9],
    ['通义千问', 8],
    ['ｆｕｌｌ', 8],
    ['日本 x', 6],
    ['한국어', 6],
    ['é', 1],
    ['e\u0301', 1],
    ['👍🏽', 2],
    ['👩‍👩‍👧', 2],
    ['\u001b[32mok\u001b[39m', 2],
    ['█▒░', 3],
    ['$1.00 →', 7],
    ['\u200b', 0],
  ])('of %j is %i', (text, width) => {
    expect(textWidth(text)).toBe(width);
  });

  it('is what padding fills up to', () => {
    expect(pad('千问', 6)).toBe('千问  ');
    expect(pad('千问', 6, 'right')).toBe('  千问');
    expect(pad('too long', 3)).toBe('too long');
  });

  it('bounds wrapped lines, except for words that are longer', () => {
    expect(wrap('one two three\n  four five', 8)).toEqual(['one two', 'three', '  four', '    five']);
    expect(wrap('a verylongword b', 4)).toEqual(['a', 'verylongword', 'b']);
    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', '千'), minLength: 1, maxLength: 5 })), (words) => {
        const lines = wrap(words.join(' '), 10);
        expect(lines.join(' ')).toBe(words.join(' '));
        expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(10);
      }),
    );
  });
});

describe('money', () => {
  it.each([
    [0, '$0.0000'],
    [1, '$0.000000001'],
    [21_000, '$0.000021'],
    [58_123, '$0.000058'],
    [9_999_999, '$0.0100'],
    [10_000_000, '$0.0100'],
    [3_412_700_000, '$3.4127'],
    [176_220_000_000, '$176.22'],
    [1_234_567_890_000, '$1,234.57'],
    [99_999_960_000, '$100.0000'],
    [-500_000_000, '-$0.5000'],
    [-21_000, '-$0.000021'],
  ])('%i nano-USD reads %s', (nanoUsd, text) => {
    expect(usd(nanoUsd)).toBe(text);
  });

  it('that is not nothing never reads as nothing, and is exact for programs', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e15, max: 1e15 }), (nanoUsd) => {
        if (nanoUsd !== 0) expect(usd(nanoUsd)).toMatch(/[1-9]/);
        const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d{1,9}))?$/.exec(exactUsd(nanoUsd)) ?? [];
        expect(BigInt(`${sign}${whole}${fraction.padEnd(9, '0')}`)).toBe(BigInt(nanoUsd));
      }),
    );
  });
});

describe('numbers and times', () => {
  it('are short and say the truth at the edges', () => {
    expect([0, 999, 1_204, 1_234_567].map(count)).toEqual(['0', '999', '1,204', '1,234,567']);
    expect([940, 1_000, 18_240, 240_000, 999_499, 999_500, 1_210_000, 250_000_000].map(short)).toEqual([
      '940',
      '1k',
      '18.2k',
      '240k',
      '999k',
      '1M',
      '1.21M',
      '250M',
    ]);
    expect([0, 0.0001, 0.68, 0.9998, 1, 1.25].map(percent)).toEqual(['0%', '<1%', '68%', '99%', '100%', '125%']);
    expect([0, 0.0001, 0.0218, 1].map(finePercent)).toEqual(['0.0%', '<0.1%', '2.2%', '100.0%']);
    expect([0, 314, 99_999, 100_000].map(seconds)).toEqual(['0.00 s', '0.31 s', '100.00 s', '100 s']);
    expect([-5, 999, 45_000, 720_000, 18_420_000, 187_200_000].map(duration)).toEqual([
      '0 s',
      '0 s',
      '45 s',
      '12 m',
      '5 h 07 m',
      '2 d 04 h',
    ]);
  });

  it('of recordings keep their seconds', () => {
    expect([0, 45, 372, 3_605].map(playTime)).toEqual(['0 s', '45 s', '6 m 12 s', '60 m 05 s']);
  });

  it('are told in their zone', () => {
    const atMs = Date.parse('2026-11-22T16:30:00Z');
    expect(date(atMs, 'Asia/Shanghai')).toBe('Mon 23 Nov 2026');
    expect(clock(atMs, 'Asia/Shanghai')).toBe('00:30');
    expect(date(atMs, 'America/New_York')).toBe('Sun 22 Nov 2026');
  });
});

describe('bars', () => {
  it.each([
    [3.4127, 0.18, 5, '████████████▒░░░░░'],
    [0, 0, 5, '░░░░░░░░░░░░░░░░░░'],
    [0.0001, 0, 5, '█░░░░░░░░░░░░░░░░░'],
    [0, 0.0001, 5, '▒░░░░░░░░░░░░░░░░░'],
    [4.9999, 0, 5, '█████████████████░'],
    [5, 0, 5, '██████████████████'],
    [7, 1, 5, '████████████████▒▒'],
    [0, 0, 0, '██████████████████'],
  ])('of %d spent and %d held of %d', (spent, held, limit, expected) => {
    expect(bar(spent, held, limit, 18, blocks)).toBe(expected);
  });

  it('always fill their cells, show what is spent and held, and what is left', () => {
    const amount = fc.integer({ min: 0, max: 1_000 });
    fc.assert(
      fc.property(amount, amount, amount, (spent, held, limit) => {
        const text = bar(spent, held, limit, 10, ascii);
        expect(text).toMatch(/^#*=*\.*$/);
        expect(text).toHaveLength(10);
        if (limit > 0) expect(text.includes('.')).toBe(spent + held < limit);
        if (spent > 0) expect(text).toContain('#');
      }),
    );
  });

  it('of hours have a height each; nothing and not yet look the same', () => {
    expect(sparkline([0, 1, 4, 8, null], blocks)).toBe('·▁▄█·');
    expect(sparkline([0, 1, 4, 8, null], ascii)).toBe('.037.');
    expect(sparkline([], blocks)).toBe('');
  });
});

describe('tables', () => {
  const columns = [
    { title: 'MODEL', cells: ['qwen-plus', '通义千问'] },
    { title: 'COST', align: 'right', cells: ['$9.8120', '$0.43'] },
    { title: 'UNITS', dropOrder: 2, cells: ['5.1M in', '41 m audio'] },
    { title: 'P50', align: 'right', dropOrder: 1, cells: ['0.8 s', '2.2 s'] },
  ] as const;

  it('align CJK, leave out columns in their order, and never cut', () => {
    expect(table(columns, 80, '─')).toEqual([
      '  MODEL         COST  UNITS         P50',
      '  ─────────────────────────────────────',
      '  qwen-plus  $9.8120  5.1M in     0.8 s',
      '  通义千问     $0.43  41 m audio  2.2 s',
    ]);
    expect(table(columns, 38, '-')).toEqual([
      '  MODEL         COST    P50',
      '  -------------------------',
      '  qwen-plus  $9.8120  0.8 s',
      '  通义千问     $0.43  2.2 s',
    ]);
    expect(table(columns, 5, '-')).toEqual([
      '  MODEL         COST',
      '  ------------------',
      '  qwen-plus  $9.8120',
      '  通义千问     $0.43',
    ]);
  });

  it('for programs keep one line per row, and unknown empty', () => {
    expect(
      tsv(
        ['a', 'b'],
        [
          ['x\ty\nz', null],
          ['', 0],
        ],
      ),
    ).toBe('a\tb\nx y z\t\n\t0\n');
  });
});

describe('JSON', () => {
  it('has snake_case keys, money as text, bytes as base64, and leaves to users what is theirs', () => {
    expect(
      snakeCase({
        cost: {
          actualUsd: 0.000021,
          actualNanoUsd: 21_000,
          estimatedUsd: null,
          lines: [{ usd: 1.5, nanoUsd: 1_500_000_000 }],
        },
        content: [
          { type: 'image', data: Uint8Array.of(1, 2), providerData: { thoughtSignature: 'x' } },
          { type: 'tool_call', input: { cityName: 'Bern' } },
        ],
        tags: { userName: 'alice' },
        attempts: [],
        quantities: { input_token: 1 },
      }),
    ).toEqual({
      cost: {
        actual_usd: '0.000021',
        actual_nano_usd: 21_000,
        estimated_usd: null,
        lines: [{ usd: '1.5', nano_usd: 1_500_000_000 }],
      },
      content: [
        { type: 'image', data: 'AQI=', provider_data: { thoughtSignature: 'x' } },
        { type: 'tool_call', input: { cityName: 'Bern' } },
      ],
      tags: { userName: 'alice' },
      attempts: [],
      quantities: { input_token: 1 },
    });
  });
});

describe('what is shown on a terminal', () => {
  it('cannot steer it', () => {
    expect(printable('a\u001b[2Jb\u0007\u009bc\r\nd\te\rf')).toBe('a[2Jbc\nd\tef');
  });

  it('cannot steer it through a pipe either, and breaks no row of a table', () => {
    const made = 'a\u001b[31m\r\nb\tc';
    expect(tsv(['user', 'calls'], [[made, 1]])).toBe('user\tcalls\na[31m b c\t1\n');
    const columns = [
      { title: 'USER', cells: ['a\nb\tc'] },
      { title: 'CALLS', cells: ['1'] },
    ];
    expect(table(columns, 80, '-').slice(2)).toEqual(['  a b c  1']);
    expect(table(columns, 3, '-').slice(2)).toHaveLength(1);
  });
});

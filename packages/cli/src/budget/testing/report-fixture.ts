import type { Report, ReportRow } from '@vibe/core';
import { frozenMs } from '../../testing.js';
import type { Spending } from '../spending.js';

/** A line of a report with nothing in it but what is given. */
export function reportRow(key: string, costUsd: number, given: Partial<ReportRow> = {}): ReportRow {
  return {
    key,
    calls: 0,
    attempts: 0,
    ok: 0,
    failed: 0,
    cancelled: 0,
    blocked: 0,
    expired: 0,
    costNanoUsd: Math.round(costUsd * 1e9),
    costUsd,
    unpriced: 0,
    usageUnknown: 0,
    quantities: {},
    ttftP50Ms: null,
    totalP50Ms: null,
    totalP95Ms: null,
    ...given,
  };
}

/** Midnight in Shanghai, `day` of November 2026. */
export const midnightMs = (day: number) => Date.parse('2026-10-31T16:00:00Z') + (day - 1) * 86_400_000;

const calls = (ok: number, failed: number, p50: number, p95: number) => ({
  calls: ok + failed,
  attempts: ok + failed,
  ok,
  failed,
  ttftP50Ms: p50 / 2,
  totalP50Ms: p50,
  totalP95Ms: p95,
});

const tokens = (input: number, cached: number, output: number) => ({
  input_token: input - cached,
  cached_input_token: cached,
  output_token: output,
});

const day = (date: number, costUsd: number, given: Partial<ReportRow>) =>
  reportRow(new Date(midnightMs(date)).toISOString(), costUsd, given);

const week: Report = {
  sinceMs: midnightMs(16),
  untilMs: midnightMs(23),
  timezone: 'Asia/Shanghai',
  by: 'day',
  rows: [
    day(16, 2.9012, { ...calls(297, 4, 800, 2_500), quantities: { ...tokens(900_000, 279_000, 180_000), image: 8 } }),
    day(17, 3.332, { ...calls(346, 4, 800, 2_400), quantities: tokens(1_100_000, 385_000, 210_000) }),
    day(18, 0, {}),
    day(19, 4.998832, {
      ...calls(592, 19, 1_200, 3_800),
      quantities: { ...tokens(2_000_000, 440_000, 390_000), image: 31 },
      usageUnknown: 2,
    }),
    day(20, 1_204.2219, {
      ...calls(447, 8, 900, 12_900),
      quantities: { ...tokens(1_400_000, 0, 260_000), audio_second: 180 },
    }),
    day(21, 0.000021, { ...calls(1, 0, 600, 600), quantities: tokens(12, 0, 9) }),
    day(22, 3.4127, {
      ...calls(403, 9, 800, 2_600),
      quantities: tokens(1_200_000, 456_000, 240_000),
      unpriced: 1,
      blocked: 2,
    }),
  ],
  totals: reportRow('total', 1_218.866653, {
    ...calls(2_086, 44, 900, 2_900),
    usageUnknown: 2,
    unpriced: 1,
    quantities: { ...tokens(6_600_012, 1_560_000, 1_280_009), image: 39, audio_second: 180 },
  }),
};

/** A week with everything that needs care: a dear day, a nearly free one, one without calls, unknowns. */
export function weekOfSpending(given: Partial<Spending> = {}): Spending {
  return {
    by: 'day',
    period: { sinceMs: week.sinceMs, untilMs: week.untilMs },
    timezone: week.timezone,
    nowMs: frozenMs,
    report: week,
    before: { ...week, totals: reportRow('total', 1_000, { calls: 2_000 }) },
    breakdown: false,
    ...given,
  };
}

/** The same money by model, with names that are long, wide and hostile. */
export const byModel: Report = {
  ...week,
  by: 'model',
  rows: [
    reportRow('qwen-plus', 9.812, {
      ...calls(1_193, 11, 800, 2_400),
      quantities: tokens(5_100_000, 900_000, 900_000),
      costByUnit: { input_token: 4_000_000_000, output_token: 5_812_000_000 },
    }),
    reportRow('通义万相-文生图', 6.1033, {
      ...calls(55, 1, 6_100, 11_000),
      quantities: { image: 55 },
      costByUnit: { image: 6_103_300_000 },
    }),
    reportRow('gemini-2.5-flash-preview-native-audio-dialog-2026-11', 3.741, {
      ...calls(100, 30, 1_900, 7_300),
      usageUnknown: 3,
      quantities: { ...tokens(400_000, 0, 100_000), audio_second: 2_470 },
      costByUnit: { audio_second: 3_000_000_000, output_token: 700_000_000, '(none)': 41_000_000 },
    }),
    reportRow('\u001b[31mred\u0007', 0, { ...calls(1, 0, 100, 100), unpriced: 1 }),
  ],
  totals: reportRow('total', 19.6563, {
    ...calls(1_349, 42, 900, 2_900),
    usageUnknown: 3,
    unpriced: 1,
    quantities: { ...tokens(5_500_000, 900_000, 1_000_000), image: 55, audio_second: 2_470 },
    costByUnit: {
      input_token: 4_000_000_000,
      output_token: 6_512_000_000,
      image: 6_103_300_000,
      audio_second: 3_000_000_000,
      '(none)': 41_000_000,
    },
  }),
};

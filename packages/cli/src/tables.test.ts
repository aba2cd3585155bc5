import type { LimitState, ModelManifest, OpenHold, Rate } from '@vibe/core';
import type { AccuracyRow, AttemptRow } from '@vibe/ledger-sqlite/file';
import { describe, expect, it } from 'vitest';
import { accuracyText } from './budget/accuracy.js';
import { holdsText } from './budget/holds.js';
import { type LimitRow, limitsText } from './limits/show.js';
import { logColumns } from './logs/rows.js';
import { modelsText } from './models/list.js';
import type { ModelRow } from './models/rows.js';
import { modelText } from './models/show.js';
import { table } from './output/table.js';
import { textWidth } from './output/text-width.js';
import { fakeSession, fakeWorld, frozenMs } from './testing.js';

const widths = [60, 80, 120] as const;
const at = (columns: number) => fakeSession({}, fakeWorld({ columns }));
const target = { provider: 'qwen', profile: 'default', endpoint: 'cn', region: 'cn', model: 'qwen-plus' };

const attempt: AttemptRow = {
  callId: '01a2066f-f94f-7000-bf2b-60369c44032e',
  attempt: 1,
  traceId: 't',
  startedAtMs: frozenMs,
  status: 'ok',
  ...target,
  servedModel: null,
  downgradedFrom: null,
  requestId: null,
  quantities: { input_token: 1_200, cached_input_token: 300, output_token: 240 },
  usageUnknown: false,
  usageSource: 'provider',
  estimatedNanoUsd: 9_000_000,
  actualNanoUsd: 2_100_000,
  chargedNanoUsd: 2_100_000,
  correctedNanoUsd: 0,
  currency: null,
  fxRate: null,
  lines: [],
  ttftMs: 310,
  totalMs: 1_620,
  waitMs: 0,
  retryMs: 0,
  errorCode: null,
  errorMessage: null,
  httpStatus: 200,
  finishReason: 'stop',
  tags: { user: 'alice' },
  last: true,
};

const attempts: readonly AttemptRow[] = [
  attempt,
  {
    ...attempt,
    model: '通义万相-文生图',
    quantities: { image: 2 },
    chargedNanoUsd: 1_204_000_000_000,
    actualNanoUsd: 1_204_000_000_000,
    ttftMs: null,
    totalMs: 125_000,
  },
  {
    ...attempt,
    status: 'failed',
    errorCode: 'provider_unavailable',
    quantities: null,
    actualNanoUsd: 0,
    chargedNanoUsd: 0,
    tags: {},
  },
  {
    ...attempt,
    status: 'blocked',
    errorCode: 'budget_exceeded',
    attempt: 0,
    provider: null,
    endpoint: null,
    model: null,
    quantities: null,
    actualNanoUsd: 0,
    chargedNanoUsd: 0,
    ttftMs: null,
    totalMs: null,
  },
];

const holds: readonly OpenHold[] = [
  {
    callId: attempt.callId,
    amountNanoUsd: 41_000_000,
    strict: true,
    owner: '4120-abc',
    createdAtMs: frozenMs - 12_000,
    expiresAtMs: frozenMs + 48_000,
    traceId: 't',
    target,
  },
  {
    callId: 'orphan',
    amountNanoUsd: 31,
    strict: false,
    owner: '17-x',
    createdAtMs: frozenMs - 90_000_000,
    expiresAtMs: frozenMs - 86_400_000,
    traceId: 't',
    target: null,
  },
];

const accuracies: readonly AccuracyRow[] = [
  {
    provider: 'qwen',
    endpoint: 'cn',
    model: 'qwen-plus',
    attempts: 1_204,
    estimatedNanoUsd: 25_000_000_000,
    actualNanoUsd: 9_812_000_000,
    above: 0,
    highestRatio: 0.93,
    overruns: 0,
    overrunNanoUsd: 0,
  },
  {
    provider: 'gemini',
    endpoint: 'global',
    model: 'gemini-2.5-flash-preview-native-audio-dialog',
    attempts: 3,
    estimatedNanoUsd: 1_000,
    actualNanoUsd: 1_500,
    above: 2,
    highestRatio: 12.5,
    overruns: 1,
    overrunNanoUsd: 500,
  },
];

const manifest: ModelManifest = {
  id: 'qwen-plus',
  tier: 'standard',
  operations: ['chat'],
  input: ['text', 'image'],
  output: ['text'],
  tools: true,
  structured: true,
  reasoning: true,
  contextTokens: 1_000_000,
  maxOutputTokens: 32_768,
  streams: true,
};

const rate = (unit: Rate['unit'], price: string, given: Partial<Rate> = {}): Rate =>
  ({
    provider: 'qwen',
    model: 'qwen-plus',
    region: 'cn',
    unit,
    price,
    per: 1_000_000,
    currency: 'CNY',
    tier: null,
    effectiveFrom: '2026-09-01T00:00:00Z',
    effectiveTo: null,
    verifiedAt: '2026-11-20T00:00:00Z',
    confidence: 'high',
    source: 'https://example.com',
    priceId: 'p',
    ...given,
  }) as Rate;

const models: readonly ModelRow[] = [
  {
    provider: 'qwen',
    profile: 'default',
    manifest,
    endpoints: ['cn', 'sg', 'us'],
    rates: [
      rate('input_token', '0.8'),
      rate('input_token', '2.4', { tier: { fromTokens: 128_000, toTokens: null } as Rate['tier'] }),
      rate('output_token', '2'),
    ],
  },
  {
    provider: 'gemini',
    profile: 'default',
    manifest: {
      ...manifest,
      id: 'gemini-2.5-flash-preview-native-audio-dialog-2026-11',
      tier: 'economy',
      input: ['text', 'image', 'audio'],
      tools: false,
      aliases: ['gemini-live'],
    },
    endpoints: ['global'],
    rates: [rate('input_token', '0.3', { currency: 'USD' }), rate('output_token', '2.5', { currency: 'USD' })],
  },
  {
    provider: 'qwen',
    profile: 'team',
    manifest: {
      ...manifest,
      id: '通义万相-文生图',
      tier: 'premium',
      operations: ['paint'],
      output: ['image'],
      tools: false,
    },
    endpoints: ['cn'],
    rates: [rate('image', '0.2', { per: 1 })],
  },
];

const limitState: LimitState = {
  target,
  requestsInMinute: 41,
  tokensInMinute: 18_000,
  requestsToday: 411,
  inFlight: 3,
  waiting: 0,
  nextFreeInMs: 0,
  blockedUntilMs: null,
} as LimitState;

const limited: readonly LimitRow[] = [
  { target, limits: { rpm: 60, tpm: 100_000, rpd: 5_000 }, state: limitState },
  {
    target: {
      ...target,
      model: 'gemini-2.5-flash-preview-native-audio-dialog-2026-11',
      provider: 'gemini',
      endpoint: 'global',
    },
    limits: { rpm: 10, concurrency: 4 },
    state: { ...limitState, requestsInMinute: 10, inFlight: 4, waiting: 14, nextFreeInMs: 9_120 },
  },
  {
    target: { ...target, model: 'qwen-max', profile: 'team' },
    limits: { tpm: 1_000_000 },
    state: { ...limitState, tokensInMinute: 0, inFlight: 0, blockedUntilMs: frozenMs + 93_000, nextFreeInMs: 93_000 },
  },
  {
    target: { ...target, model: 'qwen-of-tomorrow' },
    limits: { rpd: 1 },
    state: { ...limitState, requestsToday: 1, inFlight: 0, nextFreeInMs: Number.POSITIVE_INFINITY },
  },
];

const tables = {
  'llm models': (columns: number) => modelsText(at(columns), models),
  'llm models show': (columns: number) => models.map((row) => modelText(at(columns), row)).join('\n'),
  'llm limits': (columns: number) => limitsText(at(columns), limited, frozenMs),
  'llm logs': (columns: number) => table(logColumns(at(columns), attempts, 'Asia/Shanghai'), columns, '─').join('\n'),
  'llm budget holds': (columns: number) => holdsText(at(columns), holds, frozenMs),
  'llm budget accuracy': (columns: number) =>
    accuracyText(at(columns), accuracies, { sinceMs: frozenMs - 6 * 86_400_000, untilMs: frozenMs }, 'Asia/Shanghai'),
};

describe.each(Object.entries(tables))('the table of %s', (_name, text) => {
  it.each(widths)('fits %d columns', (columns) => {
    for (const line of text(columns).split('\n')) expect(textWidth(line)).toBeLessThanOrEqual(columns);
  });

  it('reads like this on 60, 80 and 120', () => {
    expect(`\n${widths.map((columns) => text(columns)).join('\n\n')}`).toMatchSnapshot();
  });
});

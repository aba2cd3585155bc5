import type { BudgetState, GenerationResponse, RouteEstimate, Target } from '@vibe/core';
import { describe, expect, it } from 'vitest';
import { fakeSession, fakeWorld } from '../testing.js';
import { UsageError } from '../usage-error.js';
import { planText } from './dry-run.js';
import { chatOf } from './flags.js';
import { readPrompt } from './prompt.js';
import { usageLine } from './usage-line.js';

const target: Target = { provider: 'qwen', profile: 'default', endpoint: 'cn', region: 'cn', model: 'qwen-plus' };

const response: GenerationResponse = {
  id: '01K9F',
  traceId: '01K9F',
  status: 'ok',
  content: [],
  text: '',
  object: null,
  finishReason: 'stop',
  rawFinishReason: 'stop',
  usage: { quantities: { input_token: 14, output_token: 11 }, unknown: false, source: 'provider' },
  providerMeta: { ...target, servedModel: 'qwen-plus', requestId: null },
  timing: { ttftMs: 310, totalMs: 620, waitMs: 0, retryMs: 0, attempts: 1 },
  cost: { estimatedUsd: 0.000058, actualUsd: 0.000021, actualNanoUsd: 21_000, lines: [] },
  attempts: [],
  downgradedFrom: null,
  warnings: [],
  plan: null,
};

function budget(used: number, given: Partial<BudgetState> = {}): BudgetState {
  return {
    window: 'day',
    shadow: false,
    limitNanoUsd: 100,
    spentNanoUsd: used * 100,
    heldNanoUsd: 0,
    ...given,
  } as BudgetState;
}

describe('the usage line', () => {
  it('tells who answered, tokens, times, cost, the tightest budget, and the id', () => {
    expect(
      usageLine(response, [budget(0.35), budget(0.68), budget(1, { shadow: true }), budget(1, { window: 'call' })]),
    ).toBe(
      'qwen-plus @ qwen/cn · 14 in · 11 out · ttft 0.31 s · 0.62 s · $0.000021 (est $0.000058) · budget 68 % · 01K9F',
    );
  });

  it('leaves out budgets where there are none', () => {
    expect(usageLine(response, [])).not.toContain('budget');
  });

  it.each([
    [null, '? in · ? out'],
    [{ quantities: {}, unknown: true, source: 'partial' }, '? in · ? out'],
    [{ quantities: { input_token: 0, output_token: 0 }, unknown: false, source: 'provider' }, '0 in · 0 out'],
    [
      {
        quantities: { input_token: 1_000, cached_input_token: 500, output_token: 20, reasoning_token: 30 },
        unknown: false,
        source: 'provider',
      },
      '1,500 in (500 cached) · 50 out',
    ],
  ] as const)('does not take unknown for zero: %j', (usage, expected) => {
    expect(usageLine({ ...response, usage }, [])).toContain(expected);
  });

  it('marks what is estimated and says what is unknown', () => {
    const usage = { quantities: { input_token: 1 }, unknown: true, source: 'estimated' } as const;
    expect(usageLine({ ...response, usage }, [])).toContain('~$0.000021 (est $0.000058)');
    const cost = { estimatedUsd: null, actualUsd: null, actualNanoUsd: null, lines: [] };
    const timing = { ...response.timing, ttftMs: null };
    expect(usageLine({ ...response, cost, timing }, [])).toBe(
      'qwen-plus @ qwen/cn · 14 in · 11 out · 0.62 s · cost unknown · 01K9F',
    );
  });
});

describe('the prompt', () => {
  const read = (words: readonly string[], input?: string | Uint8Array) =>
    readPrompt(words, fakeSession({}, fakeWorld(input === undefined ? {} : { input })));

  it('is made of the words, and of what is piped in behind them', async () => {
    expect(await read(['Why', 'not?'])).toBe('Why not?');
    expect(await read(['Review:'], 'diff --git\n')).toBe('Review:\n\ndiff --git\n');
    expect(await read([], '千\n')).toBe('千\n');
    expect(await read(['x'], '')).toBe('x');
  });

  it.each([
    ['empty', [], undefined, 'There is no prompt.'],
    ['blank', [' '], ' \n', 'There is no prompt.'],
    ['binary', ['x'], Uint8Array.of(0xff, 0xfe), 'The piped input is no text in UTF-8.'],
    ['endless', ['x'], new Uint8Array(17 * 1_048_576), 'The piped input is larger than 16777216 bytes.'],
  ])('is refused when it is %s', async (_, words, input, message) => {
    const error = await read(words, input).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).message).toBe(message);
  });
});

describe('flags', () => {
  it('say only what was said', () => {
    expect(chatOf({ wait: true })).toEqual({});
    expect(
      chatOf({
        wait: false,
        model: 'm',
        system: '',
        maxTokens: 5,
        temperature: 0,
        route: 'cheap',
        region: ['cn', 'sg'],
        maxCost: 0,
        tag: { user: 'a' },
        maxWait: 1.5,
        dryRun: true,
      }),
    ).toEqual({
      model: 'm',
      system: '',
      maxOutputTokens: 5,
      temperature: 0,
      route: 'cheap',
      regions: ['cn', 'sg'],
      maxCostUsd: 0,
      tags: { user: 'a' },
      waitOnRateLimit: false,
      maxWaitMs: 1_500,
      dryRun: true,
    });
  });
});

describe('a dry run', () => {
  const route = (model: string, given: Partial<RouteEstimate> = {}): RouteEstimate => ({
    target: { ...target, model },
    eligible: true,
    reasons: [],
    score: 1,
    scoreParts: {},
    estimatedUsd: 0.000058,
    worstCaseUsd: 0.0021,
    ...given,
  });
  const refused = {
    eligible: false,
    reasons: ['GEMINI_API_KEY is not set'],
    score: null,
    estimatedUsd: null,
    worstCaseUsd: null,
  };
  const plan = {
    inputTokens: 14,
    worstCaseUsd: 0.0021,
    routes: [
      route('qwen-plus'),
      route('通义', { estimatedUsd: null, worstCaseUsd: null }),
      route('gemini-a', refused),
      route('gemini-b', refused),
    ],
    verdict: { allowed: true, limiterWaitMs: 0 },
    wire: { method: 'POST', url: 'http://127.0.0.1/chat', headers: {}, body: null },
  };

  it('shows the routes in their order, and each reason once', () => {
    expect(planText(fakeSession(), plan)).toMatchInlineSnapshot(`
      "Dry run: nothing was sent. The request has up to 14 input tokens.

        #  ROUTE                REGION   ESTIMATE  WORST CASE
        ─────────────────────────────────────────────────────
        1  qwen-plus @ qwen/cn  cn      $0.000058     $0.0021
        2  通义 @ qwen/cn       cn              –           –

      Refused
        2 routes: GEMINI_API_KEY is not set

      Verdict  allowed
      Request  POST http://127.0.0.1/chat

      The whole request: llm generate … --dry-run --json
      "
    `);
  });

  it.each([
    [{ allowed: true, limiterWaitMs: 4_200 }, 'Verdict  allowed; the rate limit would make it wait 4 s'],
    [{ allowed: false, limiterWaitMs: 0 }, 'Verdict  nobody may serve it'],
    [
      {
        allowed: false,
        limiterWaitMs: 0,
        shortfallUsd: 0.02,
        refusedBy: { id: 'day', scope: 'all', window: 'day', limitUsd: 5, origin: 'vibe.config.yaml:7' },
      },
      'Verdict  refused by the budget "day" (vibe.config.yaml:7): short by $0.0200',
    ],
  ] as const)('tells the verdict %j', (verdict, expected) => {
    const text = planText(fakeSession(), { ...plan, verdict });
    expect(text.split('\n')).toContain(expected);
  });

  it('is tab-separated for programs', () => {
    const text = planText(fakeSession({ plain: true }), plan);
    expect(text.split('\n').slice(0, 3)).toEqual([
      'route\tregion\teligible\testimated_usd\tworst_case_usd\treasons',
      'qwen-plus @ qwen/cn\tcn\ttrue\t0.000058\t0.0021\t',
      '通义 @ qwen/cn\tcn\ttrue\t\t\t',
    ]);
  });
});

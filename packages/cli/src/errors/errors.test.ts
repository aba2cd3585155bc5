import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AttemptRecord, budgetExceeded, type ErrorCode, failurePolicy, VibeError } from '@vibe/core';
import { describe, expect, it } from 'vitest';
import { fakeSession, fakeWorld, frozenMs } from '../testing.js';
import { UsageError } from '../usage-error.js';
import { reportError } from './report-error.js';

const target = { provider: 'qwen', profile: 'default', endpoint: 'cn', region: 'cn', model: 'qwen-max' };

function refusal(window: 'day' | 'call' = 'day'): VibeError {
  const error = budgetExceeded({
    budget: {
      id: window === 'call' ? 'call' : 'shop-bot',
      scope: window === 'call' ? 'all' : 'tag.project=shop-bot',
      window,
      timezone: 'Asia/Shanghai',
      limitNanoUsd: 5_000_000_000,
      mode: 'strict_budget',
      warnAt: [],
      shadow: false,
      origin: 'vibe.config.yaml:7',
    },
    spentNanoUsd: 4_912_000_000,
    heldNanoUsd: 70_000_000,
    askedNanoUsd: window === 'call' ? 5_041_000_000 : 41_000_000,
    shortfallNanoUsd: window === 'call' ? 41_000_000 : 23_000_000,
    resetsAtMs: window === 'call' ? null : frozenMs + 307 * 60_000,
  });
  error.target = target;
  error.callId = '01K9Z';
  return error;
}

async function told(error: unknown, flags = {}, signal?: AbortSignal) {
  const session = fakeSession(flags, fakeWorld(signal === undefined ? {} : { signal }));
  const exitCode = await reportError(session, error);
  return { exitCode, ...session.world.written };
}

describe('an error on the terminal', () => {
  it('of a budget has the numbers, the line of the limit and what to type next', async () => {
    const { exitCode, out, err } = await told(refusal());
    expect(exitCode).toBe(3);
    expect(out).toBe('');
    expect(err).toMatchInlineSnapshot(`
      "Error budget_exceeded: the day budget "shop-bot" would be passed; nothing was
      sent.

        budget      shop-bot (project shop-bot)   vibe.config.yaml:7
        spent       $4.9120
        held        $0.0700   (calls in flight)
        this call   $0.0410   (worst case: qwen-max @ qwen/cn)
        limit       $5.0000   → short by $0.0230
        resets      in 5 h 07 m (00:00 Asia/Shanghai)

      Next:
        llm generate … --max-tokens 200   hold less: the longest answer counts
        llm generate … --route cheap      let the cheapest model answer
        llm budget top --by model         see what has used it
        llm budget set shop-bot USD       raise the limit: vibe.config.yaml:7
        or wait until it resets

      more: docs/errors/budget_exceeded.md   call 01K9Z
      "
    `);
  });

  it('of a budget per call has no window to speak of', async () => {
    expect((await told(refusal('call'))).err).toMatchInlineSnapshot(`
      "Error budget_exceeded: the call budget would be passed; nothing was sent.

        budget      call (all calls)   vibe.config.yaml:7
        this call   $5.0410   (worst case: qwen-max @ qwen/cn)
        limit       $5.0000   → short by $0.0410

      Next:
        llm generate … --max-tokens 200   hold less: the longest answer counts
        llm generate … --route cheap      let the cheapest model answer
        llm budget top --by model         see what has used it
        llm budget set call USD           raise the limit: vibe.config.yaml:7

      more: docs/errors/budget_exceeded.md   call 01K9Z
      "
    `);
  });

  it('of missing keys has each reason once and the variables to set', async () => {
    const route = (model: string, provider: string, endpoint: string, variable: string) => ({
      target: { ...target, model, provider, endpoint },
      code: 'auth',
      reason: `${variable} is not set for ${provider}/${endpoint}`,
    });
    const error = new VibeError('auth', 'No candidate may serve "auto"; nothing was sent. qwen-max @ qwen/cn: …', {
      details: {
        routes: [
          route('qwen-max', 'qwen', 'cn', 'DASHSCOPE_API_KEY'),
          route('qwen-max', 'qwen', 'sg', 'DASHSCOPE_API_KEY_SG'),
          route('qwen-plus', 'qwen', 'cn', 'DASHSCOPE_API_KEY'),
          route('gemini-2.5-pro', 'gemini', 'global', 'GEMINI_API_KEY'),
        ],
      },
      next: ['Set the variable named above, or pass apiKey to the provider plugin.'],
    });
    const { exitCode, err } = await told(error);
    expect(exitCode).toBe(4);
    expect(err).toMatchInlineSnapshot(`
      "Error auth: No candidate may serve "auto"; nothing was sent.

        2 routes                         DASHSCOPE_API_KEY is not set for qwen/cn
        qwen-max @ qwen/sg               DASHSCOPE_API_KEY_SG is not set for qwen/sg
        gemini-2.5-pro @ gemini/global   GEMINI_API_KEY is not set for gemini/global

      Next:
        export DASHSCOPE_API_KEY=…   for qwen/cn
        export GEMINI_API_KEY=…      for gemini/global
        llm generate … --simulate    try it without a key

      more: docs/errors/auth.md
      "
    `);
  });

  it('of a configuration keeps a line per problem', async () => {
    const message =
      'The configuration has 2 problems:\n  vibe.config.yaml:1:1 mode: expected x.\n  vibe.config.yaml:2:1 budgets: expected a list.';
    const { exitCode, err } = await told(new VibeError('config', message, { next: ['Correct vibe.config.yaml:1:1.'] }));
    expect(exitCode).toBe(7);
    expect(err).toBe(
      `Error config: The configuration has 2 problems:\n  vibe.config.yaml:1:1 mode: expected x.\n  vibe.config.yaml:2:1 budgets: expected a list.\n\nNext:\n  Correct vibe.config.yaml:1:1.\n  llm config validate   check all files again\n\nmore: docs/errors/config.md\n`,
    );
  });

  it('says what a failed call has cost all the same', async () => {
    const error = new VibeError('stream_truncated', 'The stream ended without a finish reason.');
    error.cost = { estimatedUsd: null, actualUsd: 0.0021, actualNanoUsd: 2_100_000, lines: [] };
    error.usage = { quantities: {}, unknown: true, source: 'estimated' };
    expect((await told(error)).err).toContain('\n  spent   ~$0.0021 all the same\n');
  });

  it('suggests models by flag, and flags instead of options', async () => {
    const unknown = new VibeError('no_route', 'No configured provider knows "qwen-plsu".', {
      details: { suggestions: ['qwen-plus'] },
      next: ['Use model: "qwen-plus".'],
    });
    expect((await told(unknown)).err).toContain('Next:\n  llm generate … -m qwen-plus\n');
    expect((await told(new VibeError('rate_limited', 'Waited 30 s.'))).err).toContain('--max-wait 120');
    const ceiling = new VibeError('budget_exceeded', 'its worst case is too dear', { details: { routes: [] } });
    expect((await told(ceiling)).err).toContain('--max-cost');
  });

  it('of a rate limit has what is allowed, what was asked, and when there is room', async () => {
    const error = new VibeError(
      'rate_limited',
      'The rate limit of qwen-max @ qwen/cn leaves no room. Nothing was sent.',
      {
        target,
        details: {
          why: 'late',
          waitMs: 48_000,
          maxWaitMs: 30_000,
          requests: 1,
          tokens: 3_164,
          limits: { rpm: 60, tpm: 100_000 },
        },
        next: ['Raise maxWaitMs, or allow another model or endpoint.'],
      },
    );
    const { exitCode, err } = await told(error);
    expect(exitCode).toBe(5);
    expect(err).toMatchInlineSnapshot(`
      "Error rate_limited: The rate limit of qwen-max @ qwen/cn leaves no room. Nothing
      was sent.

        route       qwen-max @ qwen/cn
        limit       60 requests per minute
        limit       100,000 tokens per minute
        this call   1 request, up to 3,164 tokens
        next slot   in 48.00 s
        may wait    30.00 s

      Next:
        llm generate … --max-wait 120   wait longer for a free slot
        llm limits                      see what is used, and the next free slot
        llm config show                 see which line of which file sets the limit
        Raise maxWaitMs, or allow another model or endpoint.

      more: docs/errors/rate_limited.md
      "
    `);
  });

  it('of a rate limit names the lines that set it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vibe-limits-'));
    writeFileSync(
      join(folder, 'vibe.config.yaml'),
      'limits:\n  "*": { rpd: 9 }\n  qwen-max:\n    rpm: 60\n    tpm: 100000\n  qwen-plus: { rpm: 60 }\n',
    );
    const error = new VibeError('rate_limited', 'No room.', {
      target,
      details: { waitMs: 1_000, limits: { rpm: 60, tpm: 100_000, rpd: 9 } },
    });
    const session = fakeSession({}, fakeWorld({ cwd: folder, env: { NO_COLOR: '1', HOME: folder } }));
    await reportError(session, error);
    rmSync(folder, { recursive: true });
    expect(session.world.written.err).toContain('limit       60 requests per minute   vibe.config.yaml:4\n');
    expect(session.world.written.err).toContain('limit       100,000 tokens per minute   vibe.config.yaml:5\n');
    expect(session.world.written.err).toContain('limit       9 requests per day   vibe.config.yaml:2\n');
  });

  it('of a provider has every attempt with its status and time', async () => {
    const record: AttemptRecord = {
      attempt: 1,
      startedAtMs: frozenMs,
      target,
      status: 'failed',
      errorCode: 'provider_rate_limited',
      errorMessage: 'slow down',
      httpStatus: 429,
      servedModel: null,
      requestId: 'r-1',
      finishReason: null,
      rawFinishReason: null,
      usage: null,
      estimatedNanoUsd: 9_000_000,
      actualNanoUsd: 0,
      lines: [],
      currency: null,
      fxRate: null,
      ttftMs: null,
      totalMs: 142,
      waitMs: 0,
      retryMs: 0,
    };
    const error = new VibeError('provider_rate_limited', 'qwen/cn: slow down', {
      status: 429,
      retryAfterMs: 12_000,
      requestId: 'r-2',
    });
    error.attempts = [record, { ...record, attempt: 2, httpStatus: null, errorCode: 'timeout', totalMs: 30_000 }];
    error.callId = '01K9Z';
    expect((await told(error)).err).toMatchInlineSnapshot(`
      "Error provider_rate_limited: qwen/cn: slow down

        attempt 1   qwen-max @ qwen/cn · provider_rate_limited · HTTP 429 · after 0.14 s
        attempt 2   qwen-max @ qwen/cn · timeout · after 30.00 s
        try again   in 12.00 s, says the provider
        request     r-2

      Next:
        llm generate … --route fast   another model or endpoint may have room
        llm limits                    see how long it is closed

      more: docs/errors/provider_rate_limited.md   call 01K9Z
      "
    `);
    error.attempts = Array.from({ length: 9 }, (_, index) => ({ ...record, attempt: index + 1 }));
    expect((await told(error)).err).toContain('attempts    9, the last 6:\n  attempt 4 ');
  });

  it.each(Object.keys(failurePolicy).filter((code) => code !== 'cancelled') as ErrorCode[])(
    'says what to type next after %s',
    async (code) => {
      const { err } = await told(new VibeError(code, 'It happened.'));
      // A plan without routes has only suggestions, where there are any.
      if (code !== 'no_route') expect(err).toMatch(/\nNext:\n {2}llm /);
      expect(err).toContain(`more: docs/errors/${code}.md`);
    },
  );

  it('has a stack only when it was asked for, and never a key', async () => {
    const cause = new TypeError('inner sk-abcdefgh12345678');
    const error = new VibeError('internal', 'It broke.', { cause });
    expect((await told(error)).err).not.toContain('errors.test.ts');
    const { err } = await told(error, { verbose: true });
    expect(err).toContain('errors.test.ts');
    expect(err).toContain('caused by TypeError: inner [redacted]');
    expect(err).not.toContain('sk-abcdefgh');
  });

  it('cannot steer it', async () => {
    expect((await told(new VibeError('provider_rejected', 'bad \u001b[2J\u0007text'))).err).toContain('bad [2Jtext');
  });

  it('that nobody foresaw is internal', async () => {
    const { exitCode, err } = await told(new RangeError('far out'));
    expect(exitCode).toBe(1);
    expect(err).toBe(
      'Error internal: far out\n\nNext:\n  llm … -v   once more, with the stack, for a report\n\nmore: docs/errors/internal.md\n',
    );
  });
});

describe('an error as JSON', () => {
  it('is one line on stderr with the code, the next steps and exact numbers', async () => {
    const { exitCode, out, err } = await told(refusal(), { json: true });
    expect(exitCode).toBe(3);
    expect(out).toBe('');
    expect(err.trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(err)).toMatchObject({
      error: {
        code: 'budget_exceeded',
        call_id: '01K9Z',
        retryable: false,
        target: { model: 'qwen-max' },
        details: {
          spent: 4_912_000_000,
          spent_usd: '4.912',
          shortfall_usd: '0.023',
          origin: 'vibe.config.yaml:7',
          resets_at: '2026-11-22T16:00:00.000Z',
        },
      },
    });
  });

  it('of a wrong command line has the same form', async () => {
    const { exitCode, err } = await told(new UsageError('There is no prompt.', ['llm g "x"']), { json: true });
    expect(exitCode).toBe(2);
    expect(JSON.parse(err)).toEqual({
      error: { code: 'usage', message: 'There is no prompt.', next: ['llm g "x"'], details: {} },
    });
  });
});

describe('after Ctrl-C', () => {
  const aborted = AbortSignal.abort(new Error('interrupted'));

  it('a call tells what it cost instead of an error', async () => {
    const error = new VibeError('cancelled', 'The call was cancelled.');
    error.cost = { estimatedUsd: null, actualUsd: 0.000011, actualNanoUsd: 11_000, lines: [] };
    error.callId = '01K9Z';
    expect(await told(error, {}, aborted)).toEqual({
      exitCode: 130,
      out: '',
      err: 'Cancelled · $0.000011 spent · call 01K9Z\n',
    });
    expect(await told(error, { quiet: true }, aborted)).toEqual({ exitCode: 130, out: '', err: '' });
  });

  it('and after a broken pipe there is nobody to tell', async () => {
    const broken = AbortSignal.abort(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    expect(await told(new VibeError('cancelled', 'x'), {}, broken)).toEqual({ exitCode: 0, out: '', err: '' });
  });

  it('whatever else a command stumbled over is the cancellation', async () => {
    expect(await told(new Error('premature close'), {}, aborted)).toEqual({
      exitCode: 130,
      out: '',
      err: 'Cancelled\n',
    });
  });
});

describe('a command that is stopped', () => {
  it('says so, and not what its streams say when they are torn down', async () => {
    const { exitCode, err } = await told(new Error('Premature close'), { json: true }, AbortSignal.abort());
    expect(exitCode).toBe(130);
    expect(JSON.parse(err)).toMatchObject({
      error: { code: 'cancelled', message: 'The command was stopped before it had ended.' },
    });
  });
});

import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  fails,
  failure,
  type Script,
  says,
  saysThenFails,
  saysThenHangs,
  scripted,
  testPrices,
} from '../../test/scripted-provider.js';
import { createVibe } from '../create-vibe.js';
import { memoryLimiter } from '../defaults/memory-limiter.js';
import type { Limiter } from '../spec/limiter.js';
import type { VibeOptions } from '../spec/options.js';
import { isDebugging } from './debug-output.js';

afterEach(() => vi.restoreAllMocks());

const endpoints = [
  { id: 'one', region: 'cn' },
  { id: 'two', region: 'sg' },
  { id: 'keyless', region: 'us', hasKey: false },
];

function debugged(scripts: Script | readonly Script[], options: Partial<VibeOptions> = {}) {
  const lines: string[] = [];
  const provider = scripted(scripts, { endpoints });
  const vibe = createVibe(
    {
      budgets: [{ window: 'day', limitUsd: 1, id: 'daily', mode: 'strict_budget' }],
      ...options,
      plugins: [provider, testPrices, ...(options.plugins ?? [])],
    },
    { env: { VIBE_DEBUG: '1' }, debug: (line) => lines.push(line), random: () => 0.5 },
  );
  return { vibe, provider, masked: () => lines.map(masked), lines };
}

/** Ids and times differ from run to run. */
function masked(line: string): string {
  return line.replace(/^vibe [0-9a-f]{8}/, 'vibe <call>').replace(/\b\d+ ms\b/g, '<n> ms');
}

describe('VIBE_DEBUG', () => {
  it('writes the whole decision chain of a call with a retry and a failover', async () => {
    const { vibe, masked } = debugged([
      fails('provider_unavailable', 'down', { status: 503, retryable: true }),
      fails('auth', 'wrong key', { status: 401 }),
      says('Hello', ' world'),
    ]);
    await vibe.generate({ model: 'acme-1', prompt: 'Hi', maxOutputTokens: 20 });
    expect(masked()).toEqual([
      'vibe <call> plan       chat "acme-1", smart: 2 may serve, 1 may not; at most 18 input tokens',
      'vibe <call> candidate  1. acme-1 @ acme/one, score 0.966 (cost 1.00, latency 1.00, tail 1.00, firstToken 1.00, reliability 0.96, quality 0.60, headroom 1.00)',
      'vibe <call> candidate  2. acme-1 @ acme/two, score 0.966 (cost 1.00, latency 1.00, tail 1.00, firstToken 1.00, reliability 0.96, quality 0.60, headroom 1.00)',
      'vibe <call> rejected   acme-1 @ acme/keyless, auth: ACME_KEY_KEYLESS is not set for acme/keyless',
      'vibe <call> hold       $0.000058 for acme-1 @ acme/one in daily (strict)',
      'vibe <call> attempt 1  acme-1 @ acme/one failed in <n> ms, provider_unavailable (HTTP 503), $0.0000',
      'vibe <call> retry      attempt 2 at acme-1 @ acme/one in <n> ms: provider_unavailable',
      'vibe <call> attempt 2  acme-1 @ acme/one failed in <n> ms, auth (HTTP 401), $0.0000',
      'vibe <call> failover   acme-1 @ acme/one to acme-1 @ acme/two: auth',
      'vibe <call> warning    auth',
      'vibe <call> attempt 3  acme-1 @ acme/two ok in <n> ms, first token after <n> ms, 12 tokens, $0.000014',
      'vibe <call> settle     ok acme-1 @ acme/two: $0.000014 of $0.000058 held',
    ]);
  });

  it('writes a refusal with the reason of the budget', async () => {
    const { vibe, masked } = debugged(says('a'), { budgets: [{ window: 'day', limitUsd: 0.000001, id: 'tiny' }] });
    await failure(vibe.generate({ model: 'acme-1', prompt: 'Hi', maxOutputTokens: 20 }));
    expect(masked().at(-1)).toMatch(/^vibe <call> blocked {4}budget_exceeded: .*"?tiny/);
    expect(masked().some((line) => line.includes('attempt'))).toBe(false);
  });

  it('writes waits, breaker changes, unknown costs and cancelled calls', async () => {
    const memory = memoryLimiter(Date.now);
    const limiter: Limiter = {
      ...memory,
      async acquire(target, demand, options) {
        options.onWait?.(1200, 3);
        return memory.acquire(target, demand, options);
      },
    };
    const { vibe, masked } = debugged([fails('timeout', 'late', { mayBeBilled: true }), saysThenHangs('a')], {
      plugins: [limiter],
      budgets: [],
      breaker: { failures: 1 },
      defaults: { retry: { attempts: 1 } },
    });
    await failure(vibe.generate({ model: 'acme@one/acme-1', prompt: 'Hi', maxOutputTokens: 20 }));
    const stream = vibe.stream({ model: 'acme@two/acme-1', prompt: 'Hi', maxOutputTokens: 20 });
    for await (const event of stream) if (event.type === 'delta') break;
    await stream.final();
    const written = masked().filter((line) => !/ (plan|candidate|rejected) /.test(line));
    expect(written).toEqual([
      'vibe <call> hold       $0.000058 for acme-1 @ acme/one in no budget (best effort)',
      'vibe <call> wait       <n> ms for a permit of acme-1 @ acme/one, 3 before it',
      'vibe <call> attempt 1  acme-1 @ acme/one failed in <n> ms, timeout, 38 tokens (estimated), $0.000058',
      'vibe -------- breaker    acme-1 @ acme/one: closed to open',
      'vibe <call> settle     failed (timeout) acme-1 @ acme/one: $0.000058 of $0.000058 held',
      'vibe <call> hold       $0.000058 for acme-1 @ acme/two in no budget (best effort)',
      'vibe <call> wait       <n> ms for a permit of acme-1 @ acme/two, 3 before it',
      'vibe <call> attempt 1  acme-1 @ acme/two cancelled in <n> ms, first token after <n> ms, 20 tokens (partial), $0.000022',
      'vibe <call> settle     cancelled acme-1 @ acme/two: $0.000022 of $0.000058 held',
    ]);
  });

  it('has nothing that the caller, the model or an error has said, and no key', async () => {
    const secret = 'PLANTED';
    const { vibe, lines } = debugged([
      fails('auth', `${secret} sk-${secret}1234567`),
      saysThenFails([secret], 'content_filtered', secret),
    ]);
    const said = { system: secret, prompt: secret, stop: [secret], tags: { user: secret } };
    await failure(vibe.generate({ model: 'acme-1', ...said }));
    expect(lines.length).toBeGreaterThan(6);
    expect(lines.join('\n')).not.toContain(secret);
    await failure(vibe.generate({ model: 'acme/sk-abcdefgh12345678', prompt: 'Hi' }));
    expect(lines.some((line) => line.includes('plan       chat "acme/[redacted]"'))).toBe(true);
    expect(lines.join('\n')).not.toContain('sk-abcdefgh');
  });

  it('keeps to one line per step, whatever a name contains', async () => {
    const { vibe, lines } = debugged(says('a'));
    await failure(vibe.generate({ model: 'x\u001b[2J\nvibe 00000000 settle', prompt: 'Hi' }));
    expect(lines).toHaveLength(1);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(lines[0]).not.toMatch(/[\u0000-\u001f]/);
  });

  it('lists twenty candidates of a kind and counts the rest', async () => {
    const models = Array.from({ length: 23 }, (_, index) => ({ id: `model-${index}` }));
    const lines: string[] = [];
    const vibe = createVibe(
      { plugins: [scripted(says('a'), { models }), testPrices] },
      { env: { VIBE_DEBUG: '1' }, debug: (line) => lines.push(line) },
    );
    await vibe.generate({ prompt: 'Hi' });
    expect(lines.filter((line) => line.includes(' candidate '))).toHaveLength(20);
    expect(lines.map(masked)).toContain(
      'vibe <call> plan       not listed: 3 more that may serve, 0 more that may not',
    );
    expect(lines[0]).toContain('the default model');
  });

  it('goes to standard error', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const vibe = createVibe({ plugins: [scripted(says('a'))] }, { env: { VIBE_DEBUG: '1' } });
    await vibe.generate({ model: 'acme-1', prompt: 'Hi' });
    expect(error.mock.calls.map(([line]) => masked(String(line)))).toContainEqual(expect.stringContaining('settle'));
  });

  it('is off without the variable: nothing is written, nothing listens', async () => {
    const lines: string[] = [];
    const vibe = createVibe({ plugins: [scripted(says('a'))] }, { env: {}, debug: (line) => lines.push(line) });
    await vibe.generate({ model: 'acme-1', prompt: 'Hi' });
    expect(lines).toEqual([]);
  });

  it('leaves the warnings from before to the first listener of the user', () => {
    const lines: string[] = [];
    const vibe = createVibe(
      { plugins: [scripted(says('a'))], budgets: [{ window: 'day', limitUsd: 1 }] },
      { env: { VIBE_DEBUG: '1' }, debug: (line) => lines.push(line) },
    );
    const heard: string[] = [];
    vibe.on('warning', ({ warning }) => heard.push(warning.code));
    expect(heard).toEqual(['no_pricing']);
    expect(lines).toEqual(['vibe -------- warning    no_pricing']);
  });

  it('understands the usual ways to say no', () => {
    const values = ['1', 'true', 'yes', '', '0', 'false', undefined];
    expect(values.map((VIBE_DEBUG) => isDebugging({ VIBE_DEBUG }))).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('the same facts', () => {
  it('come from vibe.on: a plan with every candidate and every reason', async () => {
    const vibe = createVibe({ plugins: [scripted(says('a'), { endpoints }), testPrices] });
    const plans: unknown[] = [];
    vibe.on('plan', (plan) => plans.push(plan));
    const response = await vibe.generate({ model: 'acme-1', prompt: 'Hi', route: 'cheap' });
    expect(plans).toEqual([
      {
        callId: response.id,
        operation: 'chat',
        model: 'acme-1',
        policy: 'cheap',
        inputTokens: expect.any(Number),
        candidates: [
          {
            target: expect.objectContaining({ endpoint: 'one' }),
            score: expect.any(Number),
            scoreParts: expect.any(Object),
          },
          {
            target: expect.objectContaining({ endpoint: 'two' }),
            score: expect.any(Number),
            scoreParts: expect.any(Object),
          },
        ],
        rejected: [
          {
            target: expect.objectContaining({ endpoint: 'keyless' }),
            code: 'auth',
            reason: expect.stringContaining('ACME_KEY'),
          },
        ],
      },
    ]);
  });

  it('come from vibe.on: why a call ended before its hold', async () => {
    const vibe = createVibe({ plugins: [scripted(says('a'))] });
    const ended: unknown[] = [];
    vibe.on('blocked', (event) => ended.push(event));
    const error = await failure(vibe.generate({ model: 'nobody-knows-it', prompt: 'Hi' }));
    const { callId, message: reason } = error;
    expect(ended).toEqual([{ callId, status: 'blocked', target: null, errorCode: 'no_route', reason }]);
  });
});

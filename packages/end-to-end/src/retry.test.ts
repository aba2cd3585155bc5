import type { VibeEvents } from '@vibe/core';
import type { HintForm } from '@vibe/simulator';
import { failureOf } from '@vibe/testing';
import { describe, expect, it } from 'vitest';
import { wires } from './testing/wires.js';
import { useWorld } from './testing/world.js';

// Draws of chance are 0: without a hint a repetition follows at once, so every wait that is seen is the provider's.

const world = useWorld();
const [gemini, qwen] = wires;
if (gemini === undefined || qwen === undefined) throw new Error('two wires are needed');

const forms: readonly (readonly [HintForm, typeof qwen, string, number])[] = [
  ['retry-after', qwen, 'qwen-plus', 700],
  ['retry-after-date', qwen, 'qwen-flash', 700],
  ['retry-after-ms', qwen, 'qwen-max', 150],
  ['retry-info', gemini, 'gemini-3.6-flash', 150],
  ['text', gemini, 'gemini-2.5-flash', 150],
];

describe('a hint', () => {
  it('of every form is waited for, whatever the backoff says', async () => {
    const waits = forms.map(async ([form, wire, model, retryAfterMs]) => {
      const vibe = world.light(wire.provider(world.simulator));
      const fault = { kind: 'status', status: 429, retryAfterMs, hints: [form] } as const;
      world.simulator.script({ match: { model }, fault, times: 1 });
      const { attempts, timing } = await vibe.generate({ model, prompt: 'Hi' });
      expect(attempts.map(({ errorCode }) => errorCode)).toEqual(['provider_rate_limited', null]);
      expect(timing.retryMs + timing.waitMs, form).toBeGreaterThanOrEqual(retryAfterMs - 2);
    });
    await Promise.all(waits);
    expect(world.simulator.stats()).toMatchObject({ retryAfterViolations: 0, attempts: { total: 2 * forms.length } });
  });

  it.each(wires)('is never anticipated, in many calls that meet many of them: $name', async (wire) => {
    const vibe = world.light(wire.provider(world.simulator));
    const hints: HintForm[] = ['retry-after-ms', 'retry-info', 'text'];
    const fault = { kind: 'status', status: 429, retryAfterMs: 15, hints } as const;
    world.simulator.script({ fault, rate: 0.4, seed: 11, maxInARow: 2 });
    let attempts = 0;
    for (let call = 0; call < 40; call++) {
      const { timing } = await vibe.generate({ model: wire.model, prompt: `echo: ${call}` });
      attempts += timing.attempts;
    }
    const stats = world.simulator.stats();
    expect(stats.retryAfterViolations).toBe(0);
    expect(stats.byFault['status']).toBeGreaterThan(10);
    expect(attempts).toBe(40 + (stats.byFault['status'] ?? 0));
  });
});

describe('a hint that asks for no wait', () => {
  it.each(['retry-after', 'retry-after-ms'] as const)('leaves the backoff as it is: %s', async (form) => {
    const vibe = world.light(qwen.provider(world.simulator), {}, { random: () => 0.01 });
    const delays: number[] = [];
    vibe.on('retry', ({ delayMs }) => delays.push(delayMs));
    world.simulator.script({ fault: { kind: 'status', status: 503, retryAfterMs: 0, hints: [form] } });
    await failureOf(vibe.generate({ model: qwen.model, prompt: 'Hi' }));
    expect(delays).toEqual([5, 10, 20]);
  });
});

describe('what a call may spend on repeating', () => {
  const limited = { kind: 'status', status: 429, retryAfterMs: 5_000, hints: ['retry-after-ms', 'text'] } as const;

  it.each([
    ['retry.budgetMs', { retry: { budgetMs: 300 } }, 'provider_rate_limited'],
    ['maxWaitMs', { maxWaitMs: 300 }, 'provider_rate_limited'],
    ['retry.on429', { retry: { on429: false } }, 'provider_rate_limited'],
    ['waitOnRateLimit', { waitOnRateLimit: false }, 'rate_limited'],
  ])('is bounded by %s: a hint beyond it is told, not waited for', async (_, request, code) => {
    for (const wire of wires) {
      world.simulator.reset();
      world.simulator.script({ fault: limited });
      const error = await failureOf(
        world.light(wire.provider(world.simulator)).generate({ model: wire.model, prompt: 'Hi', ...request }),
      );
      expect(error).toMatchObject({ code, retryAfterMs: 5_000 });
      expect(error.attempts).toHaveLength(1);
      expect(world.simulator.stats().attempts.total).toBe(1);
    }
  });

  it.each(wires)('is maxWaitMs for all waits that the provider asks for together: $name', async (wire) => {
    const vibe = world.light(wire.provider(world.simulator));
    let waitedMs = 0;
    vibe.on('retry', ({ delayMs }) => {
      waitedMs += delayMs;
    });
    const fault = { kind: 'status', status: 429, retryAfterMs: 50, hints: ['retry-after-ms', 'retry-info'] } as const;
    world.simulator.script({ fault });
    const asked = { model: wire.model, prompt: 'Hi', maxWaitMs: 120, retry: { attempts: 10 } };
    const error = await failureOf(vibe.generate(asked));
    expect(error.code).toBe('provider_rate_limited');
    expect(waitedMs).toBeGreaterThan(0);
    expect(waitedMs).toBeLessThanOrEqual(120);
    expect(error.attempts.length).toBeLessThan(10);
  });

  it.each([1, 2, 3, 4, 6])('is %i attempts, over backoff that doubles', async (attempts) => {
    const vibe = world.client(qwen.provider(world.simulator), {}, { random: () => 0.01 });
    const retries: VibeEvents['retry'][] = [];
    vibe.on('retry', (event) => retries.push(event));
    world.simulator.script({ fault: { kind: 'status', status: 503 } });
    const error = await failureOf(
      vibe.generate({ model: qwen.model, prompt: 'Hi', retry: { attempts }, maxOutputTokens: 100 }),
    );
    // the breaker opens at the fifth failure in a row
    const sent = Math.min(attempts, 5);
    expect(world.simulator.stats().attempts.total).toBe(sent);
    expect(error.attempts).toHaveLength(sent);
    expect(retries.slice(0, 4).map(({ delayMs }) => delayMs)).toEqual([5, 10, 20, 40].slice(0, attempts - 1));
    const rows = await vibe.rows(error.callId);
    expect(rows.map(({ attempt, error_code }) => [attempt, error_code])).toEqual(
      Array.from({ length: sent }, (__, index) => [index + 1, 'provider_unavailable']),
    );
    expect(rows.slice(1).every(({ retry_ms }) => Number(retry_ms) > 0)).toBe(true);
  });

  it('ends with the last moment at which another attempt may start', async () => {
    let ms = 1_000_000;
    const vibe = world.light(qwen.provider(world.simulator), {}, { now: () => ms, random: () => 0 });
    world.simulator.script({ fault: { kind: 'status', status: 503 } });
    vibe.on('attempt', () => {
      ms += 400;
    });
    const error = await failureOf(vibe.generate({ model: qwen.model, prompt: 'Hi', retry: { budgetMs: 1_000 } }));
    expect([error.code, error.attempts.length]).toEqual(['provider_unavailable', 3]);
    expect(world.simulator.stats().attempts.total).toBe(3);
  });
});

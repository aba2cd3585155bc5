/** A price that changes while a call runs: the hold covers the dearer one. */
import { gemini } from '@vibe/provider-gemini';
import { failureOf } from '@vibe/testing';
import { describe, expect, it } from 'vitest';
import { testKey } from './testing/wires.js';
import { useWorld } from './testing/world.js';

const world = useWorld();
/** gemini-4-argon doubles: 2 and 10 USD per million tokens become 4 and 20. */
const changeMs = Date.UTC(2026, 11, 1);
const request = { model: 'gemini-4-argon', prompt: 'tokens: 20', maxOutputTokens: 1_000 } as const;

function clientAt(nowMs: number, options: object = {}) {
  const clock = { nowMs };
  const endpoints = ['first', 'second'].map((id) => ({
    id,
    region: 'global',
    baseUrl: world.simulator.baseUrls.gemini,
    apiKey: testKey,
  }));
  const vibe = world.light(
    gemini({ endpoints }),
    { mode: 'strict_budget', budgets: [{ window: 'total', limitUsd: 1 }], router: { probeIntervalMs: 0 }, ...options },
    { now: () => clock.nowMs },
  );
  const held: number[] = [];
  vibe.on('hold', ({ amountNanoUsd }) => held.push(amountNanoUsd));
  return { vibe, clock, held };
}

async function heldAt(nowMs: number, totalMs: number): Promise<number> {
  const { vibe, held } = clientAt(nowMs);
  await vibe.generate({ ...request, timeout: { totalMs } });
  return held[0] ?? Number.NaN;
}

describe('a hold near the change of a price', () => {
  it('is made at the dearer price as soon as the call may reach it, to the millisecond', async () => {
    const cheap = await heldAt(changeMs - 60_001, 60_000);
    const dear = await heldAt(changeMs, 60_000);
    expect(dear).toBe(2 * cheap);
    expect(await heldAt(changeMs - 60_000, 60_000)).toBe(dear);
    expect(await heldAt(changeMs - 1, 60_000)).toBe(dear);
  });

  it('looks as far as the default timeout of the client says', async () => {
    const near = { defaults: { timeout: { totalMs: 1_000 } } };
    const far = { defaults: { timeout: { totalMs: 3_600_000 } } };
    const worst = async (options: object) =>
      (await clientAt(changeMs - 60_000, options).vibe.estimate(request)).worstCaseUsd ?? Number.NaN;
    expect(await worst(far)).toBeCloseTo(2 * (await worst(near)), 9);
  });

  it('covers a second attempt after midnight, which is billed at the new price', async () => {
    const { vibe, clock, held } = clientAt(changeMs - 1_000);
    const extended: number[] = [];
    vibe.on('extend', ({ toNanoUsd }) => extended.push(toNanoUsd));
    vibe.on('failover', () => {
      clock.nowMs = changeMs;
    });
    world.simulator.script({ fault: { kind: 'status', status: 404 }, times: 1 });
    const { attempts, cost } = await vibe.generate(request);
    expect(attempts.map(({ status }) => status)).toEqual(['failed', 'ok']);
    expect(cost.lines.map(({ priceId }) => priceId)).toContain('gemini/gemini-4-argon/global/output_token@2026-12-01');
    expect(cost.actualNanoUsd).toBeLessThanOrEqual(held[0] ?? 0);
    expect(extended).toEqual([]);
  });

  it('refuses what the old price would have admitted', async () => {
    const worst = (await clientAt(changeMs - 60_000).vibe.estimate(request)).worstCaseUsd ?? Number.NaN;
    const short = clientAt(changeMs - 60_000, { budgets: [{ window: 'total', limitUsd: worst - 1e-9 }] });
    expect((await failureOf(short.vibe.generate(request))).code).toBe('budget_exceeded');
    const exact = clientAt(changeMs - 60_000, { budgets: [{ window: 'total', limitUsd: worst }] });
    expect((await exact.vibe.generate(request)).status).toBe('ok');
  });
});

import { gemini } from '@vibe/provider-gemini';
import { qwen } from '@vibe/provider-qwen';
import type { Fault, Simulator } from '@vibe/simulator';
import { failureOf } from '@vibe/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { openHolds } from './testing/rows.js';
import { testKey } from './testing/wires.js';
import { type Client, useWorld } from './testing/world.js';

// Two servers: two endpoints of one provider, or two providers.

const world = useWorld();
let second: Simulator;
beforeEach(async () => {
  second = await world.another();
});

const endpointsOf = (apiKey = testKey) =>
  qwen({
    endpoints: [
      { id: 'first', region: 'cn', baseUrl: world.simulator.baseUrls.qwen, apiKey },
      { id: 'second', region: 'sg', baseUrl: second.baseUrls.qwen, apiKey: testKey },
    ],
  });

const request = { model: 'qwen-plus', route: 'fixed', prompt: 'tokens: 60', maxOutputTokens: 300 } as const;

async function settled(vibe: Client, callId: string | undefined) {
  const rows = await vibe.rows(callId);
  expect(openHolds(vibe.ledgerPath)).toBe(0);
  return rows.map(({ endpoint, status, error_code }) => [endpoint, status, error_code]);
}

describe('an outage', () => {
  it.each<[Fault, string]>([
    [{ kind: 'status', status: 503 }, 'provider_unavailable'],
    [{ kind: 'reset' }, 'provider_unavailable'],
    [{ kind: 'status', status: 404 }, 'model_not_found'],
    [{ kind: 'status', reason: 'arrearage' }, 'provider_quota'],
  ])('moves on to the other endpoint: %j', async (fault, code) => {
    const vibe = world.client(endpointsOf());
    world.simulator.script({ fault });
    const { id, attempts, providerMeta } = await vibe.generate(request);
    expect(providerMeta.endpoint).toBe('second');
    const repeats = code === 'provider_unavailable' ? 2 : 1;
    expect(await settled(vibe, id)).toEqual([
      ...Array.from({ length: repeats }, () => ['first', 'failed', code]),
      ['second', 'ok', null],
    ]);
    expect(attempts.map(({ attempt }) => attempt)).toEqual(
      Array.from({ length: repeats + 1 }, (_, index) => index + 1),
    );
    expect([world.simulator, second].map((each) => each.stats().attempts.total)).toEqual([repeats, 1]);
  });

  it('of both ends with the last error, within the attempts of the call', async () => {
    const vibe = world.client(endpointsOf());
    for (const each of [world.simulator, second]) each.script({ fault: { kind: 'status', status: 503 } });
    const error = await failureOf(vibe.generate(request));
    expect(error.code).toBe('provider_unavailable');
    expect(await settled(vibe, error.callId)).toHaveLength(4);
    expect([world.simulator, second].map((each) => each.stats().attempts.total)).toEqual([2, 2]);
  });

  it('moves between providers, and is told', async () => {
    const vibe = world.client(
      [
        qwen({ apiKey: testKey, baseUrl: world.simulator.baseUrls.qwen }),
        gemini({ apiKey: testKey, baseUrl: second.baseUrls.gemini }),
      ],
      { router: { order: ['qwen-plus', 'gemini-3.6-flash'] } },
    );
    const told: string[] = [];
    vibe.on('failover', ({ from, to, reason }) => told.push(`${from.provider} ${to.provider} ${reason}`));
    world.simulator.script({ fault: { kind: 'html' } });
    const { providerMeta } = await vibe.generate({ ...request, model: 'auto' });
    expect(providerMeta.provider).toBe('gemini');
    expect(told).toEqual(['qwen gemini provider_unavailable']);
  });

  it('is paid once: the hold covers what may have been billed and what is tried next', async () => {
    const vibe = world.client(endpointsOf());
    const held: number[] = [];
    vibe.on('hold', ({ amountNanoUsd }) => held.push(amountNanoUsd));
    vibe.on('extend', ({ fromNanoUsd, toNanoUsd }) => {
      expect(fromNanoUsd).toBe(held.at(-1));
      held.push(toNanoUsd);
    });
    world.simulator.script({ fault: { kind: 'stall' } });
    const { id, cost, attempts } = await vibe.generate({
      ...request,
      retry: { attempts: 2 },
      timeout: { firstChunkMs: 200 },
    });
    expect(await settled(vibe, id)).toEqual([
      ['first', 'failed', 'timeout'],
      ['second', 'ok', null],
    ]);
    const [lost, paid] = attempts.map(({ actualNanoUsd }) => actualNanoUsd ?? 0);
    expect(lost).toBeGreaterThan(0);
    expect(cost.actualNanoUsd).toBe((lost ?? 0) + (paid ?? 0));
    expect(held).toHaveLength(2);
    expect(held[1]).toBeGreaterThanOrEqual((held[0] ?? 0) + (lost ?? 0));
    const [budget] = await vibe.budgets();
    expect(budget).toMatchObject({ heldNanoUsd: 0, spentNanoUsd: cost.actualNanoUsd });
  });
});

describe('an answer that has begun', () => {
  it.each<Fault>([
    { kind: 'reset', afterDeltas: 1 },
    { kind: 'truncate', afterDeltas: 1 },
    { kind: 'errorInStream', afterDeltas: 1 },
  ])('goes nowhere else after its first delta: %j', async (fault) => {
    const vibe = world.client(endpointsOf());
    world.simulator.script({ fault });
    const stream = vibe.stream(request);
    const error = await failureOf(stream.final());
    expect(await settled(vibe, error.callId)).toEqual([['first', 'failed', error.code]]);
    expect(second.stats().attempts.total).toBe(0);
  });

  it('moves on as long as nothing of it was seen', async () => {
    const vibe = world.client(endpointsOf());
    world.simulator.script({ fault: { kind: 'errorInStream', afterDeltas: 0 } });
    expect((await vibe.stream(request).final()).providerMeta.endpoint).toBe('second');
  });
});

describe('a refused key', () => {
  it('lets another key try, once, with a warning that names both', async () => {
    const vibe = world.client(endpointsOf('sk-wrong-key'));
    const { id, warnings, providerMeta } = await vibe.generate(request);
    expect(providerMeta.endpoint).toBe('second');
    expect(warnings).toMatchObject([{ code: 'auth', message: expect.stringMatching(/qwen\/first.*qwen\/second/) }]);
    expect(await settled(vibe, id)).toEqual([
      ['first', 'failed', 'auth'],
      ['second', 'ok', null],
    ]);
    expect(world.simulator.stats().attempts.total).toBe(1);
  });
});

import { qwen } from '@vibe/provider-qwen';
import { failureOf } from '@vibe/testing';
import { describe, expect, it } from 'vitest';
import { testKey, wires } from './testing/wires.js';
import { useWorld } from './testing/world.js';

// The clock is a variable: cooldowns pass when a test says so.

const world = useWorld();
const once = { retry: { attempts: 1 } } as const;

describe.each(wires)('an endpoint that is dead: $name', (wire) => {
  it.each([
    { failures: 5, probes: 1 },
    { failures: 3, probes: 2 },
  ])('is asked exactly as often as it takes to know, of 200 calls: %j', async (options) => {
    let ms = 1_000_000;
    const breaker = { ...options, cooldownMs: 30_000 };
    const vibe = world.light(wire.provider(world.simulator), { breaker }, { now: () => ms });
    const changes: string[] = [];
    vibe.on('breaker', ({ from, to }) => changes.push(`${from} ${to}`));
    const asked = () => world.simulator.stats().attempts.total;
    const call = () => failureOf(vibe.generate({ model: wire.model, prompt: 'Hi', ...once }));
    world.simulator.script({ fault: { kind: 'status', status: 503 } });
    const codes: string[] = [];
    for (let count = 0; count < 200; count++) codes.push((await call()).code);
    expect(asked()).toBe(options.failures);
    expect(codes.filter((code) => code === 'circuit_open')).toHaveLength(200 - options.failures);
    ms += 29_999;
    await call();
    expect(asked()).toBe(options.failures);

    // half open: of many calls at once only the probes leave, and they hang until the test has seen that
    world.simulator.reset();
    world.simulator.script({ fault: { kind: 'stall' } });
    ms += 1;
    const leave = new AbortController();
    const request = { model: wire.model, prompt: 'Hi', signal: leave.signal, ...once };
    const probing = Array.from({ length: 50 }, () => failureOf(vibe.generate(request)));
    await world.simulator.waitFor(({ attempts }) => attempts.running === options.probes);
    expect((await call()).code).toBe('circuit_open');
    expect(asked()).toBe(options.probes);
    leave.abort();
    const ends = (await Promise.all(probing)).map(({ code }) => code);
    expect(ends.filter((code) => code === 'cancelled').length).toBeGreaterThanOrEqual(options.probes);

    // a probe that was cancelled gives its place back; one that fails opens again, one that answers closes
    world.simulator.reset();
    world.simulator.script({ fault: { kind: 'status', status: 503 }, times: 1 });
    expect((await call()).code).toBe('provider_unavailable');
    expect((await call()).code).toBe('circuit_open');
    ms += 30_000;
    expect((await vibe.generate({ model: wire.model, prompt: 'Hi', ...once })).status).toBe('ok');
    expect(changes).toEqual(['closed open', 'open half_open', 'half_open open', 'open half_open', 'half_open closed']);
  });
});

describe('a circuit', () => {
  it('counts answers that break in the middle', async () => {
    const [, wire] = wires;
    if (wire === undefined) return;
    const vibe = world.light(wire.provider(world.simulator), { breaker: { failures: 3 } });
    world.simulator.script({ fault: { kind: 'truncate' } });
    const codes: string[] = [];
    for (let count = 0; count < 5; count++)
      codes.push((await failureOf(vibe.stream({ model: wire.model, prompt: 'tokens: 40' }).final())).code);
    expect(codes).toEqual([...Array.from({ length: 3 }, () => 'stream_truncated'), 'circuit_open', 'circuit_open']);
    expect(world.simulator.stats().attempts.total).toBe(3);
  });

  it('opens at a fail rate, without so many failures in a row', async () => {
    const [, wire] = wires;
    if (wire === undefined) return;
    const vibe = world.light(wire.provider(world.simulator), { breaker: { failures: 100, failRate: 0.5 } });
    world.simulator.script({ fault: { kind: 'html' }, every: 2 });
    for (let count = 0; count < 20; count++)
      await vibe.generate({ model: wire.model, prompt: 'Hi', ...once }).catch(() => undefined);
    expect(world.simulator.stats().attempts.total).toBe(10);
  });

  it('sends calls to the other endpoint while it is open', async () => {
    const second = await world.another();
    const provider = qwen({
      endpoints: [
        { id: 'first', region: 'cn', baseUrl: world.simulator.baseUrls.qwen, apiKey: testKey },
        { id: 'second', region: 'sg', baseUrl: second.baseUrls.qwen, apiKey: testKey },
      ],
    });
    const vibe = world.light(provider, { breaker: { failures: 4 } });
    world.simulator.script({ fault: { kind: 'status', status: 503 } });
    const request = { model: 'qwen-plus', route: 'fixed', prompt: 'Hi' } as const;
    for (let count = 0; count < 200; count++)
      expect((await vibe.generate(request)).providerMeta.endpoint).toBe('second');
    expect([world.simulator, second].map((each) => each.stats().attempts.total)).toEqual([4, 200]);
  });
});

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createVibe, type RouterOptions, type Vibe } from '@vibe/core';
import { type Simulator, startSimulator } from '@vibe/simulator';
import { describe, expect, it, onTestFinished } from 'vitest';
import { qwen } from './index.js';

const modelsPath = '/compatible-mode/v1/models';
const probeIntervalMs = 50;

async function simulated(region: string, port = 0): Promise<Simulator> {
  const simulator = await startSimulator({ region, port });
  onTestFinished(() => simulator.close());
  return simulator;
}

function client(places: readonly (readonly [string, Simulator])[], router: RouterOptions = { probeIntervalMs }): Vibe {
  const endpoints = places.map(([id, { baseUrls }]) => ({
    id,
    region: id,
    baseUrl: baseUrls.qwen,
    nativeBaseUrl: baseUrls.qwenNative,
    apiKey: 'any',
  }));
  const vibe = createVibe({ plugins: [qwen({ endpoints })], router });
  onTestFinished(() => vibe.close());
  return vibe;
}

const ask = { model: 'qwen-plus', prompt: 'tokens: 2' };

/** Resolves when a probe has found that the state of an endpoint has changed to this. */
function found(vibe: Vibe, endpoint: string, state: 'reachable' | 'unreachable'): Promise<void> {
  return new Promise((resolve) => {
    const stop = vibe.on('reachability', (news) => {
      if (news.endpoint !== endpoint || news.to !== state) return;
      stop();
      resolve();
    });
  });
}

describe('endpoints in two regions', () => {
  it('serve calls while a probe hangs: nobody waits for it', async () => {
    const cn = await simulated('cn');
    const silent = createServer(() => undefined);
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    onTestFinished(() => {
      silent.closeAllConnections();
      silent.close();
    });
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const place = (id: string, baseUrl: string) => ({ id, region: id, baseUrl, apiKey: 'any' });
    const vibe = createVibe({
      plugins: [qwen({ endpoints: [place('cn', cn.baseUrls.qwen), place('sg', url)] })],
      router: { probeIntervalMs: 10 },
    });
    onTestFinished(() => vibe.close());
    const hanging = once(silent, 'request');
    expect((await vibe.generate({ ...ask, model: 'qwen@cn/qwen-plus' })).providerMeta.region).toBe('cn');
    for await (const _ of vibe.stream({ ...ask, route: 'fixed' }));
    await hanging;
    const { providerMeta, attempts } = await vibe.generate({ ...ask, route: 'fixed' });
    expect([providerMeta.region, attempts.length]).toEqual(['cn', 1]);
  });

  it('serve calls where they can be reached: the other one when the first one stops, the first one when it is back', async () => {
    const cn = await simulated('cn');
    const sg = await simulated('sg');
    const vibe = client([
      ['cn', cn],
      ['sg', sg],
    ]);
    const region = async () => {
      const { providerMeta, attempts } = await vibe.generate(ask);
      expect(attempts).toHaveLength(1);
      return providerMeta.region;
    };
    const ready = Promise.all([found(vibe, 'cn', 'reachable'), found(vibe, 'sg', 'reachable')]);
    // Whatever the probes find: the first call waits for none.
    expect(await region()).toBe('cn');
    await ready;

    const lost = found(vibe, 'cn', 'unreachable');
    await cn.close();
    await lost;
    expect(await region()).toBe('sg');
    expect(await region()).toBe('sg');
    await expect(vibe.generate({ ...ask, regions: ['cn'] })).rejects.toMatchObject({
      code: 'no_route',
      retryable: true,
      message: expect.stringContaining('the endpoint qwen/cn is not reachable'),
    });

    const back = found(vibe, 'cn', 'reachable');
    await simulated('cn', cn.port);
    await back;
    expect((await vibe.generate({ ...ask, regions: ['cn'] })).providerMeta.region).toBe('cn');
  });

  it('are probed only where calls may go, and not when probing is off', async () => {
    const cn = await simulated('cn');
    const sg = await simulated('sg');
    const bound = client([
      ['cn', cn],
      ['sg', sg],
    ]);
    const probed = found(bound, 'cn', 'reachable');
    await bound.generate({ ...ask, regions: ['cn'] });
    await probed;
    expect(sg.stats().attempts.total).toBe(0);

    const quiet = await simulated('us');
    const off = client(
      [
        ['us', quiet],
        ['sg', sg],
      ],
      { probeIntervalMs: 0 },
    );
    await off.generate(ask);
    const both = [found(bound, 'cn', 'unreachable'), cn.close()];
    await Promise.all(both);
    expect(quiet.stats().byPath[modelsPath]).toBeUndefined();
  });

  it('are not taken for unreachable when they refuse the key of a probe', async () => {
    const cn = await simulated('cn');
    const sg = await simulated('sg');
    cn.script({ match: { path: modelsPath }, fault: { kind: 'status', status: 401 } });
    const vibe = client([
      ['cn', cn],
      ['sg', sg],
    ]);
    const probed = found(vibe, 'cn', 'reachable');
    await vibe.generate(ask);
    await probed;
  });
});

import { createVibe, memoryLimiter, type PingResult, type Provider, type Vibe } from '@vibe/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { acme, acmePrices } from '../test/acme.js';
import { openLedger, type TestLedger } from '../test/fixture.js';

function client(ledger: TestLedger, probeIntervalMs: number, ping: (endpoint: string) => PingResult) {
  const pinged: string[] = [];
  const [endpoint] = acme().endpoints;
  const provider: Provider = {
    ...acme(),
    endpoints: ['near', 'far'].map((id) => ({ ...endpoint!, id, region: id })),
    ping: async ({ id }) => {
      pinged.push(id);
      return ping(id);
    },
  };
  const vibe = createVibe({
    plugins: [provider, acmePrices, ledger, memoryLimiter()],
    router: { probeIntervalMs },
  });
  onTestFinished(() => vibe.close().catch(() => undefined));
  return { vibe, pinged };
}

const lost = (vibe: Vibe) =>
  new Promise<void>((resolve) => {
    vibe.on('reachability', ({ endpoint, to }) => {
      if (endpoint === 'near' && to === 'unreachable') resolve();
    });
  });

describe('what a probe has found', () => {
  it('is known to the other processes on the file: they go elsewhere without asking for themselves', async () => {
    const ledger = openLedger();
    const shared = openLedger({ path: ledger.path });
    const down = client(ledger, 20, (id) => ({ ok: id === 'far', latencyMs: 5 }));
    const found = lost(down.vibe);
    await down.vibe.generate({ prompt: 'Hi' });
    await found;
    // One failure may be chance: it was confirmed.
    expect(down.pinged.filter((id) => id === 'near').length).toBeGreaterThanOrEqual(2);
    await ledger.flush();
    const other = client(shared, 3_600_000, () => ({ ok: true, latencyMs: 5 }));
    const told = lost(other.vibe);
    await other.vibe.generate({ prompt: 'Hi' });
    await told;
    expect(await shared.health?.read()).toContainEqual(
      expect.objectContaining({ key: 'acme:default@far', state: 'reachable' }),
    );
    expect((await other.vibe.generate({ prompt: 'Hi' })).providerMeta.endpoint).toBe('far');
    expect(other.pinged).toEqual([]);
  });
});

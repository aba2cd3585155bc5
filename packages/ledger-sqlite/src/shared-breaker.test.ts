import { createVibe, memoryLimiter, VibeError } from '@vibe/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { acme, acmePrices } from '../test/acme.js';
import { leaseClock, openLedger, type TestLedger } from '../test/fixture.js';

const ask = { model: 'acme-1', prompt: 'Hi' };
const down = () => {
  throw new VibeError('provider_unavailable', 'down');
};

function client(ledger: TestLedger, onSent?: () => void) {
  const provider = acme(onSent);
  const vibe = createVibe({
    plugins: [provider, acmePrices, ledger, memoryLimiter()],
    breaker: { failures: 2, cooldownMs: 3_600_000 },
    defaults: { retry: { attempts: 1 } },
  });
  onTestFinished(() => vibe.close().catch(() => undefined));
  return { vibe, provider };
}

describe('processes on one file', () => {
  it('share what a breaker has found: the second one sends nothing to an endpoint the first found down', async () => {
    const ledger = openLedger();
    const shared = openLedger({ path: ledger.path });
    const finder = client(ledger, down);
    for (let call = 0; call < 2; call++) await expect(finder.vibe.generate(ask)).rejects.toThrow('down');
    await ledger.flush();
    const other = client(shared);
    await expect(other.vibe.generate(ask)).rejects.toMatchObject({ code: 'circuit_open' });
    expect(other.provider.sent).toEqual([]);
    expect(await shared.health?.read()).toMatchObject([{ key: 'acme-1 @ acme/main', state: 'open' }]);
    const elsewhere = client(openLedger());
    expect((await elsewhere.vibe.generate(ask)).text).toBe('ok');
  });

  it('hear what is new also after the clock was set back', async () => {
    const clock = leaseClock();
    const ledger = openLedger({ seams: { clockAheadMs: clock.clockAheadMs } });
    const now = () => Date.now() + (new Float64Array(clock.clockAheadMs)[0] ?? 0);
    const say = (state: 'open' | 'closed') =>
      ledger.health?.write([{ key: 'k', state, untilMs: null, latencyMs: null, updatedAtMs: Math.floor(now()) }]);
    clock.advance(3_600_000);
    say('open');
    expect(await ledger.health?.claim?.('k', 1, 30_000)).not.toBeNull();
    expect(await ledger.health?.claim?.('k', 1, 30_000)).toBeNull();
    clock.advance(-3_600_000);
    say('closed');
    await ledger.flush();
    expect(await ledger.health?.read()).toMatchObject([{ key: 'k', state: 'closed' }]);
    expect(await ledger.health?.claim?.('k', 1, 30_000)).not.toBeNull();
    expect(await ledger.health?.claim?.('k', 1, 30_000)).toBeNull();
  });
});

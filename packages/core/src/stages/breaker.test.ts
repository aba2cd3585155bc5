import { describe, expect, it } from 'vitest';
import { fails, failure, type ScriptedProvider, says, scripted, testPrices } from '../../test/scripted-provider.js';
import { createVibe } from '../create-vibe.js';
import { memoryLedger } from '../defaults/memory-ledger.js';
import type { EndpointHealth, Ledger, LedgerHealth } from '../spec/ledger.js';
import type { BreakerOptions } from '../spec/options.js';

/** A ledger whose health two clients share, as two processes share a file. */
function sharedHealth(): { health: LedgerHealth; entries: Map<string, EndpointHealth>; places: Set<string> } {
  const entries = new Map<string, EndpointHealth>();
  const places = new Set<string>();
  const health: LedgerHealth = {
    read: async () => [...entries.values()],
    write: (changes) => {
      for (const change of changes) entries.set(change.key, change);
    },
    claim: async (key, probes) => {
      for (let place = 0; place < probes; place++) {
        const name = `${key} ${place}`;
        if (places.has(name)) continue;
        places.add(name);
        return () => void places.delete(name);
      }
      return null;
    },
  };
  return { health, entries, places };
}

class Clock {
  nowMs = Date.parse('2026-11-22T00:00:00Z');
  readonly now = () => this.nowMs;
}

const ask = { model: 'acme-1', prompt: 'Hi' };

function client(provider: ScriptedProvider, breaker: BreakerOptions, clock = new Clock(), health?: LedgerHealth) {
  const ledger: Ledger = health === undefined ? memoryLedger() : { ...memoryLedger(), health };
  return createVibe(
    { plugins: [provider, testPrices, ledger], breaker, defaults: { retry: { attempts: 1 } } },
    { now: clock.now },
  );
}

describe('a dead endpoint under 200 calls', () => {
  it('gets exactly the requests before the circuit opens, none in the cooldown, and one probe at a time', async () => {
    const clock = new Clock();
    const provider = scripted(fails('provider_unavailable', 'down'));
    const vibe = client(provider, { failures: 5, cooldownMs: 30_000, probes: 1 }, clock);
    for (let call = 0; call < 200; call++) await failure(vibe.generate(ask));
    expect(provider.calls).toHaveLength(5);
    clock.nowMs += 29_999;
    await Promise.all(Array.from({ length: 20 }, () => failure(vibe.generate(ask))));
    expect(provider.calls).toHaveLength(5);
    clock.nowMs += 1;
    await Promise.all(Array.from({ length: 20 }, () => failure(vibe.generate(ask))));
    expect(provider.calls).toHaveLength(6);
  });

  it('tells the caller whose request opened the circuit what went wrong', async () => {
    const provider = scripted(fails('provider_unavailable', 'down'));
    const vibe = createVibe(
      { plugins: [provider, testPrices], breaker: { failures: 2 }, defaults: { retry: { attempts: 4 } } },
      { random: () => 0 },
    );
    expect((await failure(vibe.generate(ask))).code).toBe('provider_unavailable');
    expect(provider.calls).toHaveLength(2);
    expect((await failure(vibe.generate(ask))).code).toBe('circuit_open');
  });
});

describe('two clients with one ledger', () => {
  it('avoid what either has found down, and return when either has found it up', async () => {
    const clock = new Clock();
    const { health, entries } = sharedHealth();
    const options = { failures: 1, cooldownMs: 30_000 };
    const first = client(scripted([fails('provider_unavailable', 'down'), says('up')]), options, clock, health);
    const untouched = scripted(says('up'));
    const second = client(untouched, options, clock, health);
    const changes: string[] = [];
    second.on('breaker', ({ from, to }) => changes.push(`${from}>${to}`));
    await failure(first.generate(ask));
    expect([...entries.values()]).toMatchObject([
      { key: 'acme-1 @ acme/main', state: 'open', untilMs: clock.nowMs + 30_000 },
    ]);
    expect((await failure(second.generate(ask))).code).toBe('circuit_open');
    expect(untouched.calls).toEqual([]);
    clock.nowMs += 30_000;
    expect((await first.generate(ask)).text).toBe('up');
    expect([...entries.values()]).toMatchObject([{ state: 'closed' }]);
    clock.nowMs += 1_000;
    expect((await second.generate(ask)).text).toBe('up');
    expect(changes).toEqual(['closed>open', 'open>closed']);
  });

  it('say of what the other has found down that no call would go there, before any call of their own', async () => {
    const clock = new Clock();
    const { health } = sharedHealth();
    const first = client(scripted(fails('provider_unavailable', 'down')), { failures: 1 }, clock, health);
    await failure(first.generate(ask));
    const { routes, verdict } = await client(scripted(says('up')), { failures: 1 }, clock, health).estimate(ask);
    expect(routes).toMatchObject([{ eligible: false, reasons: [expect.stringContaining('circuit is open')] }]);
    expect(verdict.allowed).toBe(false);
    const { plan } = await client(scripted(says('up')), { failures: 1 }, clock, health).generate({
      ...ask,
      dryRun: true,
    });
    expect(plan?.verdict.allowed).toBe(false);
  });

  it('send as many probes together as one would alone', async () => {
    const clock = new Clock();
    const { health, places } = sharedHealth();
    const down = () => scripted(fails('provider_unavailable', 'down'));
    const providers = [down(), down()] as const;
    const options = { failures: 1, cooldownMs: 30_000, probes: 1 };
    const clients = providers.map((provider) => client(provider, options, clock, health));
    for (const vibe of clients) await failure(vibe.generate(ask));
    const before = providers.map(({ calls }) => calls.length);
    expect(before).toEqual([1, 0]);
    clock.nowMs += 30_000;
    await Promise.all(clients.flatMap((vibe) => [0, 1, 2].map(() => failure(vibe.generate(ask)))));
    expect(providers[0].calls.length + providers[1].calls.length).toBe(2);
    expect(places.size).toBe(0);
  });

  it('go by what each knows when the ledger does not answer', async () => {
    const provider = scripted(says('up'));
    const silent: LedgerHealth = { read: () => new Promise(() => undefined), write: () => undefined };
    const vibe = client(provider, {}, new Clock(), silent);
    expect((await vibe.generate(ask)).text).toBe('up');
  });
});

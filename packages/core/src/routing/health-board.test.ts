import { describe, expect, it } from 'vitest';
import { EventHub } from '../flow/event-hub.js';
import { Circuits } from '../policies/circuits.js';
import type { EndpointHealth, Ledger } from '../spec/ledger.js';
import { HealthBoard } from './health-board.js';
import { Reachability } from './reachability.js';

const target = { provider: 'acme', profile: 'default', endpoint: 'main', region: 'global', model: 'acme-1' };

function setUp() {
  const clock = { nowMs: 1_000_000_000 };
  const now = () => clock.nowMs;
  const entries: EndpointHealth[] = [];
  const ledger = { health: { read: async () => entries, write: () => undefined } } as unknown as Ledger;
  const circuits = new Circuits({}, () => undefined);
  const reachability = new Reachability({ ledger, events: new EventHub(), intervalMs: 0, now });
  const board = new HealthBoard(ledger, circuits, reachability, now);
  const opensElsewhere = () =>
    entries.push({
      key: Circuits.keyOf(target),
      state: 'open',
      untilMs: clock.nowMs + 30_000,
      latencyMs: null,
      updatedAtMs: clock.nowMs,
    });
  return { clock, board, opensElsewhere, status: () => circuits.status(target, clock.nowMs) };
}

describe('what other processes tell', () => {
  it('is read at most once a second', async () => {
    const { clock, board, opensElsewhere, status } = setUp();
    await board.refresh();
    opensElsewhere();
    clock.nowMs += 999;
    expect(board.refresh()).toBeNull();
    clock.nowMs += 1;
    await board.refresh();
    expect(status()).toBe('open');
  });

  it('is read also after the clock was set back', async () => {
    const { clock, board, opensElsewhere, status } = setUp();
    await board.refresh();
    clock.nowMs -= 3_600_000;
    opensElsewhere();
    await board.refresh();
    expect(status()).toBe('open');
  });
});

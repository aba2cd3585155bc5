import { describe, expect, it } from 'vitest';
import { says, saysThenFails, scripted, testPrices } from '../../test/scripted-provider.js';
import { createVibe } from '../create-vibe.js';
import { memoryLedger } from '../defaults/memory-ledger.js';
import type { StreamEvent } from '../spec/event.js';
import type { Settlement } from '../spec/ledger.js';

function client(provider: ReturnType<typeof scripted>) {
  const ledger = memoryLedger();
  const settlements: Settlement[] = [];
  const watched: typeof ledger = {
    ...ledger,
    async settle(callId, settlement) {
      settlements.push(settlement);
      await ledger.settle(callId, settlement);
    },
  };
  return { vibe: createVibe({ plugins: [provider, testPrices, watched] }), settlements };
}

const ask = { model: 'acme-1', prompt: 'Hi', retry: { attempts: 1 } };

/** What each of several pulls got that were made before the first was answered. */
async function pulledAtOnce(events: AsyncIterator<StreamEvent>, pulls: number): Promise<readonly string[]> {
  const asked = Array.from({ length: pulls }, () => events.next());
  return (await Promise.allSettled(asked)).map((pull) => {
    if (pull.status === 'rejected') return 'throw';
    const { done, value } = pull.value;
    return done === true ? 'done' : value.type === 'delta' ? (value.text ?? '') : value.type;
  });
}

describe('several pulls at once', () => {
  it('get the events in order, and the answer is whole', async () => {
    const { vibe, settlements } = client(scripted(says('a', 'b', 'c')));
    const stream = vibe.stream(ask);
    expect(await pulledAtOnce(stream[Symbol.asyncIterator](), 6)).toEqual(['a', 'b', 'c', 'final', 'done', 'done']);
    expect(settlements.map(({ status }) => status)).toEqual(['ok']);
    expect((await stream.final()).usage?.source).toBe('provider');
  });

  it('get the error once as an event and once as a throw', async () => {
    const { vibe } = client(scripted(saysThenFails(['a'], 'provider_unavailable', 'down')));
    const events = vibe.stream(ask)[Symbol.asyncIterator]();
    expect(await pulledAtOnce(events, 5)).toEqual(['a', 'error', 'throw', 'done', 'done']);
  });

  it('leave the drain behind a break its exact end', async () => {
    const { vibe, settlements } = client(scripted(says('a', 'b', 'c')));
    const stream = vibe.stream({ ...ask, onCancel: 'drain' });
    const events = stream[Symbol.asyncIterator]();
    await events.next();
    const pending = events.next();
    await events.return?.();
    expect((await pending).done).toBe(false);
    const { status, usage } = await stream.final();
    expect([status, usage?.source, usage?.unknown]).toEqual(['cancelled', 'provider', false]);
    expect(settlements.map((settled) => [settled.status, settled.usage?.source])).toEqual([['cancelled', 'provider']]);
  });
});

import { describe, expect, it } from 'vitest';
import { says, saysThenFails, scripted, testPrices } from '../../test/scripted-provider.js';
import { createVibe } from '../create-vibe.js';
import { memoryLedger } from '../defaults/memory-ledger.js';
import { VibeError } from '../errors/vibe-error.js';
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

/** A promise and what resolves it. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open: () => open(), opened };
}

describe('a drain that fails', () => {
  it('leaves its call cancelled: nobody wanted the answer any more', async () => {
    const { open, opened } = gate();
    const provider = scripted(async function* () {
      yield { type: 'delta', part: { type: 'text', text: 'a' }, text: 'a' };
      await opened;
      throw new VibeError('provider_unavailable', 'down');
    });
    const { vibe, settlements } = client(provider);
    const stream = vibe.stream({ ...ask, onCancel: 'drain' });
    for await (const event of stream) if (event.type === 'delta') break;
    open();
    const { status, text, usage, attempts } = await stream.final();
    expect([status, text, usage?.source]).toEqual(['cancelled', 'a', 'partial']);
    expect(attempts).toMatchObject([{ status: 'failed', errorCode: 'provider_unavailable' }]);
    expect(settlements).toMatchObject([{ status: 'cancelled', errorCode: 'provider_unavailable' }]);
  });

  it('is not made again for somebody who has left before the first event', async () => {
    const [begun, { open, opened }] = [gate(), gate()];
    // biome-ignore lint/correctness/useYield: it fails before the first event
    const provider = scripted(async function* () {
      begun.open();
      await opened;
      throw new VibeError('provider_unavailable', 'down');
    });
    const { vibe, settlements } = client(provider);
    const stream = vibe.stream({ model: 'acme-1', prompt: 'Hi', onCancel: 'drain' });
    const events = stream[Symbol.asyncIterator]();
    const pending = events.next();
    await begun.opened;
    await events.return?.();
    open();
    await pending;
    expect((await stream.final()).status).toBe('cancelled');
    expect(provider.calls).toHaveLength(1);
    expect(settlements.map(({ status }) => status)).toEqual(['cancelled']);
  });
});

describe('a client that is closed', () => {
  /** A ledger that takes no command any more once it is closed, as one of a file does. */
  function closing(closes: () => Promise<void>) {
    let isClosed = false;
    const ledger = memoryLedger();
    const flush = async () => {
      if (isClosed) throw new VibeError('ledger_unavailable', 'closed');
    };
    const close = async () => {
      isClosed = true;
      await closes();
    };
    return createVibe({ plugins: [scripted(says('a')), testPrices, { ...ledger, flush, close }] });
  }

  it('has nothing left to flush', async () => {
    const vibe = closing(async () => undefined);
    await vibe.generate(ask);
    await Promise.all([vibe.close(), vibe.flush()]);
    await vibe.flush();
  });

  it('says to flush, too, what it could not write', async () => {
    const vibe = closing(() => Promise.reject(new VibeError('ledger_unavailable', '1 settled call is not written')));
    await expect(vibe.close()).rejects.toThrow('not written');
    await expect(vibe.flush()).rejects.toThrow('not written');
  });
});

import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { failure, resultOf, type Script, saysThenHangs, scripted, testPrices } from '../../test/scripted-provider.js';
import { createVibe } from '../create-vibe.js';
import { memoryLedger } from '../defaults/memory-ledger.js';
import type { ProviderEvent } from '../spec/event.js';
import type { Settlement } from '../spec/ledger.js';
import type { Middleware } from '../spec/middleware.js';
import type { Provider } from '../spec/provider.js';

afterEach(() => void vi.useRealTimers());

/** `settling` runs while the ledger settles. */
function client(provider: Provider, settling = () => {}, middleware: readonly Middleware[] = []) {
  const ledger = memoryLedger();
  const settlements: Settlement[] = [];
  const settle: typeof ledger.settle = async (callId, settlement) => {
    settlements.push(settlement);
    await ledger.settle(callId, settlement);
    settling();
  };
  const plugins = [provider, testPrices, { ...ledger, settle }];
  const vibe = createVibe({ plugins, breaker: { failures: 1 }, middleware });
  return { vibe, settlements };
}

const totalMs = 1_000;
const ask = { model: 'acme-1', prompt: 'Hi', timeout: { totalMs } };

/** Its answer arrives in one piece. */
function inOnePiece(): Provider {
  const words: ProviderEvent[] = ['a', 'b', 'c'].map((text) => ({ type: 'delta', part: { type: 'text', text }, text }));
  const whole: readonly ProviderEvent[] = [...words, { type: 'final', result: resultOf('abc', 3) }];
  const never: Script = () => {
    throw new Error('it hands out batches');
  };
  const batches = async function* () {
    yield whole;
  };
  return { ...scripted(never), streamBatches: batches };
}

/** A stream whose reader has taken its first event when the time of the call is up. */
async function slowlyRead(vibe: ReturnType<typeof client>['vibe']) {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const stream = vibe.stream(ask);
  const events = stream[Symbol.asyncIterator]();
  await events.next();
  vi.advanceTimersByTime(totalMs);
  vi.useRealTimers();
  return { stream, events };
}

describe('a call whose time is up while its reader is busy', () => {
  it('has timed out for its ledger too', async () => {
    const { vibe, settlements } = client(scripted(saysThenHangs('a')));
    const { stream } = await slowlyRead(vibe);
    const error = await failure(stream.final());
    expect([error.code, error.details['timeout']]).toEqual(['timeout', 'totalMs']);
    expect(error.attempts).toMatchObject([{ status: 'failed', errorCode: 'timeout', usage: { source: 'partial' } }]);
    expect(settlements).toMatchObject([{ status: 'failed', errorCode: 'timeout' }]);
  });

  it('is no sign of a provider that is down', async () => {
    const { vibe } = client(scripted([saysThenHangs('a'), saysThenHangs('b')]));
    await failure((await slowlyRead(vibe)).stream.final());
    expect((await failure((await slowlyRead(vibe)).stream.final())).code).toBe('timeout');
  });

  it('loses nothing of an answer that has arrived as a whole', async () => {
    const { vibe, settlements } = client(inOnePiece());
    const { stream, events } = await slowlyRead(vibe);
    const rest: string[] = [];
    for (let step = await events.next(); step.done !== true; step = await events.next()) rest.push(step.value.type);
    expect(rest).toEqual(['delta', 'delta', 'final']);
    expect(await stream.final()).toMatchObject({ status: 'ok', text: 'abc' });
    expect(settlements.map(({ status }) => status)).toEqual(['ok']);
  });
});

const passesOn: Middleware = (next) =>
  async function* (call) {
    yield* next(call);
  };

describe.each([
  ['without middleware', []],
  ['behind middleware', [passesOn]],
])('a call whose time is up while its complete answer is being settled, %s', (_, middleware) => {
  const lateClient = () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    return client(inOnePiece(), () => void vi.advanceTimersByTime(totalMs), middleware);
  };

  it('is answered', async () => {
    const { vibe, settlements } = lateClient();
    expect(await vibe.generate(ask)).toMatchObject({ status: 'ok', text: 'abc' });
    const stream = vibe.stream(ask);
    for await (const _ of stream) await turn();
    expect(await stream.final()).toMatchObject({ status: 'ok', text: 'abc' });
    expect(settlements.map(({ status }) => status)).toEqual(['ok', 'ok']);
  });

  it('can be left all the same', async () => {
    const { vibe } = lateClient();
    const stream = vibe.stream(ask);
    for await (const event of stream) if (event.type === 'delta') break;
    expect((await stream.final()).status).toBe('cancelled');
    await vibe.close();
  });
});

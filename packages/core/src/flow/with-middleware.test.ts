import { describe, expect, it } from 'vitest';
import { deferred } from '../../test/deferred.js';
import {
  fails,
  failure,
  type Script,
  says,
  saysThenHangs,
  scripted,
  testPrices,
} from '../../test/scripted-provider.js';
import { createVibe } from '../create-vibe.js';
import { memoryLedger } from '../defaults/memory-ledger.js';
import type { Settlement } from '../spec/ledger.js';
import type { Middleware } from '../spec/middleware.js';

function client(provider: ReturnType<typeof scripted>, middleware: Middleware) {
  const ledger = memoryLedger();
  const settlements: Settlement[] = [];
  const watched: typeof ledger = {
    ...ledger,
    async settle(callId, settlement) {
      settlements.push(settlement);
      await ledger.settle(callId, settlement);
    },
  };
  const vibe = createVibe({
    plugins: [provider, testPrices, watched],
    budgets: [{ window: 'day', limitUsd: 5 }],
    middleware: [middleware],
  });
  return { vibe, provider, settlements };
}

describe('middleware', () => {
  const withoutReturn: Middleware = (next) => (call) => {
    const events = next(call)[Symbol.asyncIterator]();
    return { [Symbol.asyncIterator]: () => ({ next: () => events.next() }) };
  };
  const leavesInTheMiddle: Middleware = (next) =>
    async function* (call) {
      const { value } = await next(call)[Symbol.asyncIterator]().next();
      yield value;
      throw new Error('middleware has had enough');
    };
  const endsInTheMiddle: Middleware = (next) =>
    async function* (call) {
      const { value } = await next(call)[Symbol.asyncIterator]().next();
      yield value;
    };

  it.each([
    ['has a hand-written iterator without a return', withoutReturn, 'cancelled'],
    ['throws and leaves its iterator open', leavesInTheMiddle, 'internal'],
    ['ends and leaves its iterator open', endsInTheMiddle, 'internal'],
  ] as const)('that %s leaves no hold behind, and the caller hears what it cost', async (_, middleware, code) => {
    const own = new AbortController();
    const { vibe, provider, settlements } = client(scripted(saysThenHangs('Hello')), middleware);
    const iterator = vibe.stream({ model: 'acme-1', prompt: 'Hi', signal: own.signal })[Symbol.asyncIterator]();
    await iterator.next();
    const ending = failure(iterator.next().then(() => iterator.next()));
    if (code === 'cancelled') own.abort();
    const error = await ending;
    expect(error.code).toBe(code);
    expect(settlements.map(({ status }) => status)).toEqual(['cancelled']);
    expect(error.cost?.actualNanoUsd).toBe(settlements[0]?.actualNanoUsd);
    expect(error.cost?.actualNanoUsd).toBeGreaterThan(0);
    expect(provider.calls[0]?.signal.aborted).toBe(true);
  });

  it('without a return does not lose the settlement of a break either', async () => {
    const { vibe, settlements } = client(scripted(saysThenHangs('Hello')), withoutReturn);
    const stream = vibe.stream({ model: 'acme-1', prompt: 'Hi' });
    for await (const event of stream) if (event.type === 'delta') break;
    const { status, cost } = await stream.final();
    expect(status).toBe('cancelled');
    expect(settlements.map(({ actualNanoUsd }) => actualNanoUsd)).toEqual([cost.actualNanoUsd]);
    expect(cost.actualNanoUsd).toBeGreaterThan(0);
  });

  it.each<[string, Middleware]>([
    [
      'throws before it begins',
      () => () => {
        throw new Error('middleware has had enough');
      },
    ],
    ['gives no events', () => () => undefined as never],
  ])('that %s is an internal error of the call', async (_, middleware) => {
    const { vibe } = client(scripted(says('a')), middleware);
    expect(await failure(vibe.generate({ model: 'acme-1', prompt: 'Hi' }))).toMatchObject({ code: 'internal' });
    expect(await failure(vibe.stream({ model: 'acme-1', prompt: 'Hi' }).final())).toMatchObject({ code: 'internal' });
  });

  it('that has let a whole answer through is not told that it was cancelled', async () => {
    const left: Promise<boolean>[] = [];
    const records: Middleware = (next) => (call) => {
      let tell = (_aborted: boolean) => {};
      left.push(new Promise((resolve) => (tell = resolve)));
      return (async function* () {
        try {
          yield* next(call);
        } finally {
          tell(call.signal.aborted);
        }
      })();
    };
    const { vibe } = client(scripted(says('a')), records);
    await vibe.generate({ model: 'acme-1', prompt: 'Hi' });
    await vibe.stream({ model: 'acme-1', prompt: 'Hi' }).final();
    expect(await Promise.all(left)).toEqual([false, false]);
  });

  it('that has an answer of its own leaves nothing of another behind', async () => {
    const hurries: Middleware = (next) =>
      async function* (call) {
        const first = next(call)[Symbol.asyncIterator]();
        yield (await first.next()).value;
        yield* next(call);
      };
    const { vibe, provider } = client(scripted([saysThenHangs('Hello'), says('a')]), hurries);
    expect((await vibe.generate({ model: 'acme-1', prompt: 'Hi' })).status).toBe('ok');
    expect(provider.calls[0]?.signal.aborted).toBe(true);
    expect(provider.open.size).toBe(0);
  });

  it.each(['abort', 'drain'] as const)(
    'that has repeated a call tells of the one that was left (%s)',
    async (onCancel) => {
      const repeats: Middleware = (next) =>
        async function* (call) {
          try {
            yield* next(call);
          } catch {
            yield* next(call);
          }
        };
      const { vibe, settlements } = client(
        scripted([fails('invalid_response', 'garbage'), says('one', ' two')]),
        repeats,
      );
      const stream = vibe.stream({ model: 'acme-1', prompt: 'Hi', retry: { attempts: 1 }, onCancel });
      for await (const event of stream) if (event.type === 'delta') break;
      const { status, cost, attempts } = await stream.final();
      expect([status, attempts.length]).toEqual(['cancelled', 1]);
      expect(settlements.map((settled) => settled.status)).toEqual(['failed', 'cancelled']);
      expect(cost.actualNanoUsd).toBe(settlements[1]?.actualNanoUsd);
      expect(cost.actualNanoUsd).not.toBe(settlements[0]?.actualNanoUsd);
    },
  );

  it('that races two answers leaves the slower one at once, and close() waits for its settlement', async () => {
    const begun = deferred<void>();
    const hangs: Script = async function* () {
      begun.resolve(undefined);
      await new Promise(() => undefined);
    };
    const races: Middleware = (next) =>
      async function* (call) {
        const [slow, quick] = [next(call)[Symbol.asyncIterator](), next(call)[Symbol.asyncIterator]()];
        void slow.next().catch(() => undefined);
        await begun.promise;
        const first = await quick.next();
        void slow.return?.();
        yield first.value;
        yield* { [Symbol.asyncIterator]: () => quick };
      };
    const { vibe, provider, settlements } = client(scripted([hangs, says('quick')]), races);
    expect((await vibe.generate({ model: 'acme-1', prompt: 'Hi' })).text).toBe('quick');
    await vibe.close();
    expect(provider.calls[0]?.signal.aborted).toBe(true);
    expect(settlements.map(({ status }) => status).sort()).toEqual(['cancelled', 'ok']);
  });
});

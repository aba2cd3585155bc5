import { describe, expect, it } from 'vitest';
import { deferred } from '../../test/deferred.js';
import { fails, says, scripted, testPrices } from '../../test/scripted-provider.js';
import { createVibe } from '../create-vibe.js';
import { memoryLedger } from '../defaults/memory-ledger.js';
import { memoryLimiter } from '../defaults/memory-limiter.js';
import type { Ledger } from '../spec/ledger.js';
import type { Limiter } from '../spec/limiter.js';
import type { VibeOptions } from '../spec/options.js';

/** A client whose limiter writes down what it is asked, and whose ledger can be made to wait. */
function client(more: Partial<VibeOptions> = {}, firstSays = says('Hi'), now: () => number = Date.now) {
  const log: string[] = [];
  const limiter = memoryLimiter(now);
  const noted: Limiter = {
    ...limiter,
    acquire: async (target, demand, options) => {
      log.push(`asked for ${target.model}`);
      const permit = await limiter.acquire(target, demand, options);
      await answers.shift();
      return {
        ...permit,
        release: (outcome) => {
          log.push(outcome?.dispatched === false ? `gave back ${target.model}` : `used ${target.model}`);
          permit.release(outcome);
        },
      };
    },
  };
  const memory = memoryLedger();
  const waits: Promise<void>[] = [];
  const answers: Promise<void>[] = [];
  const ledger: Ledger = {
    ...memory,
    hold: async (request) => {
      await waits.shift();
      log.push('held');
      return memory.hold(request);
    },
  };
  const first = scripted(firstSays, { id: 'first', models: [{ id: 'one' }] });
  const second = scripted(says('from the second'), { id: 'second', models: [{ id: 'two' }] });
  const options: VibeOptions = {
    plugins: [first, second, testPrices, ledger, noted],
    mode: 'strict_budget',
    budgets: [{ window: 'day', limitUsd: 1 }],
    router: { policy: 'fixed', order: ['first/one', 'second/two'] },
    limits: { '*': { rpm: 100 } },
    ...more,
  };
  return { vibe: createVibe(options, { now }), log, waits, answers };
}

const ask = { prompt: 'Hi', route: 'fixed' } as const;

describe('the permit of a strict call', () => {
  it('is asked for while its hold is on the way, and used by its first attempt', async () => {
    const { vibe, log, waits } = client();
    const disk = deferred<void>();
    waits.push(disk.promise);
    const answer = vibe.generate(ask);
    await expect.poll(() => log).toEqual(['asked for one']);
    disk.resolve();
    await answer;
    expect(log).toEqual(['asked for one', 'held', 'used one']);
  });

  it('leaves the line when its hold is refused: nobody waits behind it', async () => {
    const { vibe, log } = client(
      {
        budgets: [{ window: 'day', tags: { user: 'poor' }, limitUsd: 0 }],
        limits: { '*': { burst: { windowMs: 3_000, requests: 1 } } },
      },
      says('Hi'),
      () => 1_000_000,
    );
    const fixed = { ...ask, model: 'one' } as const;
    await vibe.generate(fixed);
    for (let call = 0; call < 3; call++)
      await expect(vibe.generate({ ...fixed, tags: { user: 'poor' } })).rejects.toMatchObject({
        code: 'budget_exceeded',
      });
    expect(log.filter((line) => line === 'asked for one')).toHaveLength(4);
    expect((await vibe.estimate(fixed)).verdict.limiterWaitMs).toBe(3_000);
  });

  it('is asked for anew when its hold took so long that the limits would count it too early', async () => {
    const clock = { nowMs: 1_000_000 };
    const { vibe, log, waits } = client({}, says('Hi'), () => clock.nowMs);
    const disk = deferred<void>();
    waits.push(disk.promise);
    const answer = vibe.generate(ask);
    await expect.poll(() => log).toEqual(['asked for one']);
    await new Promise(setImmediate);
    clock.nowMs += 101;
    disk.resolve();
    await answer;
    expect(log.filter((line) => line !== 'held')).toEqual([
      'asked for one',
      'gave back one',
      'asked for one',
      'used one',
    ]);
  });

  it('is asked for anew when the provider has asked to slow down meanwhile', async () => {
    const slowDown = fails('provider_rate_limited', 'slow down');
    const { vibe, log, waits } = client(
      { defaults: { retry: { attempts: 1 } }, router: { policy: 'fixed' } },
      slowDown,
    );
    const disk = deferred<void>();
    const alone = { prompt: 'Hi', model: 'first/one', maxWaitMs: 0 };
    waits.push(disk.promise);
    const waiting = vibe.generate(alone);
    await expect.poll(() => log).toEqual(['asked for one']);
    await expect(vibe.generate(alone)).rejects.toMatchObject({ code: 'provider_rate_limited' });
    const before = log.length;
    disk.resolve();
    await expect(waiting).rejects.toMatchObject({ code: 'rate_limited' });
    expect(log.slice(before)).toEqual(['held', 'gave back one', 'asked for one']);
  });

  it.each(['strict_budget', 'best_effort'] as const)(
    'is asked for anew when the provider asks to slow down while the permit is on its way (%s)',
    async (mode) => {
      const slowDown = fails('provider_rate_limited', 'slow down');
      const once = { defaults: { retry: { attempts: 1 } }, router: { policy: 'fixed' } } as const;
      const { vibe, log, answers } = client({ mode, ...once }, slowDown);
      const message = deferred<void>();
      const alone = { prompt: 'Hi', model: 'first/one', maxWaitMs: 0 };
      answers.push(message.promise);
      const waiting = vibe.generate(alone);
      await expect.poll(() => log).toContain('asked for one');
      await expect(vibe.generate(alone)).rejects.toMatchObject({ code: 'provider_rate_limited' });
      const before = log.length;
      message.resolve();
      await expect(waiting).rejects.toMatchObject({ code: 'rate_limited' });
      expect(log.slice(before)).toEqual(['gave back one', 'asked for one']);
    },
  );

  it('is asked for once per hint, also from a limiter that learns nothing', async () => {
    const slowDown = fails('provider_rate_limited', 'slow down');
    const memory = memoryLimiter(Date.now);
    const asked: (() => void)[] = [];
    const deaf: Limiter = {
      ...memory,
      learn: () => undefined,
      acquire: async (...args) => {
        const permit = await memory.acquire(...args);
        const answer = deferred<void>();
        asked.push(answer.resolve);
        if (asked.length !== 1) answer.resolve();
        await answer.promise;
        return permit;
      },
    };
    const vibe = createVibe({
      plugins: [scripted(slowDown, { id: 'first', models: [{ id: 'one' }] }), testPrices, memoryLedger(), deaf],
      defaults: { retry: { attempts: 1 } },
    });
    const alone = { prompt: 'Hi', model: 'first/one', maxWaitMs: 0 };
    const waiting = vibe.generate(alone);
    await expect.poll(() => asked).toHaveLength(1);
    await expect(vibe.generate(alone)).rejects.toMatchObject({ code: 'provider_rate_limited' });
    asked[0]?.();
    await expect(waiting).rejects.toMatchObject({ code: 'provider_rate_limited' });
    expect(asked).toHaveLength(3);
  });

  it('is given back when the budget refuses', async () => {
    const { vibe, log } = client({
      budgets: [{ window: 'day', limitUsd: 0 }],
      router: { downgrade: { allow: false } },
    });
    await expect(vibe.generate({ ...ask, model: 'first/one' })).rejects.toMatchObject({ code: 'budget_exceeded' });
    await expect.poll(() => log).toEqual(['asked for one', 'held', 'gave back one']);
  });

  it('is given back when the caller leaves before the hold is written', async () => {
    const { vibe, log, waits } = client();
    const disk = deferred<void>();
    waits.push(disk.promise);
    const caller = new AbortController();
    const answer = vibe.generate({ ...ask, signal: caller.signal });
    await expect.poll(() => log).toEqual(['asked for one']);
    caller.abort();
    await expect(answer).rejects.toMatchObject({ code: 'cancelled' });
    expect(log).toEqual(['asked for one', 'gave back one']);
    disk.resolve();
  });

  it('is one per attempt: those that follow ask anew', async () => {
    const { vibe, log } = client({ defaults: { retry: { attempts: 2 } } }, fails('provider_unavailable', 'down'));
    expect((await vibe.generate(ask)).text).toBe('from the second');
    expect(log).toEqual(['asked for one', 'held', 'used one', 'asked for two', 'used two']);
  });

  it('comes after the hold where that does not wait for a disk', async () => {
    const { vibe, log } = client({ mode: 'best_effort' });
    await vibe.generate(ask);
    expect(log).toEqual(['held', 'asked for one', 'used one']);
  });

  it('that cannot be had is the failure of the attempt, after the hold', async () => {
    const { vibe, log } = client({ limits: { '*': { tpm: 1 } } });
    await expect(vibe.generate({ ...ask, model: 'first/one' })).rejects.toMatchObject({ code: 'rate_limited' });
    expect(log).toEqual(['asked for one', 'held']);
    expect((await vibe.budgets())[0]).toMatchObject({ heldNanoUsd: 0 });
  });
});

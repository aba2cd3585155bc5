import { describe, expect, it } from 'vitest';
import { fails, failure, says, scripted, testPrices } from '../../test/scripted-provider.js';
import { createVibe } from '../create-vibe.js';
import { memoryLedger } from '../defaults/memory-ledger.js';
import type { Policy } from '../spec/request.js';
import type { RouterView } from '../spec/router.js';
import { defaultRouter } from './default-router.js';

/** A client whose ledger knows nothing, and what its router is shown. */
function watched(...scripts: Parameters<typeof scripted>) {
  const views: RouterView[] = [];
  const clock = { nowMs: Date.parse('2026-11-22T00:00:00Z') };
  const { plan } = defaultRouter();
  const vibe = createVibe(
    {
      plugins: [
        scripted(...scripts),
        testPrices,
        { ...memoryLedger(), stats: async () => [] },
        {
          kind: 'router',
          plan: (request, view) => {
            views.push(view);
            return plan(request, view);
          },
        },
      ],
      breaker: { failures: 3 },
      defaults: { retry: { attempts: 1 } },
    },
    { now: () => clock.nowMs },
  );
  const own = async () => {
    await vibe.estimate({ model: 'acme-1', prompt: 'Hi', maxOutputTokens: 100 });
    return views.at(-1)?.options[0]?.own ?? null;
  };
  return { vibe, views, clock, own };
}

const ask = { model: 'acme-1', prompt: 'Hi', maxOutputTokens: 100 };

describe('what this process has just seen itself', () => {
  it('is shown to the router with the very next call, without a question to the ledger', async () => {
    const { vibe, views, own } = watched(says('Hello'));
    expect(await own()).toBeNull();
    await vibe.generate(ask);
    expect(await own()).toMatchObject({ calls: 1, failRate: 0, answers: 1, unanswered: 0 });
    expect(views.at(-1)?.outputShare).toBeGreaterThan(0);
    expect(views[0]?.outputShare).toBeNull();
  });

  it('fades with time', async () => {
    const { vibe, clock, own } = watched(says('Hello'));
    await vibe.generate(ask);
    clock.nowMs += 60_000;
    expect((await own())?.calls).toBeCloseTo(0.5);
  });

  it('counts calls that are on their way, and counts them no more when they are cancelled', async () => {
    const { vibe, own } = watched(says('Hello'));
    const stream = vibe.stream(ask);
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    expect((await own())?.unanswered).toBe(1);
    await iterator.return?.();
    await vibe.flush();
    expect((await own())?.unanswered).toBe(0);
  });

  it('counts failures, and holds those against nobody that had opened a circuit', async () => {
    const { vibe, own, views, clock } = watched(fails('provider_unavailable', 'down'));
    await failure(vibe.generate(ask));
    expect(await own()).toMatchObject({ calls: 1, failRate: 1, answers: 0 });
    await failure(vibe.generate(ask));
    await failure(vibe.generate(ask));
    clock.nowMs += 30_000;
    expect((await own())?.failRate).toBe(0);
    expect(views.at(-1)?.options[0]?.circuit).toBe('half_open');
  });

  it('does not count what is the fault of the caller', async () => {
    const { vibe, own } = watched(fails('invalid_request', 'wrong'));
    await failure(vibe.generate(ask));
    expect((await own())?.calls).toBe(0);
  });

  it.each<Policy>(['smart', 'cheap'])('never changes a plan that is asked for twice (%s)', async (route) => {
    const { vibe } = watched(says('Hello'));
    await vibe.generate(ask);
    const request = { ...ask, route };
    expect(await vibe.estimate(request)).toEqual(await vibe.estimate(request));
  });
});

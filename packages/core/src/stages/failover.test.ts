import { describe, expect, it } from 'vitest';
import { fails, failure, says, saysThenFails, scripted, testPrices } from '../../test/scripted-provider.js';
import { createVibe } from '../create-vibe.js';
import type { ErrorCode } from '../spec/error-code.js';
import type { Router } from '../spec/router.js';

const instant = { random: () => 0 };

/** Two models behind one key, and one behind another. */
function threeCandidates(first = fails('provider_unavailable', 'down')) {
  const one = scripted(first, { id: 'one', models: [{ id: 'a' }, { id: 'b' }] });
  const two = scripted(says('from the other'), { id: 'two', models: [{ id: 'c' }] });
  const vibe = createVibe(
    {
      plugins: [one, two, testPrices],
      router: { policy: 'fixed', order: ['one/a', 'one/b', 'two/c'] },
    },
    instant,
  );
  return { vibe, one, two };
}

const ask = { prompt: 'Hi', route: 'fixed' } as const;

describe('failover', () => {
  it('shares the attempts among the candidates, so that one that is down does not use them up', async () => {
    const { vibe, one, two } = threeCandidates();
    const response = await vibe.generate(ask);
    expect(response.text).toBe('from the other');
    expect(one.calls.map(({ model }) => model.id)).toEqual(['a', 'a', 'b']);
    expect(two.calls).toHaveLength(1);
    expect(response.timing.attempts).toBe(4);
  });

  it('warns of a candidate without a known price as a call that begins there does', async () => {
    const provider = scripted(
      (call) => (call.model.id === 'a' ? fails('provider_quota', 'no quota')(call) : says('ok')(call)),
      { models: [{ id: 'a' }, { id: 'b-unpriced' }] },
    );
    const vibe = createVibe({
      plugins: [provider, testPrices],
      router: { policy: 'fixed', order: ['a', 'b-unpriced'] },
    });
    const heard: string[] = [];
    vibe.on('warning', ({ warning }) => heard.push(warning.code));
    const [moved, begun] = [await vibe.generate(ask), await vibe.generate({ ...ask, model: 'b-unpriced' })];
    expect(moved.cost.actualUsd).toBeNull();
    expect(moved.warnings).toEqual(begun.warnings);
    expect(heard).toEqual(['unpriced', 'unpriced']);
  });

  it('asks a candidate as often as its router says, and keeps one attempt for the others', async () => {
    const of = async (attempts: number) => {
      const one = scripted(fails('provider_unavailable', 'down'), { id: 'one', models: [{ id: 'a' }] });
      const others = scripted(says('from another'), { id: 'two', models: [{ id: 'b' }, { id: 'c' }, { id: 'd' }] });
      const router: Router = {
        kind: 'router',
        plan: (_, { options }) => ({
          candidates: options.map(({ target }) => ({ target, score: 0, scoreParts: {}, attempts })),
          rejected: [],
        }),
      };
      const vibe = createVibe({ plugins: [one, others, testPrices, router] }, instant);
      expect((await vibe.generate({ prompt: 'Hi' })).text).toBe('from another');
      return one.calls.length;
    };
    expect(await of(2)).toBe(2);
    expect(await of(10)).toBe(3);
  });

  it('gives all attempts to the only candidate', async () => {
    const { vibe, one } = threeCandidates();
    await failure(vibe.generate({ model: 'one/a', prompt: 'Hi' }));
    expect(one.calls).toHaveLength(4);
  });

  it('does not show a refused key to another model behind it, and warns', async () => {
    const { vibe, one, two } = threeCandidates(fails('auth', 'wrong key'));
    const { warnings } = await vibe.generate(ask);
    expect(one.calls).toHaveLength(1);
    expect(two.calls).toHaveLength(1);
    expect(warnings.map(({ code }) => code)).toEqual(['auth']);
  });

  it('does not move on once the caller has seen something', async () => {
    const { vibe, two } = threeCandidates(saysThenFails(['half '], 'provider_unavailable', 'reset'));
    const seen: string[] = [];
    const error = await failure(
      (async () => {
        for await (const event of vibe.stream(ask)) if (event.type === 'delta') seen.push(event.text ?? '');
      })(),
    );
    expect([seen.join(''), error.code]).toEqual(['half ', 'provider_unavailable']);
    expect(two.calls).toEqual([]);
  });
});

describe('a fixed target', () => {
  it.each<ErrorCode>([
    'auth',
    'invalid_request',
    'model_not_found',
    'context_length',
    'content_filtered',
    'provider_rejected',
    'provider_quota',
    'region_blocked',
  ])('that answers %s gets exactly one request, and nothing is waited for', async (code) => {
    const provider = scripted(fails(code, 'no'));
    const vibe = createVibe({ plugins: [provider, testPrices] });
    const waits: unknown[] = [];
    vibe.on('retry', (event) => waits.push(event));
    vibe.on('wait', (event) => waits.push(event));
    expect((await failure(vibe.generate({ model: 'acme-1', prompt: 'Hi' }))).code).toBe(code);
    expect(provider.calls).toHaveLength(1);
    expect(waits).toEqual([]);
  });
});

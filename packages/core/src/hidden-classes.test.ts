import { describe, expect, it } from 'vitest';
import { shareHiddenClass } from '../test/hidden-class.js';
import { says, scripted, testPrices } from '../test/scripted-provider.js';
import { createVibe } from './create-vibe.js';
import { memoryLimiter } from './defaults/memory-limiter.js';
import type { AcquireOptions, Limiter } from './spec/limiter.js';

describe('what is made for every call has no hidden class of its own, which would outlive the call', () => {
  const calls = 10;
  const asked: AcquireOptions[] = [];
  const inner = memoryLimiter(Date.now);
  const limiter: Limiter = {
    ...inner,
    acquire(target, demand, options) {
      asked.push(options);
      return inner.acquire(target, demand, options);
    },
  };
  const provider = scripted(says('Hello'));
  const vibe = createVibe({
    plugins: [provider, testPrices, limiter],
    budgets: [{ window: 'day', limitUsd: 5, tags: { user: '*' } }],
  });
  const request = { model: 'acme-1', prompt: 'Hi', tags: { user: 'alice' } };

  it('what a limiter and a provider are asked with', async () => {
    for (let call = 0; call < calls; call++) await vibe.generate(request);
    expect(asked).toHaveLength(calls);
    // The first of all show V8 what types their fields have.
    const settled = calls / 2;
    expect(shareHiddenClass(asked.slice(settled))).toBe(true);
    expect(shareHiddenClass(provider.calls.slice(settled))).toBe(true);
    expect(shareHiddenClass(provider.calls.slice(settled).map((call) => call.request))).toBe(true);
  });

  it('the routes of an estimate', async () => {
    const routes: object[] = [];
    for (let call = 0; call < calls; call++) routes.push(...(await vibe.estimate(request)).routes);
    expect(shareHiddenClass(routes)).toBe(true);
  });
});

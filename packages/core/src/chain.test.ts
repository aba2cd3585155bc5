import { describe, expect, it } from 'vitest';
import { says, scripted, testPrices } from '../test/scripted-provider.js';
import type { ChainParts } from './chain.js';
import { createVibe } from './create-vibe.js';
import { memoryLedger } from './defaults/memory-ledger.js';
import { memoryLimiter } from './defaults/memory-limiter.js';
import { chain } from './flow/build-chain.js';
import type { LiveCall } from './flow/live-call.js';
import { defaultRouter } from './routing/default-router.js';
import { breaker } from './stages/breaker.js';
import { budget } from './stages/budget.js';
import { callProvider } from './stages/call-provider.js';
import { failover } from './stages/failover.js';
import { limiter } from './stages/limiter.js';
import { meter } from './stages/meter.js';
import { plan } from './stages/plan.js';
import { retry } from './stages/retry.js';

/** Never run: each line marked below is an order that must not compile. */
export function wrongOrders(parts: ChainParts): void {
  const { events, now } = parts;
  const start = chain<LiveCall>();
  const planned = start.use(plan(parts));
  const failingOver = planned.use(budget(parts)).use(failover(events, now));
  const guarded = failingOver.use(retry(parts)).use(breaker(parts));
  // @ts-expect-error no candidate is chosen yet
  start.use(limiter(parts));
  // @ts-expect-error nothing to price yet
  start.use(budget(parts));
  // @ts-expect-error a provider is not called without a permit
  planned.end(callProvider());
  // @ts-expect-error failing over needs a hold that can be extended
  planned.use(failover(events, now));
  // @ts-expect-error one hold for the whole call, not one per candidate
  failingOver.use(budget(parts));
  // @ts-expect-error a retry is a new request to the provider, so the permit belongs inside it
  failingOver.use(limiter(parts));
  // @ts-expect-error the breaker judges attempts, so it belongs inside retry
  failingOver.use(breaker(parts));
  // @ts-expect-error the meter records what was permitted
  guarded.use(meter(parts));
}

describe('the chain', () => {
  it('plans, holds, takes a permit, calls, gives the permit back and settles, in this order', async () => {
    const steps: string[] = [];
    const noted = <In extends unknown[], Out>(step: string, act: (...input: In) => Out) => {
      return (...input: In): Out => {
        steps.push(step);
        return act(...input);
      };
    };
    const ledger = memoryLedger();
    const limits = memoryLimiter();
    const router = defaultRouter();
    const provider = scripted(says('a'));
    const vibe = createVibe({
      plugins: [
        { ...provider, stream: noted('call', provider.stream) },
        { ...router, plan: noted('plan', router.plan) },
        { ...ledger, hold: noted('hold', ledger.hold), settle: noted('settle', ledger.settle) },
        {
          ...limits,
          async acquire(...input) {
            const permit = await limits.acquire(...input);
            steps.push('permit');
            return { ...permit, release: noted('release', permit.release) };
          },
        },
        testPrices,
      ],
    });
    await vibe.generate({ model: 'acme-1', prompt: 'Hi' });
    expect(steps).toEqual(['plan', 'hold', 'permit', 'call', 'release', 'settle']);
  });
});

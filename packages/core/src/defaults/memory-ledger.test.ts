import { expect, it } from 'vitest';
import type { ResolvedBudget } from '../spec/budget.js';
import type { HoldRequest } from '../spec/ledger.js';
import { memoryLedger } from './memory-ledger.js';

const perUser: ResolvedBudget = {
  id: 'users',
  scope: 'tag.user=*',
  window: 'day',
  timezone: null,
  limitNanoUsd: 1_000,
  mode: 'strict_budget',
  warnAt: [],
  shadow: false,
  origin: 'test',
};

function request(callId: string, amountNanoUsd: number): HoldRequest {
  return {
    callId,
    amountNanoUsd,
    budgets: [{ ...perUser, scope: 'tag.user=alice' }],
    strict: true,
    leaseMs: 60_000,
    tags: { user: 'alice' },
    traceId: callId,
    target: { provider: 'acme', profile: 'default', endpoint: 'main', region: 'global', model: 'acme-1' },
    estimatedUsage: { quantities: { input_token: 10 }, unknown: true, source: 'estimated' },
  };
}

it('shows only the windows of this moment, also after its clock was set back', async () => {
  let nowMs = Date.parse('2026-03-11T00:30:00Z');
  const ledger = memoryLedger({ timezone: 'UTC', now: () => nowMs });
  await ledger.hold(request('tomorrow', 10));
  nowMs -= 3_600_000;
  await ledger.hold(request('today', 20));
  const today = { scope: 'tag.user=alice', heldNanoUsd: 20, resetsAt: '2026-03-11T00:00:00.000Z' };
  expect(await ledger.budgets({ budgets: [perUser] })).toMatchObject([today]);
  expect(await ledger.budgets()).toMatchObject([today]);
});

it('has one line for calls without a tag, whatever the tag is called', async () => {
  const ledger = memoryLedger();
  await ledger.hold(request('call', 10));
  await ledger.admin?.resolve('call', 'spent');
  const { rows } = await ledger.report({ by: 'tag:constructor' });
  expect(rows).toMatchObject([{ key: '(none)', calls: 1, costNanoUsd: 10 }]);
});

it('says what was held for a call that a person has ended', async () => {
  const ledger = memoryLedger();
  await ledger.hold(request('call', 10));
  await ledger.admin?.resolve('call', 'released');
  expect(await ledger.admin?.calls?.({})).toMatchObject([{ callId: 'call', heldNanoUsd: 10, chargedNanoUsd: 0 }]);
});

it('corrects every budget of a call that a person has ended, whichever target it counts', async () => {
  const ledger = memoryLedger();
  const ofModel = (model: string): ResolvedBudget => ({ ...perUser, id: model, scope: `model=${model}` });
  const [first, other] = [ofModel('acme-1'), ofModel('acme-2')];
  await ledger.hold({ ...request('call', 100), budgets: [first] });
  await ledger.extend('call', 100, { budgets: [other], strict: true });
  await ledger.admin?.resolve('call', 'spent');
  await ledger.admin?.correct('call', { deltaNanoUsd: -100, reason: 'never arrived' });
  const spent = (await ledger.budgets({ budgets: [first, other] })).map(({ spentNanoUsd }) => spentNanoUsd);
  expect(spent).toEqual([0, 0]);
});

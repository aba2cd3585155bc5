import { describe, expect, it } from 'vitest';
import { cent, costing, dayBudget, holdRequest, openLedger, usd } from '../../test/fixture.js';

describe('gauges', () => {
  it('show every budget of a query, also before its first call', async () => {
    const ledger = openLedger({ now: () => Date.parse('2026-11-22T10:00:00Z') });
    const month = dayBudget({ id: 'month', window: 'month', timezone: 'Asia/Shanghai' });
    await ledger.hold(holdRequest({ budgets: [month] }));
    expect(await ledger.budgets({ budgets: [month, dayBudget({ scope: 'model=x' })] })).toEqual([
      {
        id: 'month',
        scope: 'all',
        window: 'month',
        timezone: 'Asia/Shanghai',
        mode: 'strict_budget',
        shadow: false,
        limitUsd: 1,
        spentUsd: 0,
        heldUsd: 0.01,
        remainingUsd: 0.99,
        limitNanoUsd: usd,
        spentNanoUsd: 0,
        heldNanoUsd: cent,
        remainingNanoUsd: usd - cent,
        resetsAt: '2026-11-30T16:00:00.000Z',
        origin: 'test',
      },
      expect.objectContaining({ scope: 'model=x', spentUsd: 0, heldUsd: 0, resetsAt: '2026-11-23T00:00:00.000Z' }),
    ]);
  });

  it('of a scope with a wildcard are one per value in use', async () => {
    let now = Date.parse('2026-11-22T10:00:00Z');
    const ledger = openLedger({ now: () => now });
    const user = (name: string) => dayBudget({ id: 'user', scope: `tag.user=${name}` });
    for (const name of ['alice', 'bob', '%2A']) await ledger.hold(holdRequest({ budgets: [user(name)] }));
    const scopes = async () => (await ledger.budgets({ budgets: [user('*')] })).map(({ scope }) => scope);
    expect(await scopes()).toEqual(['tag.user=%2A', 'tag.user=alice', 'tag.user=bob']);
    now += 86_400_000;
    expect(await scopes()).toEqual([]);
  });

  it('without a query show what the file knows, as it was configured last', async () => {
    const ledger = openLedger();
    await ledger.hold(holdRequest({ budgets: [dayBudget({ origin: 'old', limitNanoUsd: 3 * usd })] }));
    await ledger.hold(
      holdRequest({
        budgets: [
          dayBudget({ id: 'renamed', origin: 'new' }),
          dayBudget({ id: 'run', window: 'run', scope: 'tag.run=7' }),
        ],
      }),
    );
    expect(await ledger.budgets()).toMatchObject([
      { id: 'renamed', origin: 'new', limitUsd: 1, heldNanoUsd: 2 * cent },
      { id: 'run', window: 'run', scope: 'tag.run=7', resetsAt: null, heldNanoUsd: cent },
    ]);
  });

  it('go below zero after an overrun', async () => {
    const ledger = openLedger();
    const request = holdRequest();
    await ledger.hold(request);
    await ledger.settle(request.callId, costing(2 * usd));
    expect(await ledger.budgets()).toMatchObject([{ spentUsd: 2, remainingUsd: -1 }]);
  });

  it('count days in the zone of the file, whichever zone a process lives in', async () => {
    const now = () => Date.parse('2026-11-22T18:00:00Z');
    const shanghai = openLedger({ timezone: 'Asia/Shanghai', now });
    await shanghai.hold(holdRequest());
    const anywhere = openLedger({ path: shanghai.path, timezone: null, now });
    await anywhere.hold(holdRequest());
    expect(await anywhere.budgets()).toMatchObject([
      { timezone: 'Asia/Shanghai', heldNanoUsd: 2 * cent, resetsAt: '2026-11-23T16:00:00.000Z' },
    ]);
    const elsewhere = openLedger({ path: shanghai.path, timezone: 'UTC', now });
    await elsewhere.hold(holdRequest());
    expect(elsewhere.warnings).toMatchObject([{ code: 'ledger_timezone' }]);
  });

  it.each([
    ['2026-03-28T23:00:00Z', '2026-03-29T21:59:59Z', '2026-03-29T22:00:00.000Z'],
    ['2026-10-24T22:00:00Z', '2026-10-25T22:59:59Z', '2026-10-25T23:00:00.000Z'],
  ])('count days of 23 and 25 hours as one (%s to %s)', async (first, last, resetsAt) => {
    let now = Date.parse(first);
    const ledger = openLedger({ timezone: 'Europe/Berlin', now: () => now });
    await ledger.hold(holdRequest());
    now = Date.parse(last);
    await ledger.hold(holdRequest());
    expect(await ledger.budgets()).toMatchObject([{ heldNanoUsd: 2 * cent, resetsAt }]);
    now += 1000;
    expect(await ledger.budgets()).toMatchObject([{ heldNanoUsd: 0 }]);
    await ledger.hold(holdRequest({ amountNanoUsd: usd }));
  });
});

describe('a check', () => {
  it('says whether a hold would be granted, and writes nothing', async () => {
    const ledger = openLedger();
    const request = holdRequest({ amountNanoUsd: usd });
    expect(await ledger.check(request)).toEqual({ allowed: true, refusal: null });
    await ledger.hold(holdRequest());
    expect(await ledger.check(request)).toMatchObject({
      allowed: false,
      refusal: { heldNanoUsd: cent, shortfallNanoUsd: cent, budget: { id: 'day' } },
    });
    expect(await ledger.admin?.verify()).toMatchObject({ events: 1 });
  });
});

import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { present } from '../expect.js';
import type { LedgerTheme } from './bench.js';
import { premium, target } from './samples.js';

/** For ledgers that write down calls which ended before their hold. */
export const blockedCalls: LedgerTheme = {
  'shows a blocked call as a call without a request and without a cost': async (bench) => {
    const { block } = bench.ledger;
    await present(block, 'block').call(bench.ledger, {
      callId: bench.newCallId(),
      traceId: 'trace',
      status: 'blocked',
      errorCode: 'budget_exceeded',
      errorMessage: 'The day budget would be passed.',
      target,
      estimatedNanoUsd: 500,
      tags: { team: 'red' },
      waitMs: 0,
      totalMs: 1,
    });
    await bench.spend(10, []);
    await bench.ledger.flush();
    const { totals } = await bench.ledger.report({});
    deepStrictEqual([totals.calls, totals.attempts, totals.blocked, totals.costNanoUsd], [2, 1, 1, 10]);
    const { rows } = await bench.ledger.report({ by: 'error' });
    strictEqual(rows.find(({ key }) => key === 'budget_exceeded')?.blocked, 1);
  },

  'shows what a blocked call was about, and why it ended, as far as that is known': async (bench) => {
    const { block } = bench.ledger;
    const ends = [
      { status: 'blocked', errorCode: 'budget_exceeded', target: premium, tags: { team: 'red' } },
      { status: 'failed', errorCode: 'no_route', target: null, tags: {} },
      { status: 'cancelled', errorCode: 'cancelled', target, tags: { team: 'blue' } },
    ] as const;
    for (const end of ends) {
      const callId = bench.newCallId();
      const times = { waitMs: 0, totalMs: 1 };
      const blocked = { ...end, ...times, callId, traceId: callId, errorMessage: 'It ended.', estimatedNanoUsd: null };
      await present(block, 'block').call(bench.ledger, blocked);
    }
    await bench.ledger.flush();
    for (const [by, wanted] of [
      ['status', ['blocked', 'cancelled', 'failed']],
      ['error', ['budget_exceeded', 'cancelled', 'no_route']],
      ['model', ['(none)', target.model, premium.model]],
      ['tag:team', ['(none)', 'blue', 'red']],
    ] as const) {
      const { rows } = await bench.ledger.report({ by });
      deepStrictEqual(rows.map(({ key }) => key).sort(), wanted, `by ${by}`);
      for (const { key, calls, attempts } of rows) deepStrictEqual([calls, attempts], [1, 0], key);
    }
  },
};

import { budgets, holdRequest, nextCallId, runCalls, settlement } from './calls.mjs';
import { filledLedger } from './fill.mjs';
import { inFolder, median, openLedger, row } from './open.mjs';

/** What a hold costs when the ledger has grown, against an empty one, paired. */
export const growth = (pairs, events) =>
  inFolder(async (path) => {
    const small = openLedger(path('empty'));
    const large = await filledLedger(path('full'), events / 2, 365);
    const one = budgets(1);
    const timeOf = async (ledger, count, concurrency) => {
      const ids = [];
      const startedAt = performance.now();
      await runCalls(count, concurrency, (callId) => {
        ids.push(callId);
        return ledger.hold(holdRequest(callId, one));
      });
      const ms = performance.now() - startedAt;
      await Promise.all(ids.map((callId) => ledger.settle(callId, settlement(callId))));
      return ms;
    };
    const ratios = { single: [], many: [] };
    for (const ledger of [small, large]) {
      await ledger.hold(holdRequest(nextCallId(), one));
      await timeOf(ledger, 2_000, 100);
    }
    for (let pair = 0; pair < 2 * pairs; pair++) {
      const smallSingle = await timeOf(small, 200, 1);
      ratios.single.push((await timeOf(large, 200, 1)) / smallSingle);
      const smallMany = await timeOf(small, 5_000, 100);
      ratios.many.push((await timeOf(large, 5_000, 100)) / smallMany);
    }
    await Promise.all([small.close(), large.close()]);
    const grown = events.toLocaleString('en');
    return [
      row(`cost of a hold at ${grown} events / on an empty ledger, c=1`, median(ratios.single), { atMost: 1.25 }),
      row('the same, c=100', median(ratios.many), { atMost: 1.25 }),
    ];
  });

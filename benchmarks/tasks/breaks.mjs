import { setTimeout as sleep } from 'node:timers/promises';
import { inParallel } from './throughput.mjs';

/** How long after the last `break` everything has to be over. */
const settleMs = 1_000;

/** Streams without an end, each left after its third piece of text. What a ledger wrote comes with the result. */
export async function breaks(contender, { count, concurrency }) {
  await inParallel(count, concurrency, async (call) => {
    let pieces = 0;
    for await (const text of contender.stream(call)) if (text !== '' && ++pieces === 3) break;
  });
  await sleep(settleMs);
  const { vibe } = contender;
  if (vibe === undefined) return {};
  await vibe.flush();
  const { totals } = await vibe.report();
  const heldUsd = (await vibe.budgets()).reduce((sum, budget) => sum + budget.heldUsd, 0);
  return { cancelled: totals.cancelled, attempts: totals.attempts, heldUsd };
}

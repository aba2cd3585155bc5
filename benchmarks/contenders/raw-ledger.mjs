// Raw undici between a hold and a settlement of the durable ledger: what two commits cost a call when nothing else does.
import { join } from 'node:path';
import { budgets, holdRequest, nextCallId, settlement } from '../../packages/ledger-sqlite/bench/calls.mjs';
import { openLedger } from '../../packages/ledger-sqlite/bench/open.mjs';
import { create as createRaw } from './raw.mjs';

export async function create({ baseUrl, folder }) {
  const raw = await createRaw({ baseUrl });
  const ledger = openLedger(join(folder, 'ledger.db'));
  const one = budgets(1);
  const held = async (act) => {
    const callId = nextCallId();
    await ledger.hold(holdRequest(callId, one));
    const result = await act();
    await ledger.settle(callId, settlement(callId));
    return result;
  };
  return {
    call: (call) => held(() => raw.call(call)),
    async *stream(call) {
      const callId = nextCallId();
      await ledger.hold(holdRequest(callId, one));
      yield* raw.stream(call);
      await ledger.settle(callId, settlement(callId));
    },
    /** The two commits with nothing between them. */
    commits: () => held(async () => {}),
    /** Microseconds of the first of the two. */
    async hold() {
      const callId = nextCallId();
      const fromMs = performance.now();
      await ledger.hold(holdRequest(callId, one));
      const us = (performance.now() - fromMs) * 1000;
      await ledger.settle(callId, settlement(callId));
      return us;
    },
    async close() {
      await ledger.close();
      await raw.close();
    },
  };
}

import { interleave, turnsOf, warmForCpuMs } from '../lib/interleave.mjs';
import { atMost, information, ratioRow } from '../lib/row.mjs';
import { withClients } from '../lib/with-clients.mjs';

/** CPU per call against raw undici, with 64 calls in flight. */
export const cpu = (run) =>
  withClients(run, ['raw', 'vibe', 'vibe-unguarded', ...run.peers], '', async (clients) => {
    const settings = { rounds: run.quick ? 7 : 21, turnMs: 300, warmMs: warmForCpuMs, warmCount: 1_000, least: 200 };
    const results = await interleave(turnsOf(clients, 'calls', { concurrency: 64 }), settings);
    const row = ratioRow(results, 'raw', run.peers);
    return [
      row('CPU per call, concurrency 64, × raw undici: guarded', 'vibe', 'cpuUs', atMost(4, '×')),
      row('CPU per call, concurrency 64, × raw undici: guards off', 'vibe-unguarded', 'cpuUs', atMost(2.2, '×')),
      row('main thread alone: guarded', 'vibe', 'mainUs', information('×')),
      row('main thread alone: guards off', 'vibe-unguarded', 'mainUs', information('×')),
    ];
  });

import { interleave, turnsOf, warmForCpuMs } from '../lib/interleave.mjs';
import { atMost, information, ratioRow, rounded, row } from '../lib/row.mjs';
import { withClients } from '../lib/with-clients.mjs';

const events = 2_000;

/** CPU per event of long streams against undici with a minimal reader. */
export async function stream(run) {
  const packed = await measure(run, `events=${events},pack=64`);
  const single = await measure(run, `events=${events},pack=1,pace=1`);
  return [
    packed.row('CPU per stream event, packed, × raw', 'vibe', 'cpuUs', atMost(1.8, '×')),
    packed.row('the same with guards off', 'vibe-unguarded', 'cpuUs', information('×')),
    single.row('CPU per stream event, one event per packet, × raw', 'vibe', 'cpuUs', atMost(1.5, '×')),
    single.row('the same with guards off', 'vibe-unguarded', 'cpuUs', information('×')),
    row('network reads per event there: Vibe', single.reads.vibe, information(''), {
      note: `raw ${rounded(single.reads.raw)}; packed ${rounded(packed.reads.vibe)} and ${rounded(packed.reads.raw)}`,
    }),
  ];
}

const measure = (run, options) =>
  withClients(run, ['raw', 'vibe', 'vibe-unguarded', ...run.peers], options, async (clients) => {
    const settings = { rounds: run.quick ? 7 : 15, turnMs: 400, warmMs: warmForCpuMs, warmCount: 8, least: 4 };
    const task = { concurrency: 8, events };
    const results = await interleave(turnsOf(clients, 'streams', task), settings);
    const reads = {};
    for (const client of clients.slice(0, 2)) {
      reads[client.name] = await client.run('readsPerEvent', { ...task, count: 16 });
    }
    return { row: ratioRow(results, 'raw', run.peers, events), reads };
  });

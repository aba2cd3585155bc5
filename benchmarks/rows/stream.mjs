import { interleave } from '../lib/interleave.mjs';
import { atMost, information, ratioRow } from '../lib/row.mjs';
import { withClients } from '../lib/with-clients.mjs';

const events = 2_000;

/** CPU per event of long streams against undici with a minimal reader. */
export async function stream(run) {
  const packed = await measure(run, { options: `events=${events},pack=64`, concurrency: 8 });
  const single = await measure(run, { options: `events=${events},pack=1,pace=100`, concurrency: 4 });
  return [
    packed('CPU per stream event, packed, × raw', 'vibe', 'cpuUs', atMost(1.8, '×')),
    packed('the same with guards off', 'vibe-unguarded', 'cpuUs', information('×')),
    single('CPU per stream event, one event per packet, × raw', 'vibe', 'cpuUs', atMost(1.5, '×')),
    single('the same with guards off', 'vibe-unguarded', 'cpuUs', information('×')),
  ];
}

const measure = (run, { options, concurrency }) =>
  withClients(run, ['raw', 'vibe', 'vibe-unguarded', ...run.peers], options, async (clients) => {
    const settings = { rounds: run.quick ? 7 : 15, turnMs: 400, warmCount: 16, least: 4 };
    const results = await interleave(clients, 'streams', { concurrency, events }, settings);
    return ratioRow(results, 'raw', run.peers, events);
  });

import { interleave, turnsOf } from '../lib/interleave.mjs';
import { atMost, information, rounded, row } from '../lib/row.mjs';
import { median } from '../lib/statistics.mjs';
import { withClients } from '../lib/with-clients.mjs';

/** What Vibe adds to one call of many that follow each other, beyond what the commits of its ledger take. */
export const latency = (run) =>
  withClients(run, ['raw', 'vibe', 'raw-ledger', ...run.peers], '', async (clients) => {
    const { p50, added, comparison } = await measure(run, clients, 'latency', 'commits');
    return [
      row('p50 added at concurrency 1 beyond two durable commits', added('vibe', 'raw', 'commits'), atMost(150, 'µs'), {
        note: `${p50('vibe')} − raw ${p50('raw')} − hold and settle alone ${p50('commits')}`,
        comparison,
      }),
      row('the same, against raw undici between hold and settle', added('vibe', 'raw-ledger'), information('µs'), {
        note: `${p50('vibe')} − ${p50('raw-ledger')}`,
      }),
    ];
  });

/** Time to the first text of a stream. Only the hold is durable before it; the settlement comes at the end. */
export const firstToken = (run) =>
  withClients(run, ['raw', 'vibe', 'raw-ledger', 'fetch', ...run.peers], 'events=16,pack=1', async (clients) => {
    const { p50, added, comparison } = await measure(run, clients, 'firstToken', 'holds');
    return [
      row('time to first token added beyond one durable commit', added('vibe', 'raw', 'commits'), atMost(190, 'µs'), {
        note: `${p50('vibe')} − raw ${p50('raw')} − hold alone ${p50('commits')}`,
        comparison: [`fetch ${rounded(added('fetch', 'raw'))} µs`, comparison].filter(Boolean).join(', '),
      }),
      row('the same, against raw undici after a hold', added('vibe', 'raw-ledger'), information('µs'), {
        note: `${p50('vibe')} − ${p50('raw-ledger')}`,
      }),
    ];
  });

async function measure(run, clients, task, commitTask) {
  const ledger = clients.find(({ name }) => name === 'raw-ledger');
  const turns = [...turnsOf(clients, task), { key: 'commits', client: ledger, task: commitTask, options: {} }];
  const settings = { rounds: run.quick ? 9 : 21, turnMs: 400, warmMs: 3_000, warmCount: 500, least: 100 };
  const results = await interleave(turns, settings);
  const times = (key) => results[key].map(({ p50Us }) => p50Us);
  /** Of each round: the time of one less the times of others. */
  const added = (key, ...others) =>
    median(times(key).map((us, round) => others.reduce((left, other) => left - times(other)[round], us)));
  const comparison = run.peers.map((peer) => `${run.titleOf(peer)} ${rounded(added(peer, 'raw'))} µs`).join(', ');
  return { p50: (key) => rounded(median(times(key))), added, comparison };
}

import { atLeast, atMost, exactly, row } from '../lib/row.mjs';
import { withClients } from '../lib/with-clients.mjs';

const count = 2_000;
/** Fewer for the peers: a stream that nobody aborts runs on until its process ends. */
const peerCount = 200;
const connections = 64;

/** Endless streams that are left with `break`: did the server see all of them end, and did the ledger? */
export async function breaks(run) {
  const { vibe, stats } = await leave(run, 'vibe', { count, concurrency: 96 }, { connections });
  const peers = [];
  for (const name of run.peers) {
    const { stats: seen } = await leave(run, name, { count: peerCount, concurrency: 16 });
    peers.push(`${run.titleOf(name)} ${share(seen, peerCount)} %`);
  }
  return [
    row('upstream aborted after `break`, of 2,000', share(stats, count), atLeast(100, '%'), {
      comparison: peers.join(', '),
      details: stats,
    }),
    row(`sockets at a time, pool of ${connections}, 96 loops`, stats.socketsMost, atMost(connections, '')),
    row('rows that say cancelled', vibe.cancelled, exactly(count, '')),
    row('held afterwards', vibe.heldUsd, exactly(0, 'USD')),
  ];
}

const share = (stats, of) => (100 * stats.aborted) / of;

async function leave(run, name, task, options) {
  await run.server.reset();
  const leaving = ([client]) => Promise.all([client.run('breaks', task)]).then(([vibe]) => withStats(run, vibe));
  return withClients(run, [name], 'endless=5', leaving, [], options);
}

const withStats = async (run, vibe) => ({ vibe, stats: await run.server.stats() });

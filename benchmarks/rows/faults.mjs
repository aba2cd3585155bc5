import { atLeast, atMost, exactly, row } from '../lib/row.mjs';
import { withClients } from '../lib/with-clients.mjs';

/** Retry-After of the server. */
const hintMs = 1_000;
/** A request that leaves this soon after a hint arrived had its permit before anybody could read the hint. */
const underWayMs = 20;

/** A tenth of the requests fails: 429 with Retry-After: 1, 503, reset; a call at most twice in a row. */
export async function faults(run) {
  const count = run.quick ? 500 : 2_000;
  const results = {};
  for (const name of ['vibe', ...run.peers]) results[name] = await fail(run, name, count);
  const { vibe, stats } = results.vibe;
  const success = (name) => (100 * (count - results[name].vibe.failures)) / count;
  const attempts = (name) => results[name].stats.requests / count;
  const late = vibe.tooEarly.filter((leftMs) => leftMs < hintMs - underWayMs);
  const { 429: limited, 503: overloaded, reset } = stats.faults;
  return [
    row(`10 % faults, ${count} calls: success`, success('vibe'), atLeast(100, '%'), {
      note: `${limited} × 429, ${overloaded} × 503, ${reset} × reset, ${(vibe.ms / 1000).toFixed(1)} s`,
      comparison: run.peers.map((peer) => `${run.titleOf(peer)} ${success(peer)} %`).join(', '),
      details: results,
    }),
    row('attempts per call', attempts('vibe'), atMost(1.13, ''), {
      comparison: run.peers.map((peer) => `${run.titleOf(peer)} ${attempts(peer).toFixed(2)}`).join(', '),
    }),
    row('requests before the time a received Retry-After named: same call', stats.tooEarly, exactly(0, ''), {
      comparison: run.peers.map((peer) => `${run.titleOf(peer)} ${results[peer].stats.tooEarly}`).join(', '),
    }),
    row('the same: any call to the same endpoint', late.length, exactly(0, ''), {
      note: `${vibe.hinted} hints; ${vibe.tooEarly.length - late.length} left within ${underWayMs} ms of one, already under way`,
    }),
  ];
}

async function fail(run, name, count) {
  await run.server.reset();
  return withClients(run, [name], 'faults=0.1,seed=7', async ([client]) => ({
    vibe: await client.run('faults', { count, concurrency: 32 }),
    stats: await run.server.stats(),
  }));
}

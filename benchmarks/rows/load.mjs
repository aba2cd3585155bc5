import { atMost, exactly, information, rounded, row } from '../lib/row.mjs';
import { withClients } from '../lib/with-clients.mjs';

const mb = (bytes) => bytes / 2 ** 20;

/** Steady load at 200 ms of provider latency. */
export async function load(run) {
  const rows = [];
  for (const perSecond of [50, 500]) rows.push(...(await steady(run, perSecond)));
  return rows;
}

async function steady(run, perSecond) {
  const ms = run.quick ? 10_000 : 60_000;
  const result = await withClients(
    run,
    ['vibe'],
    'latency=200',
    async ([client]) => {
      const idleP99Ms = await client.run('idle', { ms: 3_000 });
      return { idleP99Ms, ...(await client.run('load', { perSecond, ms, warmMs: run.quick ? 5_000 : 20_000 })) };
    },
    ['--expose-gc'],
  );
  const { calls, failures, before, after, delayP99Ms, delayMaxMs, idleP99Ms } = result;
  const note = `idle ${rounded(idleP99Ms)}, longest ${rounded(delayMaxMs)} ms`;
  const what = `${perSecond} calls/s for ${ms / 1000} s at 200 ms`;
  return [
    row(`${what}: errors`, failures, exactly(0, ''), { note: `of ${calls}`, details: result }),
    row(`${what}: event-loop delay p99`, delayP99Ms, atMost(20, 'ms'), { note }),
    row(`${what}: heap after garbage collection`, mb(after.heap - before.heap), information('MB'), {
      note: `${rounded(mb(before.heap))} → ${rounded(mb(after.heap))} MB, resident ${rounded(mb(after.rss - before.rss))} MB`,
    }),
  ];
}

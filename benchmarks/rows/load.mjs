import { atMost, exactly, information, rounded, row } from '../lib/row.mjs';
import { withClients } from '../lib/with-clients.mjs';

/** After so long the one-minute logs of the limiter are as long as they get. */
const windowMs = 65_000;
const mb = (bytes) => bytes / 2 ** 20;

/** Steady load at 200 ms of provider latency. */
export async function load(run) {
  const rows = [];
  for (const perSecond of [50, 500]) rows.push(...(await steady(run, perSecond)));
  return rows;
}

async function steady(run, perSecond) {
  const ms = run.quick ? 10_000 : 60_000;
  const warmMs = run.quick ? 5_000 : windowMs;
  const result = await withClients(
    run,
    ['vibe', 'raw'],
    'latency=200',
    async ([vibe, idle]) => {
      // What the machine itself adds: a process on the same core that does nothing, at the same time.
      const beside = idle.run('idle', { ms, warmMs });
      return { ...(await vibe.run('load', { perSecond, ms, warmMs })), idleP99Ms: await beside };
    },
    ['--expose-gc'],
  );
  const { calls, failures, before, after, delayP99Ms, delayMaxMs, idleP99Ms } = result;
  const note = `longest ${rounded(delayMaxMs)} ms; an idle process on the same core ${rounded(idleP99Ms)} ms`;
  const what = `${perSecond} calls/s for ${ms / 1000} s at 200 ms`;
  return [
    row(`${what}: errors`, failures, exactly(0, ''), { note: `of ${calls}`, details: result }),
    row(`${what}: event-loop delay p99`, delayP99Ms, atMost(20, 'ms'), { note }),
    row(`${what}: heap growth`, mb(after.heap - before.heap), run.quick ? information('MB') : atMost(1, 'MB'), {
      note: `${rounded(mb(before.heap))} → ${rounded(mb(after.heap))} MB, resident ${rounded(mb(after.rss - before.rss))} MB`,
    }),
  ];
}

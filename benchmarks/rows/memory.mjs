import { atMost, information, rounded, row } from '../lib/row.mjs';
import { withClients } from '../lib/with-clients.mjs';

const mb = (bytes) => bytes / 2 ** 20;
const count = 20_000;
/** A limiter remembers a call for a minute. */
const windowMs = 61_000;

/** What 20,000 calls leave in the heap. */
export async function memory(run) {
  const grow = (name, restMs) =>
    withClients(run, [name], '', ([client]) => client.run('growth', { count, concurrency: 64, restMs }), [
      '--expose-gc',
    ]);
  const vibe = await grow('vibe', run.quick ? 0 : windowMs);
  const others = {};
  for (const name of compared(run)) others[name] = await grow(name, 0);
  const grown = (sizes, where, when = 'after') => mb(sizes[when][where] - sizes.before[where]);
  return [
    row('heap growth over 20,000 calls', grown(vibe, 'heap'), atMost(1, 'MB'), {
      note: `${rounded(mb(vibe.before.heap))} → ${rounded(mb(vibe.after.heap))} MB${run.quick ? '' : ', a minute later'}`,
      comparison: Object.entries(others)
        .map(([name, other]) => `${run.titleOf(name)} ${rounded(grown(other, 'heap'))}`)
        .join(', '),
      details: { vibe, ...others },
    }),
    row('the same at once: with the one-minute log of the limiter', grown(vibe, 'heap', 'atOnce'), information('MB')),
    row('buffers outside of the heap', grown(vibe, 'external'), information('MB')),
  ];
}

/** Not the hand-glued one: it keeps what openai keeps, and would wait for the disk 80,000 times. */
const compared = ({ quick, peers }) => (quick ? [] : ['raw', ...peers.filter((name) => name !== 'glued')]);

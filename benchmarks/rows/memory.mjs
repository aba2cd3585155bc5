import { atMost, information, rounded, row } from '../lib/row.mjs';
import { withClients } from '../lib/with-clients.mjs';

const mb = (bytes) => bytes / 2 ** 20;
const count = 20_000;

/** What 20,000 calls leave in the heap. */
export async function memory(run) {
  const names = run.quick ? ['vibe'] : ['vibe', 'raw', 'vibe-unguarded', ...run.peers];
  const grown = {};
  for (const name of names) {
    grown[name] = await withClients(
      run,
      [name],
      '',
      ([client]) => client.run('growth', { count, warmCount: count, concurrency: 64 }),
      ['--expose-gc'],
    );
  }
  const { vibe } = grown;
  const others = names.filter((name) => name !== 'vibe');
  return [
    row('heap growth over 20,000 calls', mb(vibe.heapBytes), atMost(1, 'MB'), {
      note: `${rounded(mb(vibe.before.heap))} → ${rounded(mb(vibe.after.heap))} MB`,
      comparison: others.map((name) => `${run.titleOf(name)} ${rounded(mb(grown[name].heapBytes))}`).join(', '),
      details: grown,
    }),
    row('buffers outside of the heap, the same calls', mb(vibe.externalBytes), information('MB')),
  ];
}

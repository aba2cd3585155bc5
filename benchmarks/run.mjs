// Measures Vibe against raw undici and its peers and prints a table.
//   npm run bench [-- --only cpu,stream --peers none --quick --json FILE --cpu-prof FOLDER --docs]
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { peerNames, titleOf } from './contenders/index.mjs';
import { writeDocs } from './lib/docs.mjs';
import { inBenchmarks } from './lib/from-package.mjs';
import { installPeers } from './lib/install.mjs';
import { describeMachine } from './lib/machine.mjs';
import { canPin, startServer } from './lib/processes.mjs';
import { markdownTable } from './lib/table.mjs';
import { parts } from './rows/index.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(parts).join(',') },
    peers: { type: 'string', default: peerNames.join(',') },
    quick: { type: 'boolean', default: false },
    json: { type: 'string', default: inBenchmarks('results/results.json') },
    'cpu-prof': { type: 'string' },
    docs: { type: 'boolean', default: false },
  },
});

const list = (text, known) => {
  const names = text === 'none' ? [] : text.split(',');
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`There is no ${unknown.join(', ')}: use ${known.join(', ')} or none.`);
  return names;
};
const only = list(values.only, Object.keys(parts));
const peers = list(values.peers, peerNames);

if (peers.length > 0) installPeers();
const machine = describeMachine({ pinned: canPin, quick: values.quick, peers });
console.error(machine.text);

const server = await startServer();
const run = {
  server,
  peers,
  titleOf,
  quick: values.quick,
  nodeOptions: (name) =>
    values['cpu-prof'] === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values['cpu-prof']}/${name}`],
};
const rows = [];
for (const name of only) {
  const startedAt = performance.now();
  rows.push(...(await parts[name](run).catch((error) => failed(name, error))));
  console.error(`${name}: ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
}
server.close();

const text = `${machine.text}\n\n${markdownTable(rows)}`;
console.log(text);
if (values.docs) writeDocs(text);
mkdirSync(dirname(values.json), { recursive: true });
writeFileSync(values.json, `${JSON.stringify({ ...machine, rows }, null, 2)}\n`);

/** A part that breaks does not take the others with it. */
function failed(name, error) {
  console.error(error);
  process.exitCode = 1;
  return [{ what: `${name} could not be measured`, measured: error.message, target: '', ok: false, comparison: '' }];
}

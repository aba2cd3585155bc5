// Measures Vibe against raw undici and its peers and prints a table.
//   npm run bench [-- --only cpu,stream --peers none --quick --json FILE --cpu-prof FOLDER]
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { canPin, startServer } from './lib/processes.mjs';
import { markdownTable } from './lib/table.mjs';
import { rows } from './rows/index.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(rows).join(',') },
    peers: { type: 'string', default: 'none' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    'cpu-prof': { type: 'string' },
  },
});

if (!canPin) console.error('There is no taskset, or only one core: server and client share what there is.');

const server = await startServer();
const profiles = values['cpu-prof'];
const run = {
  server,
  quick: values.quick,
  peers: values.peers === 'none' ? [] : values.peers.split(','),
  nodeOptions: (name) => (profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}/${name}`]),
};
const measured = [];
for (const name of values.only.split(',')) {
  console.error(`${name} …`);
  measured.push(...(await rows[name](run)));
}
server.close();
console.log(markdownTable(measured));
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(measured, null, 2)}\n`);

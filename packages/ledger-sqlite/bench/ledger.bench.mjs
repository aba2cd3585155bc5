// Ratios of the ledger against raw SQLite statements, paired in the same run, median of the pairs. Absolute numbers follow
// the disk and its neighbours; the ratios do not.
//   npm run bench:ledger [-- --pairs 7 --events 5000000 --attempts 1000000 --only throughput,loop,growth,processes,reports,limiter]
import { parseArgs } from 'node:util';

import { eventLoop } from './event-loop.mjs';
import { growth } from './growth.mjs';
import { limiter } from './limiter.mjs';
import { processes } from './processes.mjs';
import { reports } from './reports.mjs';
import { throughput } from './throughput.mjs';

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '7' },
    events: { type: 'string', default: '5000000' },
    attempts: { type: 'string', default: '1000000' },
    only: { type: 'string', default: 'throughput,loop,growth,processes,reports,limiter' },
  },
});
const pairs = Number(values.pairs);
const parts = {
  throughput: () => throughput(pairs),
  loop: () => eventLoop(Math.min(pairs, 5)),
  growth: () => growth(pairs, Number(values.events)),
  processes: () => processes(Math.min(pairs, 5)),
  reports: () => reports(pairs, Number(values.attempts)),
  limiter: () => limiter(pairs),
};

const rows = [];
for (const name of values.only.split(',')) rows.push(...(await parts[name]()));

console.log('\n| what | measured | must reach | |\n|---|---|---|---|');
for (const { what, value, unit, target, ok } of rows)
  console.log(`| ${what} | ${value.toFixed(2)}${unit} | ${target} | ${ok ? 'ok' : 'MISSED'} |`);

// Prints where the time of CPU profiles went: node benchmarks/profile.mjs FILE... [--top 30] [--skip 0.5]
// Time in Node and in dependencies is charged to the function of ours that called them, where there is one.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { nameOf, packageOf, Sums, sourceOf, walk } from './lib/callers.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { top: { type: 'string', default: '30' }, skip: { type: 'string', default: '0.5' } },
});
const idle = new Set(['(idle)', '(program)', '(root)']);

for (const file of positionals) {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, 'utf8'));
  const own = selfTimes(samples, timeDeltas);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const sums = { package: new Sums(), file: new Sums(), charged: new Sums(), self: new Sums() };
  let allUs = 0;
  walk(
    nodes[0],
    ({ children = [] }) => children.map((id) => byId.get(id)),
    ({ id, callFrame }, nearest) => {
      const us = own.get(id);
      if (us === undefined || idle.has(callFrame.functionName)) return;
      allUs += us;
      sums.package.add(packageOf(callFrame), us);
      sums.file.add(sourceOf(nearest ?? callFrame), us);
      sums.charged.add(nearest === null ? packageOf(callFrame) : nameOf(nearest), us);
      sums.self.add(nameOf(callFrame), us);
    },
  );
  console.log(`\n${basename(file)}: ${(allUs / 1e6).toFixed(2)} s busy`);
  print('by package, self', sums.package, allUs);
  print('by source file, with what it calls', sums.file, allUs);
  print('by function, with what it calls', sums.charged, allUs);
  print('by function, self', sums.self, allUs);
}

/** Leaves out the start of the process, a share of its samples: it is spent on loading and compiling. */
function selfTimes(samples, deltas) {
  const own = new Map();
  for (let index = Math.floor(samples.length * Number(values.skip)); index < samples.length; index++) {
    own.set(samples[index], (own.get(samples[index]) ?? 0) + deltas[index]);
  }
  return own;
}

function print(title, sums, allUs) {
  console.log(`  ${title}`);
  for (const [key, us] of sums.largest(Number(values.top))) {
    console.log(`  ${((100 * us) / allUs).toFixed(1).padStart(6)} %  ${key}`);
  }
}

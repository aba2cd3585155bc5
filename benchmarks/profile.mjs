// Prints where the time of a CPU profile went: node benchmarks/profile.mjs FILE... [--top 30]
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { top: { type: 'string', default: '30' } },
});

for (const file of positionals) {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, 'utf8'));
  const own = selfTimes(nodes, samples, timeDeltas);
  const idle = new Set(['(idle)', '(program)', '(root)']);
  const busy = nodes.filter(({ callFrame }) => !idle.has(callFrame.functionName));
  const allUs = sum(busy.map(({ id }) => own.get(id) ?? 0));
  console.log(`\n${basename(file)}: ${(allUs / 1e6).toFixed(2)} s busy`);
  print('by place', grouped(busy, own, placeOf), allUs, 12);
  print('by function, self', grouped(busy, own, functionOf), allUs, Number(values.top));
}

function selfTimes(nodes, samples, deltas) {
  const own = new Map(nodes.map(({ id }) => [id, 0]));
  for (const [index, id] of samples.entries()) own.set(id, own.get(id) + deltas[index]);
  return own;
}

function grouped(nodes, own, keyOf) {
  const groups = new Map();
  for (const node of nodes) groups.set(keyOf(node), (groups.get(keyOf(node)) ?? 0) + own.get(node.id));
  return [...groups].sort((left, right) => right[1] - left[1]);
}

function print(title, groups, allUs, top) {
  console.log(`  ${title}`);
  for (const [key, us] of groups.slice(0, top))
    console.log(`  ${((100 * us) / allUs).toFixed(1).padStart(6)} %  ${key}`);
}

function placeOf({ callFrame: { functionName, url } }) {
  if (url === '') return functionName === '(garbage collector)' ? 'garbage collector' : 'engine';
  if (url.startsWith('node:')) return 'node';
  return /packages\/([^/]+)\/dist/.exec(url)?.[1] ?? /.*node_modules\/((@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? 'benchmark';
}

function functionOf({ callFrame: { functionName, url, lineNumber } }) {
  const place = url === '' ? '' : `${url.replace(/.*\/(packages|node_modules)\//, '')}:${lineNumber + 1}`;
  return `${functionName || '(anonymous)'}  ${place}`;
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}

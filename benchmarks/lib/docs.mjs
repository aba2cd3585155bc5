import { readFileSync, writeFileSync } from 'node:fs';
import { inBenchmarks } from './from-package.mjs';

const path = inBenchmarks('../docs/benchmarks.md');
const [begin, end] = ['<!-- bench -->', '<!-- /bench -->'];

/** Puts a result into docs/benchmarks.md, between its two marks. */
export function writeDocs(text) {
  const page = readFileSync(path, 'utf8');
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from === -1 || to < from) throw new Error(`docs/benchmarks.md has no ${begin} … ${end}.`);
  writeFileSync(path, `${page.slice(0, from + begin.length)}\n${text}\n${page.slice(to)}`);
}

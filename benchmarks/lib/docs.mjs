import { readFileSync, writeFileSync } from 'node:fs';
import { inBenchmarks } from './from-package.mjs';

const path = inBenchmarks('../docs/benchmarks.md');

/** Puts a result into docs/benchmarks.md, between its two marks. */
export function writeDocs(text, part = 'bench') {
  const [begin, end] = [`<!-- ${part} -->`, `<!-- /${part} -->`];
  const page = readFileSync(path, 'utf8');
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from === -1 || to < from) throw new Error(`docs/benchmarks.md has no ${begin} … ${end}.`);
  writeFileSync(path, `${page.slice(0, from + begin.length)}\n${text}\n${page.slice(to)}`);
}

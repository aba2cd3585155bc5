import { posix } from 'node:path';
import { cyclesOf } from './cycles.mjs';
import { importsOf } from './imports.mjs';
import { brokenRule, isTest, layerOf, placeOf } from './rules.mjs';

/** Lines of a source file: beyond the first a warning, beyond the second a failure. */
export const maxLines = { warn: 250, fail: 400 };

/**
 * Checks source files against the rules.
 * @param {{ path: string, text: string }[]} files path relative to the repository, with `/`.
 * @param {Record<string, object>} manifests package.json by folder, for example `packages/core`.
 * @returns {{ failures: string[], warnings: string[] }} each as `file:line rule`.
 */
export function checkLayers(files, manifests) {
  const failures = [];
  const warnings = [];
  const sources = files.filter(({ path }) => !isTest(path));
  const known = new Set(sources.map(({ path }) => path));
  const graph = new Map(); // imports that exist at run time
  const neighbours = new Map(); // layers of one rank: "stages>routing" → where
  for (const { path, text } of sources) {
    if (!isData(path)) judgeLength(path, text, failures, warnings);
    const place = placeOf(path);
    const targets = [];
    for (const found of importsOf(text, path)) {
      const rule = brokenRule(path, found, manifests[place.folder] ?? {});
      if (rule) failures.push(`${path}:${found.line} ${rule} (imports ${found.specifier})`);
      if (!found.specifier.startsWith('.')) continue;
      const target = posix.join(posix.dirname(path), found.specifier).replace(/\.js$/, '.ts');
      if (!found.typeOnly && known.has(target)) targets.push(target);
      if (place.folder === 'packages/core')
        noteNeighbours(neighbours, place.inside, placeOf(target).inside, `${path}:${found.line}`);
    }
    graph.set(path, targets);
  }
  for (const cycle of cyclesOf(graph)) failures.push(`${cycle[0]}:1 import cycle: ${[...cycle, cycle[0]].join(' → ')}`);
  for (const [pair, where] of neighbours) {
    const [from, to] = pair.split('>');
    if (from < to && neighbours.has(`${to}>${from}`)) {
      failures.push(
        `${where} ${from} and ${to} import each other (the other direction: ${neighbours.get(`${to}>${from}`)})`,
      );
    }
  }
  return { failures, warnings };
}

function noteNeighbours(neighbours, insideFrom, insideTo, where) {
  const from = layerOf(insideFrom);
  const to = layerOf(insideTo);
  if (from.rank !== to.rank || from.name === to.name) return;
  const pair = `${from.name}>${to.name}`;
  if (!neighbours.has(pair)) neighbours.set(pair, where);
}

function judgeLength(path, text, failures, warnings) {
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  if (lines > maxLines.fail)
    failures.push(`${path}:${lines} ${lines} lines, more than ${maxLines.fail}: split it by ideas`);
  else if (lines > maxLines.warn)
    warnings.push(`${path}:${lines} ${lines} lines, more than ${maxLines.warn}: does it still hold one idea?`);
}

/** Tables of data may be long. */
const isData = (path) => /\/data\/|\.data\.ts$/.test(path);

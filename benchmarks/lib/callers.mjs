import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

const maps = new Map();
const isOurs = (url) => /\/packages\/[^/]+\/dist\//.test(url);

/** Calls `see(node, nearest)` for a node and all below it; `nearest` is the closest frame of our packages on its stack. */
export function walk(node, childrenOf, see, nearest = null) {
  const now = isOurs(node.callFrame.url) ? node.callFrame : nearest;
  see(node, now);
  for (const child of childrenOf(node)) walk(child, childrenOf, see, now);
}

/** The package of a frame: one of ours, a dependency, Node, or the engine. */
export function packageOf({ functionName, url }) {
  if (functionName === '(garbage collector)') return 'garbage collector';
  if (url === '' || url.startsWith('wasm')) return 'engine';
  if (url.startsWith('node:')) return 'node';
  return /packages\/([^/]+)\/dist/.exec(url)?.[1] ?? /.*node_modules\/((@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? 'benchmark';
}

/** The file in which a frame of ours was written: `core stages/retry.ts`. Otherwise its package. */
export function sourceOf(callFrame) {
  if (!isOurs(callFrame.url)) return packageOf(callFrame);
  const path = `${fileURLToPath(callFrame.url)}.map`;
  if (!maps.has(path)) maps.set(path, existsSync(path) ? new SourceMap(JSON.parse(readFileSync(path, 'utf8'))) : null);
  const entry = maps.get(path)?.findEntry(callFrame.lineNumber, callFrame.columnNumber);
  return `${packageOf(callFrame)} ${(entry?.originalSource ?? callFrame.url).replace(/.*\/src\//, '')}`;
}

/** A function, for people. */
export function nameOf(callFrame) {
  const { functionName, url, lineNumber } = callFrame;
  const name = functionName || '(anonymous)';
  if (isOurs(url)) return `${name}  ${sourceOf(callFrame)} (${basename(url)}:${lineNumber + 1})`;
  return url === '' ? name : `${name}  ${url.replace(/.*\/node_modules\//, '')}:${lineNumber + 1}`;
}

/** Sums by key, largest first. */
export class Sums {
  #sums = new Map();

  add(key, amount) {
    this.#sums.set(key, (this.#sums.get(key) ?? 0) + amount);
  }

  largest(count) {
    return [...this.#sums].sort((left, right) => right[1] - left[1]).slice(0, count);
  }
}

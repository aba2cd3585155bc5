import { posix } from 'node:path';

/**
 * The layers of core, lowest first: a file imports from lower layers and from its own folder. Folders that share a line
 * may use each other, in one direction only. A new folder or file beside index.ts needs a place here.
 */
const coreLayers = [
  ['spec'],
  ['errors'],
  ['money'],
  ['flow', 'policies', 'define-plugin'],
  ['stages', 'routing', 'estimate', 'defaults', 'telemetry', 'debug'],
  ['chain'],
  ['client'],
  ['create-vibe'],
  ['index'],
];

/** Core opens no socket and reads no file: these built-ins of Node do neither. */
const coreBuiltIns = ['buffer', 'crypto', 'events', 'perf_hooks', 'timers', 'timers/promises', 'util'];

/** Which packages of ours a package may import; null: any. What is not listed here is a plugin. */
const allowedOwn = {
  core: [],
  simulator: [],
  'provider-kit': ['@vibe/core'],
  'contract-tests': ['@vibe/core'],
  config: null,
  cli: null,
};
const allowedToPlugins = ['@vibe/core', '@vibe/provider-kit'];

/** Tests and their helpers (`testing.ts` or a folder `testing`): free to import what they need, never imported by others. */
export const isTest = (path) => /\.(test|test-d)\.[jt]s$|\/testing(\/|\.[jt]s$)/.test(path);

/** Where in the repository a file lies: `packages/core/src/flow/bracket.ts` → core, `flow/bracket.ts`. */
export function placeOf(path) {
  const [parent, name, ...rest] = path.split('/');
  const isPackage = parent === 'packages';
  return { folder: `${parent}/${name}`, name, isPackage, inside: rest.slice(1).join('/') };
}

/** The rule that one import breaks, or null. `manifest` is the package.json of the importing package. */
export function brokenRule(path, { specifier, typeOnly }, manifest) {
  const place = placeOf(path);
  if (specifier.startsWith('.')) return brokenRelativeRule(path, place, specifier, typeOnly);
  if (specifier.startsWith('node:')) {
    const allowed = place.folder !== 'packages/core' || coreBuiltIns.includes(specifier.slice('node:'.length));
    return allowed ? null : `core opens no socket and reads no file: of Node it may use ${coreBuiltIns.join(', ')}`;
  }
  return brokenPackageRule(place, packageOf(specifier), manifest);
}

function brokenRelativeRule(path, place, specifier, typeOnly) {
  const target = posix.join(posix.dirname(path), specifier);
  if (!target.startsWith(`${place.folder}/`)) return 'a relative import stays inside its package: use the package name';
  if (isTest(target)) return 'only tests import the helpers of tests';
  if (place.folder !== 'packages/core') return null;
  const from = layerOf(place.inside);
  const to = layerOf(placeOf(target).inside);
  if (from.rank < 0 || to.rank < 0) {
    return `${from.rank < 0 ? from.name : to.name} has no layer: give it one in scripts/layers/rules.mjs`;
  }
  if (from.name === 'spec' && !typeOnly) return 'spec holds types only: use `import type` or `export type`';
  return to.rank <= from.rank ? null : `imports point downwards: ${from.name} may not import ${to.name}`;
}

function brokenPackageRule(place, name, manifest) {
  if (place.folder === 'packages/core') return 'core imports no package';
  const declared = { ...manifest.dependencies, ...manifest.peerDependencies };
  if (name !== manifest.name && !Object.hasOwn(declared, name))
    return `${name} is not a dependency in ${place.folder}/package.json`;
  if (!name.startsWith('@vibe/') || !place.isPackage || name === manifest.name) return null;
  const allowed = Object.hasOwn(allowedOwn, place.name) ? allowedOwn[place.name] : allowedToPlugins;
  if (allowed === null || allowed.includes(name)) return null;
  const may = allowed.length > 0 ? `may import only ${allowed.join(' and ')} of ours` : 'imports no package of ours';
  return `${place.name} ${may}; only cli, config, apps and examples name concrete plugins`;
}

/** The layer of a file of core: its folder, or its own name where it lies beside index.ts. */
export function layerOf(inside) {
  const name = inside.split('/')[0].replace(/\.(ts|js)$/, '');
  return { name, rank: coreLayers.findIndex((layer) => layer.includes(name)) };
}

const packageOf = (specifier) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

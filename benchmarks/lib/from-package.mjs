import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const packages = new URL('../../packages/', import.meta.url);

/** A dependency as one of our packages finds it: the benchmark measures with the very same copy. */
export const fromPackage = (name, dependency) => createRequire(new URL(`${name}/package.json`, packages))(dependency);

/** The version of a dependency of one of our packages. */
export const versionIn = (name, dependency) => fromPackage(name, `${dependency}/package.json`).version;

/** The address of a built file of one of our packages. */
export const builtUrl = (name, file = 'index') => new URL(`${name}/dist/${file}.js`, packages).href;

/** A built file of one of our packages. */
export const built = (name, file) => import(builtUrl(name, file));

/** Of a file beside the benchmark. */
export const inBenchmarks = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

export const moduleUrl = (path) => pathToFileURL(inBenchmarks(path)).href;

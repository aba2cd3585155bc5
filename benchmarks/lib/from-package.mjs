import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const packages = new URL('../../packages/', import.meta.url);

/** A dependency as one of our packages finds it: the benchmark measures with the very same copy. */
export const fromPackage = (name, dependency) => createRequire(new URL(`${name}/package.json`, packages))(dependency);

/** The version of one of our packages, and of a dependency as that package finds it. */
export const packageVersion = (name) => fromPackage(name, `${fileURLToPath(packages)}${name}/package.json`).version;
export const versionIn = (name, dependency) => fromPackage(name, `${dependency}/package.json`).version;

/** The address of a built file of one of our packages. */
export const builtUrl = (name, file = 'index') => new URL(`${name}/dist/${file}.js`, packages).href;

/** A built file of one of our packages. */
export const built = (name, file) => import(builtUrl(name, file));

/** A path in the folder of the benchmark. */
export const inBenchmarks = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runQuietly } from './child.mjs';
import { diagnoseInstall } from './diagnose.mjs';
import { toolEnvironment } from './environment.mjs';
import { Failure } from './failure.mjs';
import { inRoot, readJson, root } from './root.mjs';

const stamp = inRoot('node_modules', '.vibe-setup');

/** Installs the dependencies when something that decides about them has changed since the last time. */
export async function ensureInstalled() {
  const manifests = workspaceManifests();
  const wanted = fingerprint(manifests);
  if (readIfThere(stamp) === wanted && manifests.every(isLinked)) return;

  const pnpm = readJson('package.json').packageManager;
  console.error('setup: installing the dependencies (seconds, or one to two minutes when SQLite must be compiled)');
  const install = ['--dir', root, 'install', '--frozen-lockfile', '--prefer-offline'];
  const { code, output } = await runQuietly('npx', ['-y', pnpm, ...install], {
    // Not in the repository: there, npx would take the pnpm that an interrupted install has left half linked.
    cwd: tmpdir(),
    env: toolEnvironment(),
  });
  if (code !== 0) {
    throw new Failure(diagnoseInstall({ output, missing: missingTools(), pnpm: `npx -y ${pnpm}` }), output);
  }
  writeFileSync(stamp, wanted);
}

/** Folders of the workspace, relative to the root, the root first: every folder with a package.json. */
function workspaceManifests() {
  const folders = ['.'];
  for (const parent of ['packages', 'apps', 'examples']) {
    if (!existsSync(inRoot(parent))) continue;
    for (const name of readdirSync(inRoot(parent)).sort()) folders.push(join(parent, name));
  }
  return folders.map((folder) => join(folder, 'package.json')).filter((path) => existsSync(inRoot(path)));
}

/** Changes when a manifest, the lock file, the platform or the binary interface of Node changes. */
function fingerprint(manifests) {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch} ${process.versions.modules}`);
  for (const path of [...manifests, 'pnpm-lock.yaml', 'pnpm-workspace.yaml']) {
    hash.update(path).update(readIfThere(inRoot(path)));
  }
  return hash.digest('hex');
}

/** Whether a package that has dependencies has its node_modules. */
function isLinked(manifest) {
  const { dependencies = {}, devDependencies = {} } = readJson(manifest);
  const needsAny = Object.keys(dependencies).length + Object.keys(devDependencies).length > 0;
  return !needsAny || existsSync(inRoot(dirname(manifest), 'node_modules'));
}

/** What a C++ addon needs and this machine lacks. */
function missingTools() {
  const answers = (command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
  const needed = [
    ['python3', ['python3', 'python']],
    ['make', ['make', 'gmake']],
    ['a C++ compiler (g++ or clang++)', [process.env.CXX, 'g++', 'clang++', 'c++']],
  ];
  if (process.platform === 'win32') return [];
  return needed
    .filter(([, commands]) => !commands.some((command) => command && answers(command)))
    .map(([name]) => name);
}

function readIfThere(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

// Packs every package and uses the tarballs as a user would: npm in an empty folder, a ten-line script, a real call
// over HTTP to the simulator. First without native code, then again with the SQLite ledger (npm compiles it: a minute).
import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildExamples } from './packed/build-examples.mjs';
import { runQuietly } from './setup/child.mjs';
import { toolEnvironment } from './setup/environment.mjs';
import { Failure } from './setup/failure.mjs';
import { inRoot, readJson, tools } from './setup/root.mjs';
import { startBuiltSimulator } from './setup/simulator.mjs';

const work = mkdtempSync(join(tmpdir(), 'vibe-packed-'));
const consumer = join(work, 'consumer');

try {
  mkdirSync(consumer);
  const tarballs = await packAll();
  const simulator = await startBuiltSimulator();
  try {
    await checkCall(tarballs, simulator.url);
    await checkLedgerCall(tarballs, simulator.url);
    await checkPlugins(tarballs, simulator.url);
  } finally {
    await simulator.close();
  }
} catch (error) {
  if (error instanceof Failure && error.output) process.stderr.write(`${error.output.trimEnd()}\n\n`);
  console.error(`packed packages: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** Packs each public package. Resolves with the tarballs by package name. */
async function packAll() {
  const tarballs = {};
  for (const folder of readdirSync(inRoot('packages')).sort()) {
    const manifest = readJson('packages', folder, 'package.json');
    if (manifest.private) continue;
    const cwd = inRoot('packages', folder);
    await mustRun(
      `pnpm pack in packages/${folder}`,
      process.execPath,
      [tools.pnpm, 'pack', '--pack-destination', work],
      cwd,
    );
    const file = join(work, `${manifest.name.slice(1).replace('/', '-')}-${manifest.version}.tgz`);
    tarballs[manifest.name] = file;
    await checkTarball(manifest.name, file);
  }
  console.log(`packed packages: ${Object.keys(tarballs).length} tarballs, built, licensed, no workspace: range`);
  return tarballs;
}

/** A tarball holds a manifest that npm understands, the licences and everything the manifest points to. */
async function checkTarball(name, file) {
  const folder = join(work, 'unpacked', name);
  mkdirSync(folder, { recursive: true });
  await mustRun(`tar of ${name}`, 'tar', ['-xzf', file, '-C', folder], work);
  const inside = join(folder, 'package');
  const text = readFileSync(join(inside, 'package.json'), 'utf8');
  assert.ok(!text.includes('workspace:'), `${name}: the packed package.json still has a workspace: range`);
  assert.ok(existsSync(join(inside, 'LICENSE')), `${name}: the tarball has no LICENSE`);
  const { exports, bin = {} } = JSON.parse(text);
  const targets = Object.values(exports).flatMap((entry) =>
    typeof entry === 'string' ? [entry] : Object.values(entry),
  );
  for (const target of [...targets, ...Object.values(bin)]) {
    assert.ok(existsSync(join(inside, target)), `${name}: the tarball lacks ${target}`);
  }
  checkContents(name, join(inside, 'dist'));
}

/** Whose code is in a bundle has its licence beside it, and no type is lost in a declaration. */
function checkContents(name, dist) {
  const notices = join(dist, 'third-party-notices.txt');
  const licensed = existsSync(notices) ? readFileSync(notices, 'utf8') : '';
  for (const file of readdirSync(dist)) {
    const text = readFileSync(join(dist, file), 'utf8');
    if (file.endsWith('.map')) {
      for (const source of JSON.parse(text).sources) {
        const other = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source)?.[1];
        assert.ok(!other || licensed.split('\n').includes(other), `${name}: ${other} is bundled without its licence`);
      }
    }
    if (file.endsWith('.d.ts')) assert.doesNotMatch(text, /^[^*/]*[:<|&] ?any\b/m, `${name}: ${file} has a type "any"`);
  }
}

/** What `npm i @vibe/core @vibe/provider-qwen` gives: a call with the ledger in memory and no native code. */
async function checkCall(tarballs, url) {
  const names = ['@vibe/core', '@vibe/provider-kit', '@vibe/provider-qwen'];
  await npmInstall(names.map((name) => tarballs[name]));
  assert.deepEqual(
    nativeFiles(join(consumer, 'node_modules')),
    [],
    'an install without the SQLite ledger built native code',
  );
  const answer = await call(url, { plugins: '' });
  assert.equal(answer.ledgerRows, null);
  console.log(`packed packages: a call with ${names.join(', ')}: ${answer.text.length} characters, no native code`);
}

/** The same call with the durable ledger: one row in the file. */
async function checkLedgerCall(tarballs, url) {
  await npmInstall([tarballs['@vibe/ledger-sqlite']]);
  const answer = await call(url, { plugins: ", sqliteLedger({ path: 'packed.db' })" });
  assert.equal(answer.ledgerRows, 1, 'the call left no row in the ledger file');
  console.log(
    `packed packages: a call with @vibe/ledger-sqlite: ${answer.text.length} characters, one row in the ledger`,
  );
}

/** A plugin of each kind, built on the tarballs as a package of its own, changes what becomes of a call. */
async function checkPlugins(tarballs, url) {
  await npmInstall([tarballs['@vibe/config'], tarballs['@vibe/pricing-registry']]);
  await npmInstall(await buildExamples(consumer, mustRun));
  copyFileSync(inRoot('scripts', 'packed', 'plugin-outcomes.mjs'), join(consumer, 'plugin-outcomes.mjs'));
  const keys = { DASHSCOPE_API_KEY: 'simulated', ACME_API_KEY: 'simulated' };
  const env = { ...process.env, ...keys, XDG_CONFIG_HOME: join(consumer, 'nobody') };
  const output = await mustRun(
    'the plugins of the examples',
    process.execPath,
    ['plugin-outcomes.mjs', url],
    consumer,
    env,
  );
  const { kinds } = JSON.parse(output.trim().split('\n').at(-1));
  assert.equal(new Set(kinds).size, 7, `only ${kinds} were tried`);
  console.log(
    `packed packages: plugins from packages of their own change a call, in code and from a file: ${kinds.join(', ')}`,
  );
}

async function npmInstall(files) {
  const cli = ['-y', '--no-audit', '--no-fund', '--no-update-notifier'];
  if (!existsSync(join(consumer, 'package.json'))) {
    writeFileSync(join(consumer, 'package.json'), '{ "name": "consumer", "private": true, "type": "module" }\n');
  }
  await mustRun('npm install of the tarballs', 'npm', ['install', ...cli, ...files], consumer);
}

/** Runs the ten lines a new user writes; `plugins` is put behind the provider. */
async function call(url, { plugins }) {
  const withLedger = plugins !== '';
  const script = `
import { createVibe } from '@vibe/core';
import { qwen } from '@vibe/provider-qwen';
${withLedger ? "import { sqliteLedger } from '@vibe/ledger-sqlite';\nimport Database from 'better-sqlite3';" : ''}
const vibe = createVibe({ plugins: [qwen({ baseUrl: '${url}/compatible-mode/v1' })${plugins}] });
const { text, status, finishReason } = await vibe.generate({ model: 'qwen-plus', prompt: 'Why is the sky blue?' });
await vibe.close();
const ledgerRows = ${withLedger ? "new Database('packed.db', { readonly: true }).prepare('SELECT count(*) AS n FROM attempt').get().n" : 'null'};
console.log(JSON.stringify({ text, status, finishReason, ledgerRows }));
`;
  writeFileSync(join(consumer, 'call.mjs'), script);
  const env = { ...process.env, DASHSCOPE_API_KEY: 'simulated' };
  const output = await mustRun('the call with the packed packages', process.execPath, ['call.mjs'], consumer, env);
  const answer = JSON.parse(output.trim().split('\n').at(-1));
  assert.equal(answer.status, 'ok');
  assert.equal(answer.finishReason, 'stop');
  assert.ok(answer.text.length > 0, 'the answer is empty');
  return answer;
}

function nativeFiles(folder) {
  const paths = readdirSync(folder, { recursive: true });
  return paths.filter(
    (path) => path.endsWith('.node') || path.endsWith('binding.gyp') || path.includes('better-sqlite3'),
  );
}

async function mustRun(what, command, args, cwd, env = toolEnvironment()) {
  const { code, output } = await runQuietly(command, args, { cwd, env });
  if (code !== 0) throw new Failure(`${what} failed (code ${code}; its output is above).`, output);
  return output;
}

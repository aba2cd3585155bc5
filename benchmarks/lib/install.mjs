import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { inBenchmarks } from './from-package.mjs';

/** Installs what Vibe is compared with, the first time. */
export function installPeers() {
  if (existsSync(inBenchmarks('node_modules'))) return;
  console.error('The packages to compare with are not there yet: installing them into benchmarks/node_modules.');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: inBenchmarks('.'),
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error('npm ci in benchmarks/ failed. `--peers none` measures without these packages.');
}

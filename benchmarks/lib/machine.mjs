import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, platform, totalmem } from 'node:os';
import { inBenchmarks, packageVersion, versionIn } from './from-package.mjs';

/** What the numbers belong to: machine, date, versions. `text` says it in Markdown. */
export function describeMachine({ pinned, quick, peers }) {
  const date = new Date().toISOString().slice(0, 10);
  const machine = {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: platform(),
    disk: 'unknown',
    pinned,
  };
  const versions = {
    node: process.versions.node,
    vibe: `${packageVersion('core')} (${commit()})`,
    undici: versionIn('provider-kit', 'undici'),
    'better-sqlite3': versionIn('ledger-sqlite', 'better-sqlite3'),
    ...(peers.length > 0 && peerVersions()),
  };
  const cores = pinned ? 'server and client on a core each' : 'server and client not pinned to cores (no taskset)';
  const text = [
    `${date}${quick ? ', quick run' : ''}. ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.system}, disk unknown; ${cores}.`,
    `${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}.`,
  ].join('\n');
  return { date, quick, machine, versions, text };
}

function peerVersions() {
  const { dependencies } = JSON.parse(readFileSync(inBenchmarks('package.json'), 'utf8'));
  return dependencies;
}

function commit() {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: inBenchmarks('.'), encoding: 'utf8' }).trim();
  } catch {
    return 'no commit';
  }
}

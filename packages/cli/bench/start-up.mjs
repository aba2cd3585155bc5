// How long `llm` takes to start, as a multiple of a bare `node -e 0` measured back to back: the machine's mood falls out.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../dist/bin.js', import.meta.url));
const rounds = Number(process.env.ROUNDS ?? 15);
const target = 2.5;

const home = mkdtempSync(join(tmpdir(), 'vibe-start-up-'));
const project = join(home, 'project');
mkdirSync(project);
writeFileSync(
  join(project, 'vibe.config.yaml'),
  'budgets:\n  - { window: day, limitUsd: 5 }\n  - { window: month, limitUsd: 100 }\nmode: strict_budget\n',
);

try {
  // A ledger with a few calls in it.
  for (let call = 0; call < 3; call++) run(['g', 'hello', '--simulate', '-q']);
  const ledger = ['--ledger', join(home, 'vibe', 'simulated.db')];
  const rows = [
    ['llm --version', ['--version'], home],
    ['llm budget today', ['budget', 'today', ...ledger], home],
    ['llm budget today, with a config file', ['budget', 'today', ...ledger], project],
  ].map(([name, args, cwd]) => ({ name, ...measure(args, cwd) }));
  console.log(`| command | node -e 0 | command | ratio | target |\n|---|---|---|---|---|`);
  for (const { name, bareMs, ms, ratio } of rows)
    console.log(`| \`${name}\` | ${bareMs.toFixed(0)} ms | ${ms.toFixed(0)} ms | ${ratio.toFixed(2)} | ≤ ${target} |`);
} finally {
  rmSync(home, { recursive: true, force: true });
}

/** Pairs back to back; the median of their ratios. */
function measure(args, cwd) {
  run(args, cwd);
  const pairs = Array.from({ length: rounds }, () => {
    const bareMs = timed(() => spawnSync(process.execPath, ['-e', '0']));
    const ms = timed(() => run(args, cwd));
    return { bareMs, ms, ratio: ms / bareMs };
  });
  const median = (pick) => pairs.map(pick).sort((left, right) => left - right)[Math.floor(pairs.length / 2)];
  return { bareMs: median((pair) => pair.bareMs), ms: median((pair) => pair.ms), ratio: median((pair) => pair.ratio) };
}

function timed(act) {
  const startMs = performance.now();
  act();
  return performance.now() - startMs;
}

function run(args, cwd = home) {
  const env = { PATH: process.env.PATH, HOME: home, XDG_STATE_HOME: home, XDG_CONFIG_HOME: join(home, 'config') };
  const { status, stderr } = spawnSync(process.execPath, [bin, ...args], { cwd, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`llm ${args.join(' ')} ended with ${status}: ${stderr}`);
}

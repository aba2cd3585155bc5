import { spawnSync } from 'node:child_process';
import { builtUrl, inBenchmarks } from '../lib/from-package.mjs';
import { nodeOn } from '../lib/processes.mjs';
import { atMost, rounded, row } from '../lib/row.mjs';
import { median } from '../lib/statistics.mjs';

const modules = {
  bare: [],
  vibe: [builtUrl('core'), builtUrl('provider-qwen')],
  'vibe-gemini': [builtUrl('core'), builtUrl('provider-gemini')],
  openai: ['openai'],
  'ai-sdk': ['ai', '@ai-sdk/openai-compatible'],
  langchain: ['@langchain/openai'],
};

/** Fresh processes that import and end, one kind after the other; a bare Node is subtracted. */
export async function imports(run) {
  const peers = run.peers.filter((name) => Object.hasOwn(modules, name));
  const names = ['bare', 'vibe', 'vibe-gemini', ...peers];
  const times = Object.fromEntries(names.map((name) => [name, []]));
  for (const name of names) timeOf(name);
  for (let round = 0; round < (run.quick ? 11 : 31); round++) for (const name of names) times[name].push(timeOf(name));
  const added = (name) => median(times[name].map((ms, round) => ms - times.bare[round]));
  const others = ['vibe-gemini', ...peers].map(
    (name) => `${titles[name] ?? run.titleOf(name)} ${rounded(added(name))}`,
  );
  return [
    row('import of core and one provider (qwen)', added('vibe'), atMost(60, 'ms'), {
      note: `a bare Node ${rounded(median(times.bare))} ms`,
      comparison: others.join(', '),
      details: times,
    }),
  ];
}

const titles = { 'vibe-gemini': 'with gemini instead' };

function timeOf(name) {
  const source = modules[name].map((specifier) => `import ${JSON.stringify(specifier)};`).join('');
  const { command, args } = nodeOn('client', ['--input-type=module', '-e', source]);
  const fromMs = performance.now();
  const { status } = spawnSync(command, args, { cwd: inBenchmarks('.'), stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error(`The import of ${modules[name]} failed.`);
  return performance.now() - fromMs;
}

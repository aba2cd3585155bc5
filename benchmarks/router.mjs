// Proves that routing pays: scenarios in virtual time, through the real router, ledger, breaker and limiter.
//   npm run bench:router [-- --seed 1 --seed 2 --scenario FILE --ledger sqlite --docs --json FILE --from FILE]
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { writeDocs } from './lib/docs.mjs';
import { inBenchmarks } from './lib/from-package.mjs';
import { chart, regret } from './router/chart.mjs';
import { byCost, inHindsight } from './router/judge.mjs';
import { planningMicroseconds } from './router/planning.mjs';
import { fixedTo, policies } from './router/policies.mjs';
import { reportOf } from './router/report.mjs';
import { runPolicy } from './router/run.mjs';
import { readScenario, startMs } from './router/scenario.mjs';
import { verdicts } from './router/verdicts.mjs';

const folder = inBenchmarks('router/scenarios');
const { values } = parseArgs({
  options: {
    seed: { type: 'string', multiple: true, default: ['1', '2', '3'] },
    scenario: { type: 'string', multiple: true, default: readdirSync(folder).map((name) => `${folder}/${name}`) },
    ledger: { type: 'string', default: 'memory' },
    docs: { type: 'boolean', default: false },
    // What runs of single scenarios have written with --json, to be put together instead of measuring.
    from: { type: 'string', multiple: true, default: [] },
    json: { type: 'string', default: inBenchmarks('results/router.json') },
  },
});
if (!['memory', 'sqlite'].includes(values.ledger)) throw new Error('--ledger is memory or sqlite.');

const results = values.from.length > 0 ? together(values.from) : await measuredAll();
const planning = await planningMicroseconds();
const text = reportOf(results, planning, values.ledger);
console.log(text);
if (values.docs) writeDocs(text, 'router');
mkdirSync(dirname(values.json), { recursive: true });
writeFileSync(
  values.json,
  `${JSON.stringify({ planning, results: results.map(({ lines: _, ...result }) => result) }, null, 2)}\n`,
);

async function measuredAll() {
  const results = [];
  for (const path of values.scenario) {
    const scenario = readScenario(path);
    for (const seed of values.seed.map(Number)) results.push(await measured(scenario, seed));
  }
  return results;
}

function together(paths) {
  return paths.flatMap((path) => JSON.parse(readFileSync(path, 'utf8')).results);
}

async function measured(scenario, seed) {
  const runs = {};
  for (const [name, policy] of Object.entries(policies(seed))) runs[name] = await told(scenario, seed, name, policy);
  const fixed = new Map();
  for (const candidate of scenario.candidates)
    fixed.set(candidate.name, await told(scenario, seed, candidate.name, fixedTo(candidate)));
  const best = inHindsight(scenario, fixed, runs.cheap, ({ phase, minTier }) => `${phase} ${minTier}`, byCost);
  const lines = Object.fromEntries(
    ['cheap', 'estimates only', 'round robin'].map((name) => [name, regret(runs[name], best, startMs)]),
  );
  if (values.docs && seed === Number(values.seed[0])) {
    const path = inBenchmarks(`../docs/images/regret-${scenario.name}.svg`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(
      path,
      chart(
        `Regret of the bill: ${scenario.name}`,
        'US dollars above the best choice of each phase, known afterwards',
        lines,
        scenario.phases,
      ),
    );
  }
  return { scenario: scenario.name, about: scenario.about, seed, ...verdicts(scenario, runs, fixed), lines };
}

async function told(scenario, seed, name, policy) {
  const startedAt = performance.now();
  const calls = await runPolicy(scenario, seed, policy, values.ledger);
  console.error(`${scenario.name}, seed ${seed}, ${name}: ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
  return calls;
}

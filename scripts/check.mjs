import { runQuietly } from './setup/child.mjs';
import { toolEnvironment } from './setup/environment.mjs';
import { inRoot, tools } from './setup/root.mjs';

const turbo = (task) => [tools.turbo, 'run', task, '--output-logs=errors-only', '--continue'];

/** `remedy`: the next step when it fails. `talks`: its output is worth reading when it passes, too. */
const steps = [
  {
    name: 'format and lint',
    run: [tools.biome, 'check', '--max-diagnostics=100', '.'],
    remedy: '`npm run fix` mends what can be mended',
  },
  {
    name: 'layers',
    run: [inRoot('scripts', 'check-layers.mjs')],
    talks: true,
    remedy: 'the rules are in CONTRIBUTING.md',
  },
  { name: 'types', run: turbo('typecheck'), remedy: 'mend the types' },
  { name: 'unused code', run: [tools.knip, '--no-progress'], remedy: 'remove what nobody uses' },
  { name: 'package exports', run: turbo('exports'), remedy: 'mend the package.json named above' },
  {
    name: 'changesets',
    run: [inRoot('scripts', 'changeset-status.mjs')],
    talks: true,
    remedy: '`npm run changeset` adds one',
  },
];

/** Runs every check, also after one failed, and says at the end what to do. Resolves with the exit code. */
export async function checkAll() {
  const failed = [];
  for (const step of steps) {
    const startedMs = performance.now();
    const { code, output } = await runQuietly(process.execPath, step.run, { env: toolEnvironment() });
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    if (code !== 0 || step.talks) process.stdout.write(output);
    console.log(`check: ${step.name} ${code === 0 ? 'ok' : 'FAILED'} (${seconds} s)`);
    if (code !== 0) failed.push(step);
  }
  if (failed.length === 0) return 0;
  const what = failed.map((step) => `${step.name} (${step.remedy})`).join(', ');
  console.error(`\nThe check failed: ${what}. The details are above.`);
  return 1;
}

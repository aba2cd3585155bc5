import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { inFolder, median, row } from './open.mjs';

const program = fileURLToPath(new URL('../test/hold-worker.mjs', import.meta.url));
const callsInAll = 40_000;

/** Starts `count` processes, lets them go together, and returns what each said at its end. */
async function race(path, count) {
  const children = Array.from({ length: count }, () => {
    const args = [program, path, callsInAll / count, 1000 / count, 'hold'].map(String);
    const child = spawn(process.execPath, args, { env: { ...process.env, LIMIT: String(5_000_000e9) } });
    let output = '';
    let errors = '';
    const ready = new Promise((resolve) => {
      child.stdout.on('data', (chunk) => {
        output += chunk;
        if (output.includes('ready')) resolve();
      });
    });
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    const ended = new Promise((resolve) => child.once('close', () => resolve({ output, errors })));
    return { child, ready, ended };
  });
  await Promise.all(children.map(({ ready }) => ready));
  for (const { child } of children) child.stdin.write('go\n');
  const ends = await Promise.all(children.map(({ ended }) => ended));
  return ends.map(({ output, errors }) => {
    const done = /done (\{.*\})/.exec(output);
    if (errors !== '' || done === null) throw new Error(`a process failed: ${errors}`);
    return JSON.parse(done[1]);
  });
}

/** Holds per second of several processes on one file against one process, paired. A lock error fails the run. */
export const processes = (pairs) =>
  inFolder(async (path) => {
    const ratios = [];
    const fairness = [];
    for (let pair = 0; pair < pairs; pair++) {
      const [alone] = await race(path(`one-${pair}`), 1);
      const four = await race(path(`four-${pair}`), 4);
      const times = four.map(({ ms }) => ms);
      ratios.push(alone.ms / Math.max(...times));
      fairness.push(Math.min(...times) / Math.max(...times));
    }
    return [
      row('4 processes × 250 / 1 process × 1000, holds per second', median(ratios), { atLeast: 0.5 }),
      row('slowest / fastest of the 4 processes', median(fairness), { atLeast: 0.5 }),
    ];
  });

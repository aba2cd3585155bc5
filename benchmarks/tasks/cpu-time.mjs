import { readFileSync } from 'node:fs';

/** CPU time so far in µs: of the whole process, and of its main thread alone (NaN where the system does not tell). */
export function cpuTime() {
  const { user, system } = process.cpuUsage();
  return { all: user + system, main: mainThread() };
}

function mainThread() {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1000;
  } catch {
    return Number.NaN;
  }
}

/** CPU and time that `work` takes. */
export async function measured(work) {
  const before = cpuTime();
  const startedAt = performance.now();
  await work();
  const after = cpuTime();
  return { ms: performance.now() - startedAt, cpuUs: after.all - before.all, mainUs: after.main - before.main };
}

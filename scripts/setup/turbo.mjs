import { runQuietly } from './child.mjs';
import { diagnoseTask } from './diagnose.mjs';
import { toolEnvironment } from './environment.mjs';
import { Failure } from './failure.mjs';
import { tools } from './root.mjs';

/** Runs a turbo task in all packages, quiet when it succeeds. What has not changed comes from turbo's cache. */
export async function runTask(task) {
  const { code, output } = await runQuietly(process.execPath, [tools.turbo, 'run', task, '--output-logs=errors-only'], {
    env: toolEnvironment(),
  });
  if (code !== 0) throw new Failure(diagnoseTask(task, output), output);
}

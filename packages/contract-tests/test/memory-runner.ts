import { describeThrown } from '../src/expect.js';
import type { TestRunner } from '../src/index.js';

interface Registered {
  /** Names of the groups it is in, outermost first, then its own. */
  readonly path: readonly string[];
  readonly body: () => void | Promise<void>;
}

/** A test that did not pass. */
export interface Failed {
  /** The suite's theme, such as `protocol`. */
  readonly theme: string;
  readonly name: string;
  readonly why: string;
}

/**
 * Runs a suite in memory and returns what failed: how the suites are tested themselves. A mutant may hang: a test that
 * has not ended after `maxTestMs` has failed.
 */
export async function failuresOf(
  register: (runner: TestRunner) => void | Promise<void>,
  maxTestMs = 10_000,
): Promise<readonly Failed[]> {
  const tests: Registered[] = [];
  const groups: string[] = [];
  await register({
    describe(name, body) {
      groups.push(name);
      body();
      groups.pop();
    },
    it: (name, body) => void tests.push({ path: [...groups, name], body }),
  });
  if (tests.length === 0) throw new Error('the suite registered no test');
  const failed: Failed[] = [];
  for (const { path, body } of tests) {
    const why = await failureOf(body, maxTestMs);
    if (why !== null) failed.push({ theme: path[1] ?? '', name: path.at(-1) ?? '', why });
  }
  return failed;
}

async function failureOf(body: Registered['body'], maxTestMs: number): Promise<string | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the test hangs')), maxTestMs);
  });
  try {
    await Promise.race([Promise.resolve().then(body), late]);
    return null;
  } catch (error) {
    return describeThrown(error);
  } finally {
    clearTimeout(timer);
  }
}

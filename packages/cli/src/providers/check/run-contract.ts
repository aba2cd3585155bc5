import { type ProviderSubject, providerContract } from '@vibe/contract-tests';

/** One test of the contract suite, and how it ended. */
export interface ContractResult {
  /** The suite's theme, such as `protocol`. */
  readonly theme: string;
  readonly name: string;
  /** Why it failed; null: passed. */
  readonly why: string | null;
}

interface Registered {
  readonly path: readonly string[];
  readonly body: () => void | Promise<void>;
}

/** Runs the contract suite in this process, one test after the other. Stops with the signal's reason. */
export async function runContract(
  name: string,
  setup: () => Promise<ProviderSubject>,
  signal: AbortSignal,
): Promise<readonly ContractResult[]> {
  const tests: Registered[] = [];
  const groups: string[] = [];
  const runner = {
    describe(group: string, body: () => void) {
      groups.push(group);
      body();
      groups.pop();
    },
    it: (test: string, body: Registered['body']) => void tests.push({ path: [...groups, test], body }),
  };
  await providerContract(runner, { name, setup });
  const results: ContractResult[] = [];
  for (const { path, body } of tests) {
    signal.throwIfAborted();
    results.push({ theme: path[1] ?? '', name: path.at(-1) ?? '', why: await failureOf(body) });
  }
  return results;
}

async function failureOf(body: Registered['body']): Promise<string | null> {
  try {
    await body();
    return null;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}

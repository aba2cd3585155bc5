import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openLedgerFile } from '@vibe/ledger-sqlite/file';
import { startSimulator } from '@vibe/simulator';
import { expect, it } from 'vitest';

const run = promisify(execFile);

/** As in a bundle that cannot answer what undici asks for. */
const withoutUndici = `
import { register } from 'node:module';
register('data:text/javascript,' + encodeURIComponent(\`
  export async function resolve(specifier, context, next) {
    if (specifier === 'undici') throw new Error('Dynamic require of "node:assert" is not supported');
    return next(specifier, context);
  }
\`));
`;

const program = `
import { createVibe } from '@vibe/core';
import { sqliteLedger } from '@vibe/ledger-sqlite';
import { pricingRegistry } from '@vibe/pricing-registry';
import { qwen } from '@vibe/provider-qwen';

const [baseUrl, path] = process.argv.slice(1);
const plugins = [qwen({ apiKey: 'any', baseUrl }), sqliteLedger({ path }), pricingRegistry()];
const vibe = createVibe({ plugins, mode: 'strict_budget', budgets: [{ window: 'day', limitUsd: 1 }] });
const error = await vibe.generate({ model: 'qwen-plus', prompt: 'Hello' }).catch((thrown) => thrown);
await vibe.close();
console.log(JSON.stringify({ code: error.code, message: error.message, next: error.next, cost: error.cost.actualNanoUsd }));
`;

it('a transport that cannot be loaded is a wrong set-up that costs nothing, and says what to do', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vibe-transport-'));
  const simulator = await startSimulator();
  try {
    const path = join(folder, 'ledger.db');
    const hooks = `data:text/javascript,${encodeURIComponent(withoutUndici)}`;
    const args = ['--import', hooks, '--input-type=module', '--eval', program, simulator.baseUrls.qwen, path];
    const { stdout } = await run(process.execPath, args, { cwd: fileURLToPath(new URL('..', import.meta.url)) });
    expect(JSON.parse(stdout)).toEqual({
      code: 'config',
      message: expect.stringMatching(/^undici cannot be loaded, so nothing was sent to qwen@cn: Dynamic require/),
      next: [expect.stringContaining('keep the package undici external')],
      cost: 0,
    });
    expect(simulator.stats().attempts.total).toBe(0);
    const file = openLedgerFile({ path });
    expect([...file.attempts()]).toMatchObject([{ status: 'failed', errorCode: 'config', actualNanoUsd: 0 }]);
    file.close();
  } finally {
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

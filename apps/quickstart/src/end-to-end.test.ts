import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createVibe, memoryLedger, type Vibe, VibeError, type VibeOptions } from '@vibe/core';
import { sqliteLedger } from '@vibe/ledger-sqlite';
import { pricingRegistry } from '@vibe/pricing-registry';
import { gemini } from '@vibe/provider-gemini';
import { qwen } from '@vibe/provider-qwen';
import { type Simulator, startSimulator } from '@vibe/simulator';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

// The whole path as a user meets it: built packages, real HTTP, a real SQLite file.

const key = 'sk-a-key-that-must-never-be-shown';
let simulator: Simulator;
let folder: string;
const open: Vibe[] = [];

beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());
beforeEach(() => {
  simulator.reset();
  folder = mkdtempSync(join(tmpdir(), 'vibe-e2e-'));
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((vibe) => vibe.close()));
  rmSync(folder, { recursive: true, force: true });
});

function client(options: Partial<VibeOptions> = {}, ledgerPath = join(folder, 'vibe.db')): Vibe {
  const plugins = [
    qwen({ apiKey: key, baseUrl: simulator.baseUrls.qwen }),
    gemini({ apiKey: key, baseUrl: simulator.baseUrls.gemini }),
    sqliteLedger({ path: ledgerPath }),
    pricingRegistry(),
  ];
  const vibe = createVibe({ budgets: [{ window: 'day', limitUsd: 5 }], ...options, plugins });
  open.push(vibe);
  return vibe;
}

async function failure(promise: Promise<unknown>): Promise<VibeError> {
  const error: unknown = await promise.catch((thrown: unknown) => thrown);
  if (!VibeError.is(error)) throw new Error(`expected a VibeError, got ${String(error)}`);
  return error;
}

/** Runs a program as a user's: built packages, found from this folder. */
async function run(script: string): Promise<{ code: number | null; output: string }> {
  const cwd = fileURLToPath(new URL('.', import.meta.url));
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, output };
}

describe.each(['qwen-plus', 'gemini-3.6-flash'])('%s', (model) => {
  it('answers, settles and reports, streamed and whole', async () => {
    const vibe = client({ mode: 'strict_budget' });
    const whole = await vibe.generate({ model, prompt: 'Why is the sky blue?', system: 'Be brief.' });
    const stream = vibe.stream({ model, prompt: 'Why is the sky blue?', system: 'Be brief.' });
    let text = '';
    for await (const piece of stream.text) text += piece;
    const streamed = await stream.final();
    expect(text).toBe(whole.text);
    expect(streamed.usage).toEqual(whole.usage);
    expect(streamed.cost.lines).toEqual(whole.cost.lines);
    expect(whole.cost.actualNanoUsd).toBeGreaterThan(0);
    const report = await vibe.report();
    expect(report.totals).toMatchObject({ calls: 2, ok: 2, costNanoUsd: 2 * (whole.cost.actualNanoUsd ?? 0) });
    expect((await vibe.budgets())[0]).toMatchObject({ spentNanoUsd: report.totals.costNanoUsd, heldNanoUsd: 0 });
  });

  it('closes the upstream connection on break and settles the metered cost, once', async () => {
    const vibe = client({ mode: 'strict_budget' });
    const stream = vibe.stream({ model, prompt: 'tokens: 5000' });
    for await (const event of stream) if (event.type === 'delta') break;
    await simulator.waitFor(({ streams }) => streams.running === 0);
    expect(simulator.stats().streams).toMatchObject({ total: 1, aborted: 1 });
    const { status, cost } = await stream.final();
    expect(status).toBe('cancelled');
    expect((await vibe.report()).totals).toMatchObject({ cancelled: 1, attempts: 1, costNanoUsd: cost.actualNanoUsd });
    expect((await vibe.budgets())[0]).toMatchObject({ spentNanoUsd: cost.actualNanoUsd, heldNanoUsd: 0 });
  });

  it('takes 429, 503 and a reset, and answers in the end', async () => {
    for (const fault of [{ kind: 'status', status: 429 }, { kind: 'status', status: 503 }, { kind: 'reset' }] as const)
      simulator.script({ fault, times: 1 });
    const response = await client().generate({ model, prompt: 'Hi' });
    expect(response.attempts.map(({ errorCode }) => errorCode)).toEqual([
      'provider_rate_limited',
      'provider_unavailable',
      'provider_unavailable',
      null,
    ]);
    expect(simulator.stats().attempts.total).toBe(4);
  });

  it('never takes a truncated stream for an answer', async () => {
    simulator.script({ fault: { kind: 'truncate', afterDeltas: 2 } });
    const stream = client().stream({ model, prompt: 'tokens: 200' });
    expect((await failure(stream.final())).code).toBe('stream_truncated');
    expect(simulator.stats().attempts.total).toBe(1);
  });

  it('names the variable of a wrong key and never shows the key', async () => {
    const wrong = 'sk-wrong-1234567890abcdef';
    const plugins = [
      qwen({ apiKey: wrong, baseUrl: simulator.baseUrls.qwen }),
      gemini({ apiKey: wrong, baseUrl: simulator.baseUrls.gemini }),
    ];
    const error = await failure(createVibe({ plugins }).generate({ model, prompt: 'Hi' }));
    expect(error.code).toBe('auth');
    expect([error.message, ...error.next].join(' ')).toMatch(/DASHSCOPE_API_KEY|GEMINI_API_KEY/);
    expect(JSON.stringify(error) + error.stack).not.toContain(wrong);
    expect(simulator.stats().attempts.total).toBe(1);
  });

  it('passes a megabyte, NUL bytes and unpaired surrogates through or refuses them clearly', async () => {
    const vibe = client();
    expect((await vibe.generate({ model, prompt: 'a\0b\ud800c' })).status).toBe('ok');
    expect((await vibe.generate({ model, prompt: 'word '.repeat(200_000) })).status).toBe('ok');
  });
});

describe('money', () => {
  it('admits at most what fits into a strict budget, of 1,000 concurrent calls', async () => {
    simulator.script({ fault: { kind: 'slow', delayMs: 50 } });
    const request = { model: 'qwen-plus', prompt: 'echo: hi', maxOutputTokens: 1_000 };
    const limitUsd = ((await client().estimate(request)).worstCaseUsd ?? 0) * 100;
    const vibe = client({ mode: 'strict_budget', budgets: [{ window: 'day', limitUsd }] }, join(folder, 'strict.db'));
    let held = 0;
    let mostHeld = 0;
    vibe.on('hold', () => {
      held++;
      mostHeld = Math.max(mostHeld, held);
    });
    vibe.on('settle', () => held--);
    const outcomes = await Promise.all(
      Array.from({ length: 1_000 }, () =>
        vibe.generate(request).then(
          () => 'ok',
          ({ code }: VibeError) => code,
        ),
      ),
    );
    expect(new Set(outcomes)).toEqual(new Set(['ok', 'budget_exceeded']));
    expect(mostHeld).toBeLessThanOrEqual(100);
    const [state] = await vibe.budgets();
    expect(state?.heldNanoUsd).toBe(0);
    expect(state?.spentNanoUsd).toBeLessThanOrEqual(state?.limitNanoUsd ?? 0);
    expect(simulator.stats().attempts.total).toBe(outcomes.filter((code) => code === 'ok').length);
  });

  it.each(['best_effort', 'strict_budget'] as const)(
    'refuses what does not fit in %s and sends nothing',
    async (mode) => {
      const vibe = client({ mode, budgets: [{ window: 'day', limitUsd: 0.000001 }] });
      expect((await failure(vibe.generate({ model: 'qwen-plus', prompt: 'Hi' }))).code).toBe('budget_exceeded');
      expect(simulator.stats().attempts.total).toBe(0);
      expect((await vibe.report()).totals.blocked).toBe(1);
    },
  );

  it('leaves one row when a wait for a rate limit is aborted, and sends nothing more', async () => {
    const vibe = client({ limits: { '*': { rpm: 1 } } });
    await vibe.generate({ model: 'qwen-plus', prompt: 'Hi' });
    const controller = new AbortController();
    vibe.on('wait', () => controller.abort());
    const error = await failure(
      vibe.generate({
        model: 'qwen-plus',
        prompt: 'Hi',
        maxWaitMs: 120_000,
        retry: { budgetMs: 120_000 },
        signal: controller.signal,
      }),
    );
    expect(error.code).toBe('cancelled');
    expect(simulator.stats().attempts.total).toBe(1);
    expect((await vibe.report()).totals).toMatchObject({ calls: 2, ok: 1, cancelled: 1 });
    expect((await vibe.budgets())[0]?.heldNanoUsd).toBe(0);
  });

  it('refuses a second ledger and names both', () => {
    const plugins = [sqliteLedger({ path: join(folder, 'a.db') }), memoryLedger()];
    expect(() => createVibe({ plugins })).toThrow(/one ledger, but both @vibe\/ledger-sqlite and plugins\[1\]/);
  });
});

describe('a ledger file that cannot be used', () => {
  it.each([
    ['is not a database', () => writeFileSync(join(folder, 'vibe.db'), 'not a database at all, just text'.repeat(200))],
    ['is a folder', () => mkdirSync(join(folder, 'vibe.db'))],
    ['lies in a folder that cannot be made', () => writeFileSync(join(folder, 'vibe.db'), '')],
    // Nobody can write there, not even root.
    ['lies in a folder that cannot be written', () => undefined],
  ])('is a clear error in strict mode when it %s, and nothing is sent', async (name, spoil) => {
    spoil();
    const file = join(folder, 'vibe.db');
    const path = name.endsWith('made') ? join(file, 'vibe.db') : name.endsWith('written') ? '/proc/self/vibe.db' : file;
    const error = await failure(client({ mode: 'strict_budget' }, path).generate({ model: 'qwen-plus', prompt: 'Hi' }));
    expect(error.code).toBe('ledger_unavailable');
    expect(error.message).toContain(path);
    expect(simulator.stats().attempts.total).toBe(0);
  });

  it('lets a best-effort call go with a warning, and says at the end what could not be written', async () => {
    writeFileSync(join(folder, 'vibe.db'), 'not a database at all, just text'.repeat(200));
    const vibe = client();
    const response = await vibe.generate({ model: 'qwen-plus', prompt: 'Hi' });
    expect(response.status).toBe('ok');
    expect(response.warnings.map(({ code }) => code)).toContain('ledger_unavailable');
    open.length = 0;
    expect(await failure(vibe.close())).toMatchObject({
      code: 'ledger_unavailable',
      message: expect.stringContaining('1 settled calls are not written'),
    });
  });
});

describe('a program without close()', () => {
  it('prints its answer, writes its row and exits 0', async () => {
    const path = join(folder, 'script.db');
    const { code, output } = await run(`
      import { createVibe } from '@vibe/core';
      import { sqliteLedger } from '@vibe/ledger-sqlite';
      import { pricingRegistry } from '@vibe/pricing-registry';
      import { qwen } from '@vibe/provider-qwen';
      const vibe = createVibe({
        plugins: [qwen({ apiKey: 'k', baseUrl: ${JSON.stringify(simulator.baseUrls.qwen)} }), sqliteLedger({ path: ${JSON.stringify(path)} }), pricingRegistry()],
        budgets: [{ window: 'day', limitUsd: 1 }],
      });
      console.log((await vibe.generate({ model: 'qwen-plus', prompt: 'echo: all is well' })).text);
    `);
    expect([code, output.trim()]).toEqual([0, 'all is well']);
    expect((await client({}, path).report()).totals).toMatchObject({ calls: 1, ok: 1 });
  });
});

describe('npm start', () => {
  it('streams an answer through the simulator and prints what it was and what is left', async () => {
    const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
    const env = { PATH: process.env['PATH'], VIBE_QUICKSTART_LEDGER: join(folder, 'quickstart.db') };
    const child = spawn(process.execPath, [main, 'echo: blue'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const [out, err] = await Promise.all(
      [child.stdout, child.stderr].map(async (stream) => (await stream.toArray()).join('')),
    );
    expect(err).toMatch(/local simulator answers/);
    expect(out).toMatch(/^blue\n/);
    for (const line of [
      /model +qwen-plus @ qwen\/cn/,
      /tokens +\d+ in, \d+ out/,
      /first token +\d/,
      /total time +\d/,
      /cost +\$0\.0/,
      /left today +\$0\.99999\d of \$1\.00/,
    ]) {
      expect(out).toMatch(line);
    }
  });
});

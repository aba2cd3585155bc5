import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type Simulator, startSimulator } from '@vibe/simulator';
import BetterSqlite3 from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { finished, type RunOptions, type Sandbox, sandbox } from './testing.js';

// The built program as a child process: real HTTP to the simulator, a real SQLite file, a home of its own.

const key = 'sk-a-key-that-must-never-be-shown';
const keys = { DASHSCOPE_API_KEY: key, GEMINI_API_KEY: key };

let simulator: Simulator;
let box: Sandbox;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());
beforeEach(() => {
  simulator.reset();
  box = sandbox();
});
afterEach(() => box.remove());

/** A project whose providers are the simulator. `settings` are more lines of YAML; line 7 is the first of them. */
function project(settings = '', address: Simulator = simulator): void {
  box.write(
    'project/vibe.config.yaml',
    `# plugins that are named here replace the default ones of their kind
plugins:
  - name: '@vibe/provider-qwen'
    options: { baseUrl: '${address.baseUrls.qwen}' }
  - name: '@vibe/provider-gemini'
    options: { baseUrl: '${address.baseUrls.gemini}' }
${settings}`,
  );
}

const llm = (args: readonly string[], options: RunOptions = {}) =>
  box.llm(args, { ...options, env: { ...keys, ...options.env } });

async function today(): Promise<{ totals: Record<string, unknown>; rows: Record<string, unknown>[] }> {
  const { exitCode, out } = await llm(['budget', '--json']);
  expect(exitCode).toBe(0);
  return JSON.parse(out) as Awaited<ReturnType<typeof today>>;
}

describe('llm generate', () => {
  it('streams the answer to stdout, says everything else on stderr, and writes the row', async () => {
    project('budgets: [{ window: day, limitUsd: 5 }]');
    const { exitCode, out, err } = await llm(['generate', 'Why is the sky blue?', '-m', 'qwen-plus', '-u']);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^This is a simulated answer .*\n$/);
    expect(err).toMatch(
      /^\nqwen-plus @ qwen\/cn · \d+ in · \d+ out · ttft \d+\.\d\d s · \d+\.\d\d s · \$0\.0\d+ \(est \$0\.0\d+\) · budget <?\d+ % · [0-9a-f-]{36}\n$/,
    );
    expect(simulator.stats().streams.total).toBe(1);
    const { totals, rows } = await today();
    expect(totals).toMatchObject({ calls: 1, ok: 1, failed: 0, unpriced: 0 });
    expect(rows).toMatchObject([
      { id: 'day', held_nano_usd: 0, spent_nano_usd: totals['cost_nano_usd'], origin: 'vibe.config.yaml:7' },
    ]);
    expect(totals['cost_nano_usd']).toBeGreaterThan(0);
  });

  it('sends what the flags say, and appends what is piped in', async () => {
    project();
    const flags = [
      '-m',
      'gemini-2.5-flash',
      '-s',
      'Be brief.',
      '--max-tokens',
      '50',
      '--temperature',
      '0.5',
      '--no-stream',
      '-q',
    ];
    const { exitCode, out, err } = await llm(['g', 'Sum', 'up:', ...flags], { input: 'the piped text\n' });
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    expect(out).toContain('simulated answer');
    const [request] = simulator.requests();
    expect(request?.endpoint).toBe('gemini.generate');
    expect(request?.body).toMatchObject({
      contents: [{ role: 'user', parts: [{ text: 'Sum up:\n\nthe piped text\n' }] }],
      systemInstruction: { parts: [{ text: 'Be brief.' }] },
      generationConfig: { maxOutputTokens: 50, temperature: 0.5 },
    });
  });

  it('prints one JSON envelope and nothing else', async () => {
    project();
    const { exitCode, out, err } = await llm(['g', 'hello', '-m', 'qwen-plus', '--json']);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    const json = JSON.parse(out) as { response: Record<string, unknown> };
    expect(json).toMatchObject({
      schema: 'vibe.generate/1',
      timezone: 'Asia/Shanghai',
      response: {
        status: 'ok',
        finish_reason: 'stop',
        provider_meta: { provider: 'qwen', endpoint: 'cn', model: 'qwen-plus' },
        usage: { unknown: false, source: 'provider' },
        object: null,
        downgraded_from: null,
      },
      warnings: [],
    });
    expect(json.response).toMatchObject({
      cost: { actual_usd: expect.stringMatching(/^0\.0\d+$/), actual_nano_usd: expect.any(Number) },
    });
  });

  it('dry runs without a request', async () => {
    project();
    const { exitCode, out } = await llm(['g', 'hello', '-m', 'qwen-plus', '--dry-run', '--json']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      response: {
        status: 'dry_run',
        plan: {
          verdict: { allowed: true },
          wire: { method: 'POST', url: `${simulator.baseUrls.qwen}/chat/completions` },
        },
      },
    });
    expect(out).not.toContain(key);
    expect(simulator.stats().attempts.total).toBe(0);
    expect((await today()).totals).toMatchObject({ calls: 0 });
  });

  it('tells that an answer was cut', async () => {
    project();
    const { err } = await llm(['g', 'hello', '-m', 'qwen-plus', '--max-tokens', '3']);
    expect(err).toBe('The answer is cut: it has reached its limit of tokens. Allow more with --max-tokens.\n');
  });
});

describe('a call that fails', () => {
  it('for its budget sends nothing and names the line to change', async () => {
    project('budgets:\n  - window: day\n    limitUsd: 0.0001\n');
    const { exitCode, out, err } = await llm(['g', 'hello', '-m', 'qwen-max']);
    expect({ exitCode, out }).toEqual({ exitCode: 3, out: '' });
    expect(err).toContain('Error budget_exceeded: the day budget would be passed; nothing was sent.\n');
    expect(err).toContain('  budget      day (all calls)   vibe.config.yaml:9\n');
    expect(err).toMatch(/ {2}limit {7}\$0\.00010 {3}→ short by \$0\.\d+\n/);
    expect(err).toContain('raise the limit: vibe.config.yaml:9');
    expect(simulator.stats().attempts.total).toBe(0);
    expect((await today()).totals).toMatchObject({ calls: 1, blocked: 1, cost_nano_usd: 0 });
  });

  it('by a wrong key has exit code 4, and the key is nowhere', async () => {
    project();
    const wrong = 'sk-wrong-key-0123456789abcdef';
    for (const flags of [[], ['--json'], ['-v']]) {
      const { exitCode, out, err } = await llm(['g', 'hello', '-m', 'qwen-plus', ...flags], {
        env: { DASHSCOPE_API_KEY: wrong },
      });
      expect({ exitCode, out }).toEqual({ exitCode: 4, out: '' });
      expect(err).toContain('DASHSCOPE_API_KEY');
      expect(err).not.toContain(wrong);
    }
  });

  it('without any key says which to set', async () => {
    const { exitCode, err } = await box.llm(['g', 'hello']);
    expect(exitCode).toBe(4);
    expect(err).toContain('  export DASHSCOPE_API_KEY=…   for qwen/cn\n');
    expect(err).toContain('--simulate');
  });

  it('at the provider has exit code 6, and JSON on stderr when asked', async () => {
    project('defaults: { retry: { attempts: 1 } }');
    simulator.script({ fault: { kind: 'status', status: 503 } });
    const { exitCode, out, err } = await llm(['g', 'hello', '-m', 'qwen-plus', '--json']);
    expect({ exitCode, out }).toEqual({ exitCode: 6, out: '' });
    const { error } = JSON.parse(err) as { error: Record<string, unknown> };
    expect(error).toMatchObject({
      code: 'provider_unavailable',
      status: 503,
      retryable: true,
      target: { model: 'qwen-plus' },
    });
    expect(error['attempts']).toHaveLength(1);
    expect((await today()).totals).toMatchObject({ calls: 1, failed: 1 });
  });

  it('in the middle of its answer leaves the error on a line of its own', async () => {
    project();
    simulator.script({ fault: { kind: 'truncate', afterDeltas: 2 } });
    const { exitCode, out, err } = await llm(['g', 'hello', '-m', 'qwen-plus']);
    expect(exitCode).toBe(6);
    expect(out).toMatch(/^This is.*\n$/);
    expect(err).toMatch(/^Error stream_truncated: /);
  });

  it('by its model suggests another', async () => {
    project();
    const { exitCode, err } = await llm(['g', 'hello', '-m', 'qwen-plsu']);
    expect(exitCode).toBe(1);
    expect(err).toContain('Next:\n  llm generate … -m qwen-plus\n');
  });

  it('by its configuration has exit code 7 and the place', async () => {
    project('budgets:\n  - window: dya\n    limit_usd: 5\n');
    const { exitCode, out, err } = await llm(['g', 'hello']);
    expect({ exitCode, out }).toEqual({ exitCode: 7, out: '' });
    expect(err).toContain('vibe.config.yaml:8:5 budgets[0].window: expected one of call, run,');
    expect(err).toContain('vibe.config.yaml:9:5 budgets[0].limit_usd: unknown key (did you mean "limitUsd"?).\n');
    box.write('project/vibe.config.yaml', "plugins: ['@vibe/provider-nobody']\n");
    const missing = await llm(['g', 'hello']);
    expect(missing.exitCode).toBe(7);
    expect(missing.err).toContain('Next:\n  npm i @vibe/provider-nobody\n');
    box.write('project/vibe.config.yaml', `plugins: [{ name: '@vibe/provider-qwen', options: { apiKey: ${key} } }]\n`);
    const secret = await llm(['config', 'validate']);
    expect(secret.exitCode).toBe(7);
    expect(secret.err).toContain('looks like a secret');
    expect(secret.err).not.toContain(key);
  });

  it('for want of a ledger says so', async () => {
    project();
    box.write('not-a-ledger.db', 'This is no database, although it has a page of text. '.repeat(100));
    const { exitCode, out, err } = await llm(['budget', '--ledger', `${box.root}/not-a-ledger.db`]);
    expect({ exitCode, out }).toEqual({ exitCode: 1, out: '' });
    expect(err).toMatch(/^Error ledger_unavailable: /);
    expect(err).not.toContain('    at ');
  });
});

describe('a call that is stopped', () => {
  let slow: Simulator;
  beforeEach(async () => {
    slow = await startSimulator({ tokensPerSecond: 20 });
    project('budgets: [{ window: day, limitUsd: 5 }]', slow);
  });
  afterEach(() => slow.close());

  /** Starts a call and resolves when its first text has arrived. */
  async function begun() {
    const child = box.start(['g', 'Tell me a very long story', '-m', 'qwen-plus'], { env: keys });
    const end = finished(child);
    await once(child.stdout ?? child, 'data');
    return { child, end };
  }

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('by %s is cancelled upstream, settled, and told', async (signal, exitCode) => {
    const { child, end } = await begun();
    child.kill(signal);
    const { exitCode: given, out, err } = await end;
    expect(given).toBe(exitCode);
    expect(out).toMatch(/^This.*\n$/);
    expect(err).toMatch(/^Cancelled · \$0\.0\d+ spent · call [0-9a-f-]{36}\n$/);
    expect(slow.stats().attempts).toMatchObject({ total: 1, aborted: 1, completed: 0 });
    const { totals, rows } = await today();
    expect(totals).toMatchObject({ calls: 1, cancelled: 1, ok: 0 });
    expect(rows).toMatchObject([{ held_nano_usd: 0, spent_nano_usd: totals['cost_nano_usd'] }]);
    expect(totals['cost_nano_usd']).toBeGreaterThan(0);
  });

  it('while it waits for more piped text is stopped as well', async () => {
    const child = box.start(['g', 'x'], { env: keys, input: '' });
    const end = finished(child);
    // More than a pipe holds: once it is written, the program is reading.
    await new Promise((resolve) => child.stdin?.write('x'.repeat(1_000_000), resolve));
    child.kill('SIGINT');
    expect(await end).toEqual({ exitCode: 130, out: '', err: 'Cancelled\n' });
    expect(slow.stats().attempts.total).toBe(0);
  });

  it('by a reader who has seen enough is no error', async () => {
    const { child, end } = await begun();
    child.stdout?.destroy();
    expect(await end).toMatchObject({ exitCode: 0, err: '' });
    expect((await today()).totals).toMatchObject({ calls: 1, cancelled: 1 });
  });
});

describe('llm budget', () => {
  it('says where it looked and how to begin when there is nothing', async () => {
    project('budgets: [{ window: month, limitUsd: 50 }]');
    const { exitCode, out, err } = await llm(['budget']);
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: '' });
    expect(err).toBe(
      `No calls recorded today (ledger: ${box.ledger}).\nBudgets are set: month $50.0000.\nTry: llm generate "hello" --simulate      (no API key needed; see llm budget --simulate afterwards)\n`,
    );
    const json = await llm(['budget', '--json', '-z', 'UTC']);
    expect(JSON.parse(json.out)).toMatchObject({
      schema: 'vibe.budget_today/1',
      timezone: 'UTC',
      totals: { calls: 0, cost_usd: '0' },
    });
  });

  it('is tab-separated in a pipe', async () => {
    project('budgets: [{ window: day, limitUsd: 5 }]');
    await llm(['g', 'hello', '-m', 'qwen-plus']);
    const { out } = await llm(['budget', 'today']);
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(lines.map((cells) => cells.length)).toEqual([9, 9, 9]);
    expect(lines[1]?.slice(0, 3)).toEqual(['day', 'day', 'Asia/Shanghai']);
    expect(lines[1]?.[3]).toBe(lines[2]?.[3]);
  });

  it('counts in the ledger that it is pointed at', async () => {
    project();
    await llm(['g', 'hello', '-m', 'qwen-plus', '--ledger', 'other.db']);
    expect(existsSync(`${box.cwd}/other.db`)).toBe(true);
    expect(existsSync(box.ledger)).toBe(false);
    const { out } = await llm(['budget', '--json'], { env: { VIBE_LEDGER: `${box.cwd}/other.db` } });
    expect(JSON.parse(out)).toMatchObject({ totals: { calls: 1 } });
  });
});

describe('--simulate', () => {
  it('ends although its ledger cannot be used', async () => {
    const { exitCode, out, err } = await box.llm(['g', 'hello', '--simulate', '--ledger', `${box.root}/home`]);
    expect(exitCode).toBe(1);
    expect(out).toContain('simulated answer');
    expect(err).toContain('Error ledger_unavailable: ');
  });

  it('answers without a key, says so, and leaves the real ledger alone', async () => {
    box.write('project/vibe.config.yaml', 'budgets: [{ window: day, limitUsd: 5 }]\n');
    const { exitCode, out, err } = await box.llm(['g', 'hello', '--simulate']);
    expect(exitCode).toBe(0);
    expect(out).toContain('simulated answer');
    expect(err).toMatch(
      /^Simulated: http:\/\/127\.0\.0\.1:\d+ answers, no provider is called, and the money is counted in \S+simulated\.db\.\n$/,
    );
    expect(existsSync(box.ledger)).toBe(false);
    const report = await box.llm(['budget', '--simulate', '--json']);
    expect(report.err).toBe('');
    expect(JSON.parse(report.out)).toMatchObject({ totals: { calls: 1, ok: 1 }, rows: [{ id: 'day' }] });
  });
});

describe('what happens on the way', () => {
  it('a cheaper model than the best one is told on stderr', async () => {
    project('budgets: [{ window: day, limitUsd: 0.01 }]');
    const { exitCode, err } = await llm(['g', 'hello', '--route', 'quality']);
    expect(exitCode).toBe(0);
    expect(err).toMatch(
      /^\S+ @ \w+\/\w+ instead of \S+ @ \w+\/\w+: The day budget "day" \(all calls\) would be passed\n$/,
    );
    expect(await llm(['g', 'hello', '--route', 'quality', '-q'])).toMatchObject({ exitCode: 0, err: '' });
  });

  it('a call without a price is sent with a warning, and counts as unpriced', async () => {
    project();
    const { exitCode, err } = await llm(['g', 'hello', '-m', 'qwen/qwen-of-tomorrow', '--max-tokens', '20', '-u']);
    expect(exitCode).toBe(0);
    expect(err).toMatch(/^Warning .*\bprice\b.*\n/);
    expect(err).toContain(' · cost unknown · ');
    expect((await today()).totals).toMatchObject({ calls: 1, unpriced: 1, cost_nano_usd: 0 });
  });

  it('retries are told with --verbose', async () => {
    project();
    simulator.script({ fault: { kind: 'status', status: 503 }, times: 1 });
    const { exitCode, err } = await llm(['g', 'hello', '-m', 'qwen-plus', '-v']);
    expect(exitCode).toBe(0);
    expect(err).toMatch(/qwen-plus @ qwen\/cn failed \(provider_unavailable\); attempt 2 follows/);
  });
});

describe('llm config', () => {
  it('shows every setting with its origin, and never a key', async () => {
    project('budgets: [{ window: day, limitUsd: 9 }]\nmode: best_effort\n');
    box.write(
      'home/.config/vibe/config.yaml',
      `mode: strict_budget\nplugins: [{ name: '@vibe/provider-qwen', options: { profile: own, apiKey: ${key} } }]\n`,
    );
    const { exitCode, out } = await llm(['config', 'show'], { env: { VIBE_BUDGET_DAY_USD: '2' } });
    expect(exitCode).toBe(0);
    expect(out).toContain('budgets[0].limitUsd\t2\tenv VIBE_BUDGET_DAY_USD\t\n');
    expect(out).toContain(
      'mode\tstrict_budget\t~/.config/vibe/config.yaml:1\tvibe.config.yaml:8 says "best_effort", which is less strict\n',
    );
    expect(out).toContain('plugins[0].options.apiKey\t(hidden)\t~/.config/vibe/config.yaml:2\t\n');
    expect(out).not.toContain(key);
  });

  it('takes the project from another folder, and misses one that is not there', async () => {
    project();
    const { out } = await llm(['config', 'path', '--project', 'project'], { cwd: box.root });
    expect(out).toContain(`project\t${box.cwd}/vibe.config.yaml\tread\n`);
    const missing = await llm(['config', 'path', '--project', 'porject'], { cwd: box.root });
    expect(missing.exitCode).toBe(2);
    expect(missing.err).toContain('There is no folder porject.');
  });

  it('knows its files, checks them, and has a schema', async () => {
    project();
    expect((await llm(['config', 'path'])).out).toBe(
      `user\t${box.root}/home/.config/vibe/config.yaml\tnot there\nproject\t${box.cwd}/vibe.config.yaml\tread\n`,
    );
    expect(await llm(['config', 'validate'])).toEqual({ exitCode: 0, out: '', err: 'Fine: vibe.config.yaml.\n' });
    expect(JSON.parse((await llm(['config', 'schema'])).out)).toMatchObject({ title: 'Vibe configuration' });
  });

  it.each([
    ["plugins: ['@nobody/here']", 'the plugin "@nobody/here" is not installed'],
    ["plugins: [{ name: '@vibe/provider-qwen', options: { region: mars } }]", 'options.region'],
    ["plugins: [{ name: '@vibe/ledger-sqlite', options: { timezone: Mars/X } }]", 'no IANA time zone'],
    ["middleware: ['@nobody/here']", 'the plugin "@nobody/here" is not installed'],
  ])('finds what is wrong with plugins before a call does, and makes no ledger: %s', async (text, message) => {
    box.write('project/vibe.config.yaml', `${text}\n`);
    const { exitCode, err } = await llm(['config', 'validate']);
    expect({ exitCode, err: err.replace(/\s+/g, ' ') }).toEqual({ exitCode: 7, err: expect.stringContaining(message) });
    expect((await llm(['g', 'Hello', '--dry-run'])).exitCode).toBe(7);
    box.write('project/vibe.config.yaml', "plugins: [{ name: '@vibe/ledger-sqlite', options: { path: own.db } }]\n");
    expect((await llm(['config', 'validate'])).exitCode).toBe(0);
    expect(existsSync(`${box.cwd}/own.db`)).toBe(false);
  });
});

describe('a report that has much to add up', () => {
  it('ends at Ctrl-C, and what it has added up is kept', async () => {
    const { administerLedgerFile } = await import('@vibe/ledger-sqlite/file');
    const ledger = administerLedgerFile(box.ledger);
    // Makes the file.
    await ledger.rebuild();
    await ledger.close();
    const db = new BetterSqlite3(box.ledger);
    const attempts = 200_000;
    db.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${attempts})
      INSERT INTO attempt (call_id, attempt, ts, status, usage_unknown, target_id, charged_nano, last, tags_json, usage_json)
        SELECT 'call-' || i, 1, ${Date.now()} - i * 1000, 'ok', 0, 0, 3, 1, '{"team":"' || (i % 7) || '"}', '{"input_token":9}' FROM n`);
    const added = () => {
      const mark = db.prepare("SELECT value FROM meta WHERE key = 'detail_mark'").pluck().get() as string | undefined;
      return mark === undefined ? 0 : (JSON.parse(mark)[0] as number);
    };
    const child = box.start(['budget', 'report', '--by', 'tag:team', '--days', '30']);
    const ended = finished(child);
    await vi.waitUntil(() => added() > 0 || child.exitCode !== null, { timeout: 100_000, interval: 5 });
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ exitCode: 130, out: '' });
    expect(added()).toBeGreaterThan(0);
    expect(added()).toBeLessThan(attempts);
    db.close();
  }, 120_000);
});

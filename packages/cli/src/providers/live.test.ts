/** The built program with --live, and a simulator in the place of the service. */
import type { Breakage } from '@vibe/contract-tests';
import { type Simulator, startSimulator } from '@vibe/simulator';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fakeWorld, type RunOptions, run, type Sandbox, sandbox } from '../testing.js';
import { type DriftingService, startDriftingService } from './testing/drifting-service.js';

const key = 'sk-a-key-that-must-never-be-shown';
const keys = { DASHSCOPE_API_KEY: key, GEMINI_API_KEY: key };

let simulator: Simulator;
let service: DriftingService;
let box: Sandbox;
beforeAll(async () => {
  simulator = await startSimulator();
  service = await startDriftingService(simulator.url);
  box = sandbox();
  box.write(
    'project/vibe.config.yaml',
    `plugins:
  - name: '@vibe/provider-qwen'
    options: { baseUrl: '${service.url}/compatible-mode/v1' }
  - name: '@vibe/provider-gemini'
    options: { baseUrl: '${service.url}/v1beta' }
`,
  );
});
afterAll(async () => {
  box.remove();
  await service.close();
  await simulator.close();
});
beforeEach(() => {
  simulator.reset();
  service.drift(null);
});

const live = (id: string, flags: readonly string[] = [], options: RunOptions = {}) =>
  box.llm(['providers', 'test', id, '--live', ...flags], { env: keys, ...options });

interface Report {
  readonly rows: readonly { readonly name: string; readonly status: string; readonly error_code: string | null }[];
  readonly drift: readonly { readonly level: string; readonly call: string; readonly path: string }[];
  readonly totals: Readonly<Record<string, number>>;
}

async function liveJson(id: string, flags: readonly string[] = []) {
  const { exitCode, out, err } = await live(id, ['--yes', '--json', ...flags]);
  expect(err).toBe('');
  expect(out).not.toContain(key);
  return { exitCode, report: JSON.parse(out) as Report };
}

describe('llm providers test --live', () => {
  it.each(['gemini', 'qwen'])('%s: makes four calls that are held, settled and in the ledger', async (id) => {
    const before = (await today()).totals;
    const { exitCode, report } = await liveJson(id);
    expect(exitCode).toBe(0);
    expect(report.rows.map(({ name, status }) => [name, status])).toEqual([
      ...['chat', 'stream', 'cancel', 'wrong model', 'ledger'].map((name) => [name, 'passed']),
    ]);
    expect(simulator.requests().filter(({ method }) => method === 'POST')).toHaveLength(4);
    const { totals } = await today();
    expect(totals.calls - before.calls).toBe(4);
    expect(totals.cancelled - before.cancelled).toBe(1);
    expect(totals.cost_nano_usd - before.cost_nano_usd).toBe(report.totals['cost_nano_usd']);
    expect(report.totals['cost_nano_usd']).toBeGreaterThan(0);
    expect(report.totals['at_most_nano_usd']).toBeGreaterThan(report.totals['cost_nano_usd'] as number);
  });

  it('sends nothing where everything is to be a dry run', async () => {
    const { exitCode, out, err } = await live('qwen', ['--yes'], { env: { ...keys, VIBE_DRY_RUN: '1' } });
    expect([exitCode, out]).toEqual([2, '']);
    expect(err).toContain('dryRun is on (env VIBE_DRY_RUN), and --live sends. Nothing was sent.');
    expect(simulator.stats().attempts.total).toBe(0);
  });

  it('asks for media only where it was told to', async () => {
    const { exitCode, report } = await liveJson('qwen', ['--media', '--max-usd', '0.20']);
    expect(report.rows.map(({ name }) => name)).toEqual([
      ...['chat', 'stream', 'cancel', 'wrong model', 'speak', 'transcribe', 'paint', 'ledger'],
    ]);
    expect(exitCode).toBe(0);
  });

  it.each(['gemini', 'qwen'])('%s: knows the price of every call beforehand', async (id) => {
    const { err } = await live(id, ['--media', '--yes', '--max-usd', '0.20']);
    expect(err).toMatch(/ paint +\S+ +\$0\.\d+\n/);
    expect(err).not.toMatch(/unknown|nobody can price/);
  });

  it('sends nothing that its budget does not cover, and says so with the exit code', async () => {
    const { exitCode, report } = await liveJson('gemini', ['--max-usd', '0.0000001']);
    expect(exitCode).toBe(3);
    expect(report.rows[0]).toMatchObject({ name: 'chat', status: 'failed', error_code: 'budget_exceeded' });
    expect(simulator.requests()).toHaveLength(0);
  });

  it('needs a yes where nobody can be asked: the price is in the refusal', async () => {
    const { exitCode, out, err } = await live('gemini');
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(err).toMatch(
      /makes 4 calls to 127\.0\.0\.1:\d+ that cost at\s+most \$0\.00\d+, and nobody can be asked here: nothing\s+was sent/,
    );
    expect(err).toContain('llm providers test gemini --live --yes');
    expect(simulator.requests()).toHaveLength(0);
  });

  it('needs a key', async () => {
    const { exitCode, out, err } = await live('gemini', ['--yes'], { env: {} });
    expect({ exitCode, out }).toEqual({ exitCode: 4, out: '' });
    expect(err).toContain('GEMINI_API_KEY');
  });

  it('shows the price on a terminal, and takes anything but a yes for a no', async () => {
    const world = (input: string) => {
      const made = fakeWorld({
        cwd: box.cwd,
        input,
        env: { ...keys, NO_COLOR: '1', XDG_STATE_HOME: `${box.root}/asked` },
      });
      return { ...made, stdin: Object.assign(made.stdin, { isTTY: true }) };
    };
    process.env['GEMINI_API_KEY'] = key;
    try {
      const no = await run(['providers', 'test', 'gemini', '--live'], world('maybe\n'));
      expect(no).toMatchObject({ exitCode: 1, out: '' });
      expect(no.err).toMatch(/wrong model +vibe-no-such-model +\$0\.00/);
      expect(no.err).toContain('Go on? [y/N] Nothing was sent.');
      expect(simulator.requests()).toHaveLength(0);
      const yes = await run(['providers', 'test', 'gemini', '--live'], world('y\n'));
      expect(yes.exitCode).toBe(0);
      expect(yes.out).toContain('Passed · $0.00');
    } finally {
      delete process.env['GEMINI_API_KEY'];
    }
  });

  it('takes a refused key for what it is', async () => {
    const { exitCode, out } = await live('qwen', ['--yes', '--json'], { env: { DASHSCOPE_API_KEY: 'wrong-key' } });
    expect(exitCode).toBe(4);
    expect(JSON.parse(out).rows[0]).toMatchObject({ status: 'failed', error_code: 'auth' });
  });
});

describe('a service that has changed', () => {
  const fields: readonly (readonly [id: string, path: string])[] = [
    ['gemini', 'usageMetadata.promptTokenCount'],
    ['gemini', 'candidates[].finishReason'],
    ['qwen', 'usage.completion_tokens'],
    ['qwen', 'choices[].finish_reason'],
  ];
  const cases = fields.flatMap(([id, path]) =>
    (['renamed', 'removed', 'retyped'] as const).map((breakage): [string, string, Breakage] => [id, path, breakage]),
  );

  it.each(cases)('fails the test of %s when %s is %s', async (id, path, breakage) => {
    service.drift({ path, breakage });
    const { exitCode, report } = await liveJson(id);
    expect(exitCode).not.toBe(0);
    expect(report.drift).toContainEqual(expect.objectContaining({ level: 'failure', call: 'chat', path }));
    expect(report.totals['drift_failures']).toBeGreaterThan(0);
  });

  it('is only told of what nothing reads', async () => {
    service.drift({ path: 'usageMetadata.totalTokenCount', breakage: 'renamed' });
    const { exitCode, report } = await liveJson('gemini');
    expect(exitCode).toBe(0);
    expect(report.drift).toContainEqual(
      expect.objectContaining({ level: 'warning', call: 'chat', path: 'usageMetadata.totalTokenCount' }),
    );
    expect(report.drift).toContainEqual(
      expect.objectContaining({ level: 'info', call: 'chat', path: 'usageMetadata.totalTokenCountV2' }),
    );
  });
});

type Totals = Readonly<Record<'calls' | 'cancelled' | 'cost_nano_usd', number>>;

async function today(): Promise<{ readonly totals: Totals }> {
  const { exitCode, out } = await box.llm(['budget', '--json']);
  expect(exitCode).toBe(0);
  return JSON.parse(out) as Awaited<ReturnType<typeof today>>;
}

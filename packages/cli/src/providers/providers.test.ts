/** The built program: what it lists, and a test against the simulator. */
import { type Simulator, startSimulator } from '@vibe/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunOptions, type Sandbox, sandbox } from '../testing.js';

const key = 'sk-a-key-that-must-never-be-shown';

let simulator: Simulator;
let box: Sandbox;
beforeAll(async () => {
  simulator = await startSimulator();
  box = sandbox();
  box.write(
    'home/.config/vibe/config.yaml',
    `plugins:
  - name: '@vibe/provider-qwen'
    options: { baseUrl: '${simulator.baseUrls.qwen}' }
  - name: '@vibe/provider-gemini'
    options: { baseUrl: '${simulator.baseUrls.gemini.replace('http://', 'http://user:password@')}' }
`,
  );
});
afterAll(async () => {
  box.remove();
  await simulator.close();
});

async function json(args: readonly string[], options?: RunOptions) {
  const { exitCode, out, err } = await box.llm([...args, '--json'], options);
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
  expect(out).not.toContain(key);
  return JSON.parse(out) as { rows: Record<string, unknown>[]; totals: Record<string, unknown> } & Record<
    string,
    unknown
  >;
}

describe('llm providers list', () => {
  it('says where every key comes from or which variable to set, and sends nothing', async () => {
    simulator.reset();
    const { rows } = await json(['providers'], { env: { DASHSCOPE_API_KEY: key } });
    expect(rows).toEqual([
      {
        provider: 'qwen',
        profile: 'default',
        endpoint: 'cn',
        region: 'cn',
        base_url: simulator.baseUrls.qwen,
        key: { present: true, variable: 'DASHSCOPE_API_KEY', source: 'env' },
        ping: null,
        plugin: '@vibe/provider-qwen',
      },
      expect.objectContaining({
        provider: 'gemini',
        base_url: simulator.baseUrls.gemini,
        key: { present: false, variable: 'GEMINI_API_KEY', source: null },
      }),
    ]);
    expect(simulator.stats().attempts.total + simulator.requests().length).toBe(0);
  });

  it('asks with --ping only where there is a key, and shows a refusal', async () => {
    const env = { DASHSCOPE_API_KEY: 'wrong-key' };
    const { rows } = await json(['providers', 'list', '--ping'], { env });
    expect(rows.map(({ ping }) => ping)).toEqual([expect.objectContaining({ ok: false, status: 401 }), null]);
    const well = await json(['providers', 'list', '--ping'], { env: { DASHSCOPE_API_KEY: key } });
    expect(well.rows[0]?.['ping']).toMatchObject({ ok: true, status: 200 });
  });

  it('is a table without header lines in a pipe', async () => {
    const { out } = await box.llm(['providers', 'list'], { env: { GEMINI_API_KEY: key } });
    expect(out.split('\n')[0]).toBe(
      'provider\tprofile\tendpoint\tregion\tbase_url\tkey_present\tkey_variable\tping_ok\tping_ms\tplugin',
    );
    expect(out).not.toMatch(/password|never-be-shown/);
  });
});

describe('llm providers show', () => {
  it('has every model with operations, modalities and limits', async () => {
    const { rows, endpoints } = await json(['providers', 'show', 'qwen']);
    expect(rows.find(({ id }) => id === 'qwen-max')).toEqual({
      id: 'qwen-max',
      tier: 'premium',
      operations: ['chat'],
      takes: ['text'],
      gives: ['text'],
      streams: true,
      tools: true,
      structured: true,
      reasoning: false,
      context_tokens: 32_768,
      max_output_tokens: 8_192,
      aliases: [],
      endpoints: null,
    });
    expect(endpoints).toMatchObject([{ endpoint: 'cn' }]);
  });

  it('names the provider that was meant', async () => {
    const { exitCode, out, err } = await box.llm(['providers', 'show', 'gemni']);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(err).toContain('did you mean gemini?');
  });
});

describe('llm providers test', () => {
  it.each(['gemini', 'qwen'])('%s passes against the simulator, without a key and without its ledger', async (id) => {
    const { totals, rows, drift, contract } = await json(['providers', 'test', id]);
    expect(totals).toMatchObject({ contract_failed: 0, calls_passed: 8, calls_failed: 0, drift_failures: 0 });
    expect((contract as unknown[]).length).toBeGreaterThan(80);
    expect(rows.filter(({ compared }) => compared === true).map(({ name }) => name)).toEqual([
      ...['chat', 'stream', 'cancel', 'wrong model', 'speak', 'transcribe', 'paint'],
    ]);
    expect((drift as { level: string }[]).filter(({ level }) => level !== 'info')).toEqual([]);
    const { out } = await box.llm(['budget', '--json']);
    expect(JSON.parse(out).totals.calls).toBe(0);
  });

  it('refuses what the simulator does not speak, and two wishes that exclude each other', async () => {
    const unknown = await box.llm(['providers', 'test', 'acme']);
    expect(unknown).toMatchObject({ exitCode: 2, out: '' });
    expect(unknown.err).toContain('The simulator does not speak the wire of "acme"');
    expect(await box.llm(['providers', 'test', 'qwen', '--live', '--simulate'])).toMatchObject({
      exitCode: 2,
      out: '',
    });
  });
});

import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { VibeError } from '@vibe/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LoadedConfig, type LoadOptions, loadConfig } from './load-config.js';
import type { Problem } from './problems.js';
import { maxFileBytes } from './source/read-text.js';
import { type Sandbox, sandbox } from './testing.js';

let box: Sandbox;
beforeEach(() => {
  box = sandbox();
});
afterEach(() => box.remove());

function load(options: LoadOptions = {}): Promise<LoadedConfig> {
  return loadConfig({ cwd: box.cwd, env: box.env, ...options });
}

async function refusal(options: LoadOptions = {}): Promise<VibeError> {
  const error = await load(options).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!VibeError.is(error, 'config')) throw new Error(`expected a config error, got ${String(error)}`);
  return error;
}

function problemsOf(error: VibeError): readonly Problem[] {
  return error.details['problems'] as readonly Problem[];
}

describe('layers', () => {
  it('are empty without any file, and say where the files would be', async () => {
    const config = await load();
    expect(config.values).toEqual({});
    expect(config.plugins).toEqual([]);
    expect(config.files).toEqual([
      {
        layer: 'user',
        path: join(box.root, 'home/.config/vibe/config.yaml'),
        display: '~/.config/vibe/config.yaml',
        exists: false,
      },
      { layer: 'project', path: join(box.cwd, 'vibe.config.yaml'), display: 'vibe.config.yaml', exists: false },
    ]);
  });

  it('let the more specific one win: code, environment, project, user', async () => {
    box.write(
      'home/.config/vibe/config.yaml',
      'defaults: { model: from-user, maxWaitMs: 1, maxOutputTokens: 1 }\nrouter: { order: [a, b] }\n',
    );
    box.write(
      'project/vibe.config.json',
      '{ "defaults": { "model": "from-project", "maxWaitMs": 2 },\n  "router": { "order": ["c"] } }',
    );
    const files = await load();
    expect(files.values).toEqual({
      defaults: { model: 'from-project', maxWaitMs: 2, maxOutputTokens: 1 },
      router: { order: ['c'] },
    });
    expect(Object.fromEntries(files.origins)).toMatchObject({
      'defaults.model': 'vibe.config.json:1',
      'defaults.maxOutputTokens': '~/.config/vibe/config.yaml:1',
      'router.order': 'vibe.config.json:2',
    });
    const env = { ...box.env, VIBE_MODEL: 'from-env', VIBE_ROUTER_POLICY: 'cheap' };
    const environment = await load({ env });
    expect(environment.values.defaults?.model).toBe('from-env');
    expect(environment.values.router).toEqual({ order: ['c'], policy: 'cheap' });
    expect(environment.origins.get('defaults.model')).toBe('env VIBE_MODEL');
    expect(environment.origins.get('router.policy')).toBe('env VIBE_ROUTER_POLICY');
    const code = await load({ env, overrides: { defaults: { model: 'from-code' } } });
    expect(code.values.defaults).toEqual({ model: 'from-code', maxWaitMs: 2, maxOutputTokens: 1 });
    expect(code.origins.get('defaults.model')).toBe('code');
  });

  it('find the nearest project file upwards, and the user file in XDG_CONFIG_HOME', async () => {
    box.write('project/vibe.config.yaml', 'mode: strict_budget\n');
    box.write('elsewhere/vibe/config.json', '{ "dryRun": true }');
    const cwd = join(box.cwd, 'src/deep');
    mkdirSync(cwd, { recursive: true });
    const config = await load({ cwd, env: { ...box.env, XDG_CONFIG_HOME: join(box.root, 'elsewhere') } });
    expect(config.values).toEqual({ mode: 'strict_budget', dryRun: true });
    expect(config.origins.get('mode')).toBe(`${join(box.cwd, 'vibe.config.yaml')}:1`);
    box.write('project/src/vibe.config.yaml', 'mode: best_effort\n');
    expect((await load({ cwd })).values).toEqual({ mode: 'best_effort' });
  });

  it('are told once what is wrong in two ways', async () => {
    box.write('project/vibe.config.json', '{ "limits": { "*": { "tpm": 12345678901234567890123 } } }');
    const { details } = await refusal();
    expect(details['problems']).toHaveLength(1);
  });

  it('take a given file for the project file, and miss it when it is not there', async () => {
    box.write('project/vibe.config.yaml', 'mode: strict_budget\n');
    box.write('project/other.yml', 'onUnpriced: refuse\n');
    expect((await load({ configFile: 'other.yml' })).values).toEqual({ onUnpriced: 'refuse' });
    expect((await refusal({ configFile: 'nope.yaml' })).message).toBe('nope.yaml does not exist.');
    box.write('project/config.toml', 'mode = "best_effort"\n');
    expect((await refusal({ configFile: 'config.toml' })).message).toContain('config.toml has an unknown ending');
  });

  it.each([
    ['VIBE_MODE', 'strict_budget', { mode: 'strict_budget' }],
    ['VIBE_DRY_RUN', '1', { dryRun: true }],
    ['VIBE_DRY_RUN', 'false', { dryRun: false }],
    ['VIBE_BUDGET_DAY_USD', '2.5', { budgets: [{ window: 'day', limitUsd: 2.5 }] }],
    ['VIBE_BUDGET_DAY_USD', '0', { budgets: [{ window: 'day', limitUsd: 0 }] }],
    ['VIBE_REGIONS', ' cn, sg ,', { regions: ['cn', 'sg'] }],
    // Nothing is in the list, so nothing is allowed: not the same as no list.
    ['VIBE_REGIONS', ',', { regions: [] }],
    ['VIBE_MODEL', '', {}],
    ['VIBE_MODE', '', {}],
    ['VIBE_DRY_RUN', '', {}],
    ['VIBE_BUDGET_DAY_USD', '', {}],
    ['VIBE_REGIONS', '', {}],
    ['VIBE_LEDGER', '', {}],
  ])('read %s=%s', async (name, text, expected) => {
    expect((await load({ env: { ...box.env, [name]: text } })).values).toEqual(expected);
  });

  it.each([
    [
      'VIBE_MODE',
      'strict',
      'env VIBE_MODE mode: expected one of best_effort, strict_budget, got "strict" (did you mean "strict_budget"?).',
    ],
    ['VIBE_DRY_RUN', 'maybe', 'env VIBE_DRY_RUN dryRun: expected true or false, got "maybe".'],
    [
      'VIBE_BUDGET_DAY_USD',
      'five',
      'env VIBE_BUDGET_DAY_USD budgets[0].limitUsd: expected a number from 0 to 9007199, got "five".',
    ],
    [
      'VIBE_BUDGET_DAY_USD',
      ' ',
      'env VIBE_BUDGET_DAY_USD budgets[0].limitUsd: expected a number from 0 to 9007199, got " ".',
    ],
  ])('refuse %s=%j by the name of the variable', async (name, text, message) => {
    expect((await refusal({ env: { ...box.env, [name]: text } })).message).toBe(message);
  });
});

describe('a wrong file', () => {
  it('is reported with every problem: line, column, path, what was expected and what was meant', async () => {
    const lines = [
      'mode: strict_bugdet',
      'budgets:',
      '  - window: day',
      '    limit_usd: 5',
      '  - window: month',
      '    limitUsd: "50"',
      'plugins:',
      "  - name: '@vibe/provider-qwen'",
      '    optoins: {}',
      '  - 7',
      'retry: 3',
    ];
    box.write('project/vibe.config.yaml', lines.join('\n'));
    const error = await refusal({ env: { ...box.env, VIBE_MODE: 'x' } });
    expect(error.message.split('\n')).toEqual([
      'The configuration has 8 problems:',
      '  vibe.config.yaml:9:5 plugins[0].optoins: unknown key (did you mean "options"?).',
      '  vibe.config.yaml:10:5 plugins[1]: expected the name of a plugin, or { name, options }, got 7.',
      '  vibe.config.yaml:3:5 budgets[0].limitUsd: expected a number from 0 to 9007199, got nothing: it is required.',
      '  vibe.config.yaml:4:5 budgets[0].limit_usd: unknown key (did you mean "limitUsd"?).',
      '  vibe.config.yaml:6:5 budgets[1].limitUsd: expected a number from 0 to 9007199, got "50".',
      '  vibe.config.yaml:1:1 mode: expected one of best_effort, strict_budget, got "strict_bugdet" (did you mean "strict_budget"?).',
      '  vibe.config.yaml:11:1 retry: unknown key (it belongs below "defaults").',
      '  env VIBE_MODE mode: expected one of best_effort, strict_budget, got "x".',
    ]);
    expect(problemsOf(error)[4]).toEqual({
      place: 'vibe.config.yaml:6:5',
      file: 'vibe.config.yaml',
      position: { line: 6, column: 5 },
      path: 'budgets[1].limitUsd',
      message: 'budgets[1].limitUsd: expected a number from 0 to 9007199, got "50"',
    });
  });

  it.each([
    [
      'vibe.config.json',
      '{\n  "mode": "best_effort"\n  "dryRun": true }',
      'vibe.config.json:3:3 is no valid JSON: expected "," or "}"',
    ],
    ['vibe.config.yaml', 'mode: [best_effort\n', 'vibe.config.yaml:2:1 is no valid YAML'],
    ['vibe.config.yaml', '- mode\n', 'vibe.config.yaml:1:1 expected settings (a mapping), got a list'],
    ['vibe.config.json', '"mode"', 'vibe.config.json:1:1 expected settings (a mapping), got "mode"'],
    ['vibe.config.yaml', 'mode: "a\0b"', 'vibe.config.yaml is no text file'],
    ['vibe.config.yaml', Uint8Array.of(0xff, 0xfe, 0x6d, 0), 'vibe.config.yaml is encoded as UTF-16'],
    ['vibe.config.yaml', Uint8Array.of(0x6d, 0xc3, 0x28), 'vibe.config.yaml is not encoded as UTF-8'],
    [
      'vibe.config.json',
      new Uint8Array(10 * maxFileBytes).fill(0x20),
      `vibe.config.json has ${10 * maxFileBytes} bytes; a config file has at most ${maxFileBytes}`,
    ],
  ])('%s is refused clearly (%#)', async (name, content, message) => {
    box.write(`project/${name}`, content);
    expect((await refusal()).message).toContain(message);
  });

  it('may be a folder, unreadable, a dangling link, or there twice', async () => {
    mkdirSync(join(box.cwd, 'vibe.config.yaml'));
    expect((await refusal()).message).toBe('vibe.config.yaml is a folder, not a file.');
    box.write('project/vibe.config.json', '{}');
    expect((await refusal()).message).toBe('vibe.config.yaml and vibe.config.json are both there: keep one of them.');
    const inner = join(box.cwd, 'inner');
    mkdirSync(inner);
    symlinkSync(join(inner, 'gone.yaml'), join(inner, 'vibe.config.yaml'));
    expect((await refusal({ cwd: inner })).message).toBe('vibe.config.yaml does not exist.');
  });

  it.skipIf(process.getuid?.() === 0)('may be unreadable', async () => {
    chmodSync(box.write('project/vibe.config.yaml', 'mode: best_effort'), 0);
    expect((await refusal()).message).toBe('vibe.config.yaml cannot be read: permission denied.');
  });

  it.each([
    ['vibe.config.yaml', ''],
    ['vibe.config.json', ' \n'],
    ['vibe.config.yaml', '# nothing yet\n'],
    ['vibe.config.yaml', '\uFEFF# nothing but a byte order mark\n'],
    ['vibe.config.json', '\uFEFF{ "$schema": "./schema.json" }'],
  ])('is not one that says nothing: %s %j', async (name, content) => {
    box.write(`project/${name}`, content);
    expect((await load()).values).toEqual({});
  });

  it('takes seconds of nobody although it is as large as allowed', async () => {
    const entries = Array.from({ length: 20_000 }, (_, index) => `  "p${index}/m": { "rpm": 60 }`);
    box.write('project/vibe.config.json', `{ "limits": {\n${entries.join(',\n')}\n} }`);
    const config = await load();
    expect(Object.keys(config.values.limits ?? {})).toHaveLength(20_000);
    expect(config.origins.get('limits.p19999/m.rpm')).toBe('vibe.config.json:20001');
  });
});

describe('secrets', () => {
  const secret = 'sk-1234567890abcdef';

  it.each([
    [`{ apiKey: ${secret} }`, 'plugins[0].options.apiKey'],
    [`{ accounts: [{ access_token: abc }] }`, 'plugins[0].options.accounts[0].access_token'],
    ['{ clientSecret: x }', 'plugins[0].options.clientSecret'],
    [`{ headers: { x: "Bearer ${secret}" } }`, 'plugins[0].options.headers.x'],
    [`{ baseUrl: "https://example.com/?key=abcdef" }`, 'plugins[0].options.baseUrl'],
  ])('are refused in a project file and not repeated: %s', async (options, path) => {
    box.write('project/vibe.config.yaml', `plugins:\n  - name: x\n    options: ${options}\n`);
    const error = await refusal();
    expect(error.message).toContain(`vibe.config.yaml:3:`);
    expect(error.message).toContain(`${path} looks like a secret. Project files are shared and committed`);
    expect(error.message).toContain('DASHSCOPE_API_KEY');
    expect(JSON.stringify(error.toJSON())).not.toContain(secret);
  });

  it('may stand in the user file; settings that only sound alike may stand anywhere', async () => {
    box.write('home/.config/vibe/config.yaml', `plugins: [{ name: x, options: { apiKey: ${secret} } }]\n`);
    box.write(
      'project/vibe.config.yaml',
      'plugins: [{ name: y, options: { maxTokens: 5, charactersPerToken: 3, needsApiKey: true, keyboard: a } }]\n',
    );
    expect((await load()).plugins.map(({ name }) => name)).toEqual(['x', 'y']);
  });

  it('are not repeated by messages about wrong types either', async () => {
    box.write('project/vibe.config.yaml', `defaults: { model: [${secret}] }\nmode: ${secret}\n`);
    expect((await refusal()).message).not.toContain(secret);
  });
});

describe('plugins', () => {
  it('are merged by name and profile, the more specific entry as a whole', async () => {
    box.write(
      'home/.config/vibe/config.yaml',
      'plugins: [a, { name: b, options: { region: sg, profile: work } }, { name: b, options: { region: us } }]\n',
    );
    box.write(
      'project/vibe.config.yaml',
      'plugins:\n  - name: b\n    options:\n      profile: work\n  - c\nmiddleware: [d]\n',
    );
    const { plugins } = await load();
    expect(plugins.map(({ name, options, origin }) => ({ name, options, origin }))).toEqual([
      { name: 'a', options: undefined, origin: '~/.config/vibe/config.yaml:1' },
      { name: 'b', options: { profile: 'work' }, origin: 'vibe.config.yaml:2' },
      { name: 'b', options: { region: 'us' }, origin: '~/.config/vibe/config.yaml:1' },
      { name: 'c', options: undefined, origin: 'vibe.config.yaml:5' },
      { name: 'd', options: undefined, origin: 'vibe.config.yaml:6' },
    ]);
    expect(plugins[1]?.optionOrigins.get('profile')).toBe('vibe.config.yaml:4');
    expect(plugins.map(({ folder }) => folder)).toEqual([
      join(box.root, 'home/.config/vibe'),
      box.cwd,
      join(box.root, 'home/.config/vibe'),
      box.cwd,
      box.cwd,
    ]);
  });

  it('get the path of the ledger relative to the file that names it, and from the environment or the code above all', async () => {
    box.write(
      'project/vibe.config.yaml',
      "plugins: [{ name: '@vibe/ledger-sqlite', options: { path: data/spent.db, timezone: UTC } }]\n",
    );
    const cwd = join(box.cwd, 'sub');
    mkdirSync(cwd);
    const pathOf = async (options: LoadOptions) => (await load({ cwd, ...options })).plugins[0]?.options;
    expect(await pathOf({})).toEqual({ path: join(box.cwd, 'data/spent.db'), timezone: 'UTC' });
    const env = { ...box.env, VIBE_LEDGER: 'env.db' };
    expect(await pathOf({ env })).toEqual({ path: join(cwd, 'env.db'), timezone: 'UTC' });
    expect(await pathOf({ env, ledgerPath: '/var/code.db' })).toEqual({ path: '/var/code.db', timezone: 'UTC' });
  });

  it('include the ledger when only the environment names it', async () => {
    const { plugins } = await load({ env: { ...box.env, VIBE_LEDGER: '/tmp/x.db' } });
    expect(plugins).toEqual([
      {
        name: '@vibe/ledger-sqlite',
        options: { path: '/tmp/x.db' },
        origin: 'env VIBE_LEDGER',
        folder: null,
        optionOrigins: new Map([['path', 'env VIBE_LEDGER']]),
      },
    ]);
  });

  it('passed by code replace those of the same name', async () => {
    box.write('project/vibe.config.yaml', 'plugins: [a, b]\n');
    const passed = { kind: 'plugin', name: 'b', specVersion: 'v1', create: () => [] } as const;
    const config = await load({ overrides: { plugins: [[passed]] } });
    expect(config.plugins.map(({ name }) => name)).toEqual(['a']);
    expect(config.code.plugins).toEqual([[passed]]);
  });
});

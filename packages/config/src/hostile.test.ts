import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { VibeError } from '@vibe/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from './load-config.js';
import { type Sandbox, sandbox } from './testing.js';

let box: Sandbox;
beforeEach(() => {
  box = sandbox();
});
afterEach(() => box.remove());

const load = (given: Parameters<typeof loadConfig>[0] = {}) => loadConfig({ cwd: box.cwd, env: box.env, ...given });

async function refusal(given: Parameters<typeof loadConfig>[0] = {}): Promise<VibeError> {
  const error = await load(given).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (VibeError.is(error, 'config')) return error;
  throw new Error(`expected a config error, got ${String(error)}`);
}

const project = (text: string | Uint8Array, name = 'vibe.config.yaml') => box.write(`project/${name}`, text);

describe('odd YAML', () => {
  it('has anchors, aliases, quotes, flow, folded texts and CRLF, and every origin is the line', async () => {
    project(
      [
        '\uFEFFmode: "strict_budget" # why',
        'limits:',
        "  'qwen/*': &slow { rpm: 60 }",
        '  "gemini/*": *slow',
        'defaults:',
        '  model: >-',
        '    qwen/',
        'router: { order: [a, "b"] }',
      ].join('\r\n'),
    );
    const { values, origins } = await load();
    expect(values).toEqual({
      mode: 'strict_budget',
      limits: { 'qwen/*': { rpm: 60 }, 'gemini/*': { rpm: 60 } },
      defaults: { model: 'qwen/' },
      router: { order: ['a', 'b'] },
    });
    expect(origins.get('limits.gemini/*.rpm')).toBe('vibe.config.yaml:4');
    expect(origins.get('limits.qwen/*.rpm')).toBe('vibe.config.yaml:3');
    expect(origins.get('defaults.model')).toBe('vibe.config.yaml:6');
    expect(origins.get('router.order')).toBe('vibe.config.yaml:8');
  });

  it.each([
    ['mode:\tstrict_budget\nbudgets:\n\t- window: day\n', 'vibe.config.yaml:3', 'Tabs are not allowed as indentation'],
    ['mode: a\n"mode": b\n', 'vibe.config.yaml:2:1', 'the key "mode" is there twice'],
    ['budgets: [{ window: day, limitUsd: "5" }]', 'vibe.config.yaml:1', 'expected a number from 0 to 9007199, got "5"'],
    ['budgets: [{ window: day, limitUsd: 1_000 }]', 'vibe.config.yaml:1', 'got "1_000"'],
    ['budgets: [{ window: day, limitUsd: .inf }]', 'vibe.config.yaml:1', 'got Infinity'],
    ['budgets: [{ window: day, limitUsd: .nan }]', 'vibe.config.yaml:1', 'got NaN'],
    ['budgets: [{ window: day, limitUsd: }]', 'vibe.config.yaml:1', 'got null'],
    ['dryRun: yes', 'vibe.config.yaml:1', 'dryRun: expected true or false, got "yes"'],
    ['mode: !strict best_effort', 'vibe.config.yaml:1', 'no valid YAML: Unresolved tag'],
    ['%YAML 1.1\n---\ndryRun: yes\n', 'vibe.config.yaml:1:1', 'asks for an old version of YAML'],
    ['base: &b { rpm: 1 }\nlimits: { x: { <<: *b } }', 'vibe.config.yaml:2', 'limits.x.<<: unknown key'],
    ['<<: { mode: best_effort }', 'vibe.config.yaml:1', '<<: unknown key (YAML merge keys are not read'],
    ['? [a, b]\n: 1\n', 'vibe.config.yaml:1', 'unknown key'],
    ['mode: *gone', 'vibe.config.yaml', 'Unresolved alias'],
    ['1: 2', 'vibe.config.yaml:1:1', '1: unknown key'],
    ['mode: strict_budget\n...\nmode: x\n', 'vibe.config.yaml', 'several YAML documents'],
    ['mode: best_effort\n---\nmode: x\n', 'vibe.config.yaml:2:1', 'several YAML documents: keep one'],
    ['limits: &all\n  qwen-plus: *all\n', 'vibe.config.yaml', 'has an alias (*) inside of what it stands for'],
    ['__proto__: { mode: strict_budget }', 'vibe.config.yaml:1:1', '__proto__: unknown key'],
    ['constructor: 1', 'vibe.config.yaml:1:1', 'constructor: unknown key'],
    ['mode: strict_budget\u0000', 'vibe.config.yaml', 'no text file'],
  ])('is refused with its place: %j', async (text, place, message) => {
    project(text);
    const error = await refusal();
    expect(error.message).toContain(place);
    expect(error.message).toContain(message);
  });
});

describe('keys that stand in the wrong place', () => {
  it.each([
    ['retry: { attempts: 2 }', 'retry: unknown key (it belongs below "defaults")'],
    ['cooldownMs: 5', 'cooldownMs: unknown key (it belongs below "breaker")'],
    ['probeIntervalMs: 5', 'probeIntervalMs: unknown key (it belongs below "router")'],
    ['policy: cheap', 'policy: unknown key (it belongs below "router")'],
    ['prices: []', 'prices: unknown key (it is an option of the plugin @vibe/pricing-registry)'],
    ['profiles: {}', 'each provider is an entry of "plugins"'],
    ['apiKey: x', 'keys of services are no part of a file: `llm keys set`'],
    ['Mode: strict_budget', 'Mode: unknown key (did you mean "mode"?)'],
    ['budget: []', 'budget: unknown key (did you mean "budgets"?)'],
    ['region: [cn]', 'region: unknown key (did you mean "regions"?)'],
    ['on_unpriced: warn', 'on_unpriced: unknown key (did you mean "onUnpriced"?)'],
    ['minTier: standard', 'minTier: unknown key (it belongs below "router.downgrade")'],
    ['router: { minTier: standard }', 'router.minTier: unknown key (it belongs below "router.downgrade")'],
    ['router: { regions: [cn] }', 'router.regions: unknown key (it belongs at the top)'],
    ['defaults: { policy: cheap }', 'defaults.policy: unknown key (it belongs below "router")'],
    ['limits: { x: { timezone: UTC } }', 'limits.x.timezone: unknown key (did you mean "rpdTimezone"?)'],
    ['tpm: 5', 'tpm: unknown key (it is part of a limit'],
    ['timezone: UTC', 'timezone: unknown key (it is part of a budget'],
    ['defaults: { timeout: { firstChunk: 1 } }', 'did you mean "firstChunkMs"?'],
  ])('are told where they belong: %s', async (text, message) => {
    project(text);
    expect((await refusal()).message).toContain(message);
  });
});

describe('files in odd places', () => {
  it('may be reached through a link, and are named by the link', async () => {
    const real = box.write('elsewhere/shared.yaml', 'mode: strict_budget\n');
    symlinkSync(real, join(box.cwd, 'vibe.config.yaml'));
    const { values, origins } = await load();
    expect(values).toEqual({ mode: 'strict_budget' });
    expect(origins.get('mode')).toBe('vibe.config.yaml:1');
  });

  it('are refused when a link leads to itself, also the folder of the user', async () => {
    const itself = join(box.cwd, 'vibe.config.yaml');
    symlinkSync(itself, itself);
    expect((await refusal()).message).toBe('vibe.config.yaml is a link that leads to itself.');
    mkdirSync(join(box.root, 'loops'));
    symlinkSync(join(box.root, 'loops/vibe'), join(box.root, 'loops/vibe'));
    // The budgets of the user must not vanish because their folder cannot be seen.
    const error = await refusal({ cwd: box.root, env: { ...box.env, XDG_CONFIG_HOME: join(box.root, 'loops') } });
    expect(error.message).toContain('loops/vibe/config.yaml is a link that leads to itself');
  });

  it('are the same file when the user gives their own: read once, and their keys may stay', async () => {
    const own = box.write(
      'home/.config/vibe/config.yaml',
      'plugins: [{ name: x, options: { apiKey: abc } }]\nbudgets: [{ window: day, limitUsd: 1, warnAt: [0.5] }]\n',
    );
    const config = await load({ configFile: own });
    expect(config.values.budgets).toEqual([{ window: 'day', limitUsd: 1, warnAt: [0.5] }]);
    expect(config.overruled).toEqual([]);
    expect(config.files.map(({ exists }) => exists)).toEqual([true, false]);
  });

  it.each([
    ['C:\\plugins\\mine.js', 'there is no plugin "C:\\plugins\\mine.js"'],
    ['.\\mine.js', 'there is no plugin ".\\mine.js"'],
    ['file:///no/such/plugin.js', 'there is no plugin "file:///no/such/plugin.js"'],
    ['~/no-such-plugin.js', 'there is no plugin "~/no-such-plugin.js"'],
    ['mine.mjs', '"mine.mjs" is taken for a package, and a path begins with "./"'],
  ])('may be written as on Windows, as an address, or without "./": %s', async (name, message) => {
    const { loadVibe } = await import('./load-vibe.js');
    box.write('project/mine.mjs', '');
    project(`plugins: ['${name}']`);
    const error = await loadVibe({ cwd: box.cwd, env: box.env }).catch((thrown: unknown) => thrown);
    expect(VibeError.is(error, 'config') && error.message).toContain(message);
    expect((error as VibeError).next.join()).not.toContain('npm i');
  });
});

describe('secrets that are not where one looks for them', () => {
  const key = 'sk-1234567890abcdef';

  it.each([
    ['a setting', `defaults: { model: ${key} }`, 'defaults.model looks like a secret'],
    ['a tag', `budgets: [{ window: day, limitUsd: 1, tags: { user: ${key} } }]`, 'budgets[0].tags.user looks like'],
    ['the name of a key', `${key}: 1`, 'unknown key'],
    ['an unknown key', `apiKey: ${key}`, 'apiKey looks like a secret'],
    ['deep below an unknown key', `qwen: { auth: { secretKey: ${key} } }`, 'qwen.auth.secretKey looks like a secret'],
    ['an address', 'plugins: [{ name: x, options: { baseUrl: "https://me:hunter22@host/v1" } }]', 'baseUrl looks like'],
    ['middleware', `middleware: [{ name: x, options: { token: ${key} } }]`, 'middleware[0].options.token looks like'],
    ['a wrong file', `mode: [${key}`, 'no valid YAML'],
    ['a tag of YAML', `mode: !${key} x`, 'Unresolved tag'],
    ['an alias', `mode: *${key}`, 'Unresolved alias'],
  ])('are found and not repeated: %s', async (_, text, message) => {
    project(text);
    const error = await refusal();
    expect(error.message).toContain(message);
    expect(JSON.stringify([error.toJSON(), error.message, error.stack])).not.toMatch(/1234567890abcdef|hunter22/);
  });

  it('are not quoted by complaints about JSON either', async () => {
    project(`{ "plugins": [{ "name": "x", "options": { "apiKey": plainSecretOfNoForm } }] }`, 'vibe.config.json');
    const error = await refusal();
    expect(error.message).toContain('vibe.config.json:1:53 is no valid JSON: expected a value, but there is "pla…"');
  });

  it('are not seen in names that only sound alike', async () => {
    project(
      'budgets: [{ window: day, limitUsd: 1, tags: { apiKey: "*", token: "*" } }]\nlimits: { "x/secret-model": { rpm: 1 } }',
    );
    expect((await load()).values.budgets).toHaveLength(1);
  });
});

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Vibe, VibeError } from '@vibe/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LoadOptions } from './load-config.js';
import { loadVibe, type PluginOptions } from './load-vibe.js';
import { echoPlugin, type Sandbox, sandbox } from './testing.js';

let box: Sandbox;
const opened: Vibe[] = [];
beforeEach(() => {
  box = sandbox();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((vibe) => vibe.close()));
  box.remove();
});

async function open(options: LoadOptions & PluginOptions = {}): Promise<Vibe> {
  const elsewhere = pathToFileURL(join(box.root, 'elsewhere/bin.js')).href;
  const vibe = await loadVibe({ cwd: box.cwd, env: box.env, resolveFrom: elsewhere, ...options });
  opened.push(vibe);
  return vibe;
}

async function refusal(options: LoadOptions & PluginOptions = {}): Promise<VibeError> {
  const error = await open(options).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!VibeError.is(error, 'config')) throw new Error(`expected a config error, got ${String(error)}`);
  return error;
}

function install(path: string, manifest: object, code = echoPlugin): void {
  box.write(`${path}/package.json`, JSON.stringify({ type: 'module', ...manifest }));
  box.write(`${path}/index.js`, code);
}

const installed = 'project/node_modules/@example/echo';
const ledgerPart = `
export default Object.assign(() => ({
  kind: 'plugin', name: '@example/ledger', specVersion: 'v1',
  create: () => ({ kind: 'ledger', hold: async () => ({}), extend: async () => {}, settle: async () => {}, budgets: async () => [], report: async () => 'theirs', check: async () => ({ allowed: true, refusal: null }), stats: async () => [], flush: async () => {}, close: async () => {} }),
}), { pluginName: '@example/ledger', specVersion: 'v1' });`;
const limiterPart = `
export default Object.assign(() => ({
  kind: 'plugin', name: '@example/limiter', specVersion: 'v1',
  create: () => ({ kind: 'limiter', acquire: async () => ({}), learn: () => {}, peek: async () => ({ nextFreeInMs: 3 }), close: async () => {} }),
}), { pluginName: '@example/limiter', specVersion: 'v1' });`;
const ownLedgerPart = `
export default Object.assign(() => ({
  kind: 'plugin', name: '@example/own-ledger', specVersion: 'v1',
  create: () => [
    { kind: 'ledger', hold: async () => ({}), extend: async () => {}, settle: async () => {}, budgets: async () => [], report: async () => 'default', check: async () => ({ allowed: true, refusal: null }), stats: async () => [], flush: async () => {}, close: async () => {} },
    { kind: 'limiter', acquire: async () => ({}), learn: () => {}, peek: async () => ({ nextFreeInMs: 7 }), close: async () => {} },
  ],
}), { pluginName: '@example/own-ledger', specVersion: 'v1' });`;

describe('a plugin that a file names twice', () => {
  const twice = (first: string, second: string) =>
    box.write(
      'project/vibe.config.yaml',
      `plugins: [{ name: '@example/echo', options: ${first} }, { name: '@example/echo', options: ${second} }]\n`,
    );
  beforeEach(() => install(installed, { name: '@example/echo', main: './index.js' }));

  it('is there twice, when that is what its options say', async () => {
    twice('{ id: one }', '{ id: two }');
    const vibe = await open();
    const answers = [
      await vibe.generate({ model: 'one/echo-1', prompt: 'a' }),
      await vibe.generate({ model: 'two/echo-1', prompt: 'b' }),
    ];
    expect(answers.map(({ providerMeta }) => providerMeta.provider)).toEqual(['one', 'two']);
  });

  it('is refused where both are the same provider, as in code; the first is not passed over in silence', async () => {
    twice('{ region: cn }', '{ region: sg }');
    expect((await refusal()).message).toContain('echo');
    twice('{ region: cn }', '{ region: cn }');
    await open();
  });
});

describe('a client from a config file', () => {
  it('has the plugins, options and settings of the file', async () => {
    install(installed, { exports: { types: './index.d.ts', default: './index.js' } });
    box.write(
      'project/vibe.config.yaml',
      "plugins: [{ name: '@example/echo', options: { id: loud } }]\ndefaults: { model: echo-1 }\n",
    );
    const vibe = await open();
    const response = await vibe.generate({ prompt: 'hello' });
    expect(response.text).toBe('hello');
    expect(response.providerMeta.provider).toBe('loud');
  });

  it.each([
    ['for import only', { exports: { '.': { types: './index.d.ts', import: './index.js' } } }],
    ['as a text', { exports: './index.js' }],
    ['for Node', { exports: { node: { import: './index.js' }, default: './nothing.js' } }],
    ['by main', { main: 'index.js' }],
  ])('finds plugins that export %s', async (_, manifest) => {
    install(installed, manifest);
    box.write('project/vibe.config.yaml', "plugins: ['@example/echo']\n");
    expect((await (await open()).generate({ prompt: 'x' })).text).toBe('x');
  });

  it('looks from the folder of each file, then from the program', async () => {
    install('home/.config/vibe/node_modules/@example/echo', { main: 'index.js' });
    install('program/node_modules/@example/theirs', { main: 'index.js' });
    box.write(
      'home/.config/vibe/config.yaml',
      "plugins: ['@example/echo', { name: '@example/theirs', options: { id: b } }]\n",
    );
    const resolveFrom = pathToFileURL(join(box.root, 'program/bin.js')).href;
    const vibe = await open({ resolveFrom });
    expect((await vibe.generate({ model: 'b/echo-1', prompt: 'x' })).text).toBe('x');
    expect((await refusal()).message).toContain('"@example/theirs" is not installed');
  });

  it('takes a plugin beside the file by its path, and middleware', async () => {
    box.write('project/plugins/echo.js', echoPlugin);
    box.write(
      'project/shout.mjs',
      `export default Object.assign(() => ({ kind: 'plugin', name: 'shout', specVersion: 'v1', create: () => ({
        kind: 'middleware',
        middleware: (next) => async function* (call) {
          for await (const event of next(call)) yield event.type === 'final' ? { type: 'final', response: { ...event.response, text: event.response.text.toUpperCase() } } : event;
        },
      }) }), { pluginName: 'shout', specVersion: 'v1' });`,
    );
    box.write('project/package.json', '{ "type": "module" }');
    box.write('project/vibe.config.yaml', 'plugins: [./plugins/echo.js]\nmiddleware: [./shout.mjs]\n');
    expect((await (await open()).generate({ prompt: 'hello' })).text).toBe('HELLO');
  });

  it('dry runs when the environment says so', async () => {
    install(installed, { main: 'index.js' });
    box.write('project/vibe.config.yaml', "plugins: ['@example/echo']\n");
    const vibe = await open({ env: { ...box.env, VIBE_DRY_RUN: '1' } });
    expect((await vibe.generate({ prompt: 'x' })).status).toBe('dry_run');
  });
});

describe('a plugin that does not work', () => {
  it.each([
    ['@vibe/provider-qwne', 'Did you mean "@vibe/provider-qwen"?', 'npm i @vibe/provider-qwen'],
    ['qwen', 'Did you mean "@vibe/provider-qwen"?', 'npm i @vibe/provider-qwen'],
    ['@acme/vibe-plugin', 'is not installed', 'npm i @acme/vibe-plugin'],
    ['ledger-sqlite', 'Did you mean "@vibe/ledger-sqlite"?', 'npm i @vibe/ledger-sqlite'],
    ['@vibe/provider-nobody', 'is not installed', 'npm i @vibe/provider-nobody'],
    ['@acme/provider-qwen', 'is not installed', 'npm i @acme/provider-qwen'],
    ['fs', 'is not installed', 'npm i fs'],
  ])('is not installed: %s', async (name, message, next) => {
    box.write('project/vibe.config.yaml', `mode: best_effort\nplugins:\n  - '${name}'\n`);
    const error = await refusal();
    expect(error.message).toContain(
      `vibe.config.yaml:3: the plugin "${name}" is not installed (looked for from ${box.cwd}`,
    );
    expect(error.message).toContain(message);
    expect(error.message.includes('Did you mean')).toBe(message.includes('Did you mean'));
    expect(error.next).toEqual([next]);
  });

  it('is a path that leads nowhere', async () => {
    box.write('project/vibe.config.yaml', 'plugins: [./gone.js]\n');
    expect((await refusal()).message).toBe(`vibe.config.yaml:1: there is no plugin "./gone.js" in ${box.cwd}.`);
  });

  it('is no plugin, cannot be loaded, or misses something itself', async () => {
    box.write('project/vibe.config.yaml', 'plugins: [./a.mjs]\n');
    box.write('project/a.mjs', 'export default () => ({});');
    expect((await refusal()).message).toContain('vibe.config.yaml:1: "./a.mjs" is no plugin');
    box.write('project/vibe.config.yaml', 'plugins: [./b.mjs]\n');
    box.write('project/b.mjs', 'throw new TypeError("broken inside");');
    const broken = await refusal();
    expect(broken.message).toContain('"./b.mjs" cannot be loaded: broken inside');
    expect(broken.next).toEqual(['Correct ./b.mjs, or its name in vibe.config.yaml:1.']);
    box.write('project/vibe.config.yaml', 'plugins: [./c.mjs]\n');
    box.write('project/c.mjs', 'import "left-pad-of-nobody"; export default 1;');
    expect((await refusal()).message).toContain(
      '"./c.mjs" cannot be loaded: Cannot find package \'left-pad-of-nobody\'',
    );
  });

  it('is a file of a package: the package is what is to be installed', async () => {
    box.write('project/vibe.config.yaml', "plugins: ['@acme/plugins/router']\n");
    expect((await refusal()).next).toEqual(['npm i @acme/plugins']);
  });

  it('makes nothing: the message names it', async () => {
    box.write('project/vibe.config.yaml', 'plugins: [./d.mjs]\n');
    const none = "{ kind: 'plugin', name: 'nothing', specVersion: 'v1', create: () => undefined }";
    box.write(
      'project/d.mjs',
      `export default Object.assign(() => (${none}), { pluginName: 'nothing', specVersion: 'v1' });`,
    );
    expect((await refusal()).message).toBe('nothing is no plugin: got undefined.');
  });

  it('has bad options: the message names the line of the option', async () => {
    install(installed, { main: 'index.js' });
    box.write(
      'project/vibe.config.yaml',
      "plugins:\n  - name: '@example/echo'\n    options:\n      id: a\n      fail: true\n",
    );
    const error = await refusal();
    expect(error.message).toBe('vibe.config.yaml:5: @example/echo: invalid options. options.fail: must not be set');
    expect(error.next).toEqual(['Correct it in vibe.config.yaml:5.']);
  });

  it('is nobody at all: says how to name one', async () => {
    const error = await refusal();
    expect(error.message).toContain('No plugins are configured');
    expect(error.next).toEqual([
      'npm i @vibe/provider-qwen',
      'Name it in vibe.config.yaml: plugins: ["@vibe/provider-qwen"]',
    ]);
  });
});

describe('default plugins', () => {
  const defaults = {
    defaultPlugins: { provider: ['@example/echo'], ledger: ['@example/own-ledger'] },
  };
  const openWithDefaults = () =>
    open({ ...defaults, resolveFrom: pathToFileURL(join(box.root, 'program/bin.js')).href });
  beforeEach(() => {
    install('program/node_modules/@example/echo', { main: 'index.js' });
    install('program/node_modules/@example/own-ledger', { main: 'index.js' }, ownLedgerPart);
  });

  it('serve when no file names any', async () => {
    const vibe = await openWithDefaults();
    expect(await vibe.report()).toBe('default');
    const { routes, verdict } = await vibe.estimate({ prompt: 'x' });
    expect(routes.map(({ target }) => target.provider)).toEqual(['echo']);
    expect(verdict.limiterWaitMs).toBe(7);
  });

  it('step back as a whole behind what a file names of their kind', async () => {
    box.write('project/theirs.mjs', ledgerPart);
    box.write('project/vibe.config.yaml', 'plugins: [./theirs.mjs]\n');
    const vibe = await openWithDefaults();
    expect(await vibe.report()).toBe('theirs');
    expect((await vibe.estimate({ prompt: 'x' })).verdict.limiterWaitMs).toBe(0);
  });

  it('leave out the parts that a file brings otherwise', async () => {
    box.write('project/limiter.mjs', limiterPart);
    box.write('project/vibe.config.yaml', 'plugins: [./limiter.mjs]\n');
    const vibe = await openWithDefaults();
    expect(await vibe.report()).toBe('default');
    expect((await vibe.estimate({ prompt: 'x' })).verdict.limiterWaitMs).toBe(3);
  });

  it('step back behind providers that a file names', async () => {
    box.write('project/echo.mjs', echoPlugin);
    box.write('project/vibe.config.yaml', 'plugins: [{ name: ./echo.mjs, options: { id: mine } }]\n');
    const vibe = await open({
      ...defaults,
      defaultPlugins: { provider: ['@example/echo'] },
      resolveFrom: pathToFileURL(join(box.root, 'program/bin.js')).href,
    });
    expect((await vibe.estimate({ prompt: 'x' })).routes.map(({ target }) => target.provider)).toEqual(['mine']);
  });
});

describe('budgets from files', () => {
  it('name their line when they refuse', async () => {
    install(installed, { main: 'index.js' });
    box.write(
      'project/vibe.config.yaml',
      "plugins: ['@example/echo', ./prices.mjs]\nbudgets:\n  - window: day\n    limitUsd: 0.001\nmode: strict_budget\n",
    );
    box.write('home/.config/vibe/config.yaml', 'budgets:\n  - window: day\n    limitUsd: 0.000001\n');
    box.write(
      'project/prices.mjs',
      `export default Object.assign(() => ({ kind: 'plugin', name: 'prices', specVersion: 'v1', create: () => ({
        kind: 'pricing',
        rates: () => [],
        price: ({ usage }) => ({ lines: [], totalNanoUsd: 1000 * (usage.quantities.output_token ?? 0), priceIds: ['p'], currency: 'USD', fxRate: null }),
      }) }), { pluginName: 'prices', specVersion: 'v1' });`,
    );
    const vibe = await open();
    const error = await vibe.generate({ prompt: 'x' }).catch((thrown: unknown) => thrown);
    expect(VibeError.is(error, 'budget_exceeded')).toBe(true);
    expect((error as VibeError).details['origin']).toBe('~/.config/vibe/config.yaml:3');
    expect((await vibe.budgets())[0]).toMatchObject({ limitUsd: 0.000001, origin: '~/.config/vibe/config.yaml:3' });
  });
});

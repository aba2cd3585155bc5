import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { VibeError } from '@vibe/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from './load-config.js';
import { loadVibe } from './load-vibe.js';
import { type Sandbox, sandbox } from './testing.js';

let box: Sandbox;
beforeEach(() => {
  box = sandbox();
});
afterEach(() => box.remove());

const load = () => loadConfig({ cwd: box.cwd, env: box.env });

function keep(text: string, mode = 0o600): string {
  const file = box.write('home/.config/vibe/keys.json', text);
  chmodSync(file, mode);
  return file;
}

async function refusal(): Promise<string> {
  const error = await load().catch((thrown: unknown) => thrown);
  if (!VibeError.is(error, 'config')) throw new Error(`expected a config error, got ${String(error)}`);
  return `${error.message} ${JSON.stringify(error.toJSON())}`;
}

describe('the keys file', () => {
  it('gives keys by the name of the variable, and shows none', async () => {
    keep('{ "DASHSCOPE_API_KEY_SG": "kept-and-never-shown" }');
    const config = await load();
    expect(config.secret('DASHSCOPE_API_KEY_SG')).toBe('kept-and-never-shown');
    expect(config.secret('DASHSCOPE_API_KEY')).toBeUndefined();
    expect(JSON.stringify(config)).not.toContain('kept-and-never-shown');
  });

  it('is not needed', async () => {
    expect((await load()).secret('ANY')).toBeUndefined();
  });

  it('reaches the providers', async () => {
    keep('{ "ECHO_KEY": "kept" }');
    box.write(
      'project/asks.mjs',
      `export default Object.assign(() => ({ kind: 'plugin', name: 'asks', specVersion: 'v1', create: (host) => ({
        kind: 'provider', id: 'asks',
        endpoints: [{ id: 'here', region: 'global', baseUrl: 'http://127.0.0.1:1', keyPresent: () => host.secret('ECHO_KEY') === 'kept', keyName: 'ECHO_KEY' }],
        models: [{ id: 'asks-1', operations: ['chat'], input: ['text'], output: ['text'], streams: true, tools: false, structured: false, reasoning: false, tier: 'standard', contextTokens: 1000, maxOutputTokens: 100 }],
        async *stream() {},
      }) }), { pluginName: 'asks', specVersion: 'v1' });`,
    );
    box.write('project/vibe.config.yaml', 'plugins: [./asks.mjs]\n');
    await using vibe = await loadVibe({ cwd: box.cwd, env: box.env });
    expect((await vibe.estimate({ prompt: 'x' })).routes[0]).toMatchObject({ eligible: true });
  });

  it.skipIf(process.platform === 'win32').each([0o640, 0o604, 0o620, 0o644])(
    'is refused when others may read or change it: %o',
    async (mode) => {
      keep('{ "A": "never-shown" }', mode);
      const text = await refusal();
      expect(text).toContain(
        `~/.config/vibe/keys.json holds keys and may be read by others (mode 0${mode.toString(8)})`,
      );
      expect(text).toContain('chmod 600');
      expect(text).not.toContain('never-shown');
    },
  );

  it.each([
    ['{ "A": never-shown }', 'keys.json:1:8 is no valid JSON'],
    ['{ "A": "never-shown", "A": "never-shown" }', 'keys.json:1:23 is no valid JSON'],
    ['["never-shown"]', 'keys.json has to be a mapping of variables to keys'],
    ['{ "A": ["never-shown"] }', 'keys.json:1:3 A: expected a key'],
    ['{ "A": "" }', 'keys.json:1:3 A: expected a key'],
    ['{ "never-shown": "x" }', 'has an entry whose name is no name of a variable'],
    ['', 'keys.json'],
  ])('is refused without being quoted: %s', async (text, message) => {
    keep(text);
    const shown = await refusal();
    expect(shown).toContain(message);
    expect(shown).not.toContain('never-shown');
  });

  it('may be a folder or a link to itself, and is refused', async () => {
    const file = join(box.root, 'home/.config/vibe/keys.json');
    mkdirSync(file, { recursive: true });
    expect(await refusal()).toContain('keys.json is a folder, not a file');
    box.remove();
    mkdirSync(join(file, '..'), { recursive: true });
    symlinkSync(file, file);
    expect(await refusal()).toContain('keys.json is a link that leads to itself');
  });
});

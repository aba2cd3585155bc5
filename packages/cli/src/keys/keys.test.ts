import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeWorld, finished, run, type Sandbox, sandbox } from '../testing.js';

/** Runs a command on a terminal of its own (util-linux). */
const pseudoTerminal = 'script';
const key = 'sk-a-key-that-must-never-be-shown';

let box: Sandbox;
beforeEach(() => {
  box = sandbox();
});
afterEach(() => box.remove());

const file = () => `${box.root}/home/.config/vibe/keys.json`;
const kept = () => JSON.parse(readFileSync(file(), 'utf8')) as Record<string, string>;

function world(given: Parameters<typeof fakeWorld>[0] = {}) {
  return fakeWorld({ cwd: box.cwd, ...given, env: { HOME: `${box.root}/home`, NO_COLOR: '1', ...given.env } });
}

/** Runs it with the key piped in. No output may hold it. */
async function llm(args: readonly string[], given: Parameters<typeof fakeWorld>[0] = {}) {
  const result = await run(args, world(given));
  expect(result.out + result.err).not.toContain(key);
  return result;
}

describe('llm keys set', () => {
  it.each([
    ['qwen', 'DASHSCOPE_API_KEY'],
    ['qwen@sg', 'DASHSCOPE_API_KEY_SG'],
    ['gemini', 'GEMINI_API_KEY'],
    ['MY_OWN_KEY', 'MY_OWN_KEY'],
  ])('keeps what is piped in for %s under %s, in a file that only its owner can read', async (name, variable) => {
    const { exitCode, out, err } = await llm(['keys', 'set', name], { input: `${key}\n` });
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: '' });
    expect(err).toBe(`${variable} is kept in ~/.config/vibe/keys.json, which only you can read.\n`);
    expect(kept()).toEqual({ [variable]: key });
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(readdirSync(`${box.root}/home/.config/vibe`)).toEqual(['keys.json']);
  });

  it('finds a profile with a key of its own', async () => {
    box.write(
      'project/vibe.config.yaml',
      "plugins: ['@vibe/provider-qwen', { name: '@vibe/provider-qwen', options: { profile: work, keyEnv: WORK_KEY } }]\n",
    );
    await llm(['keys', 'set', 'qwen@work'], { input: key });
    await llm(['keys', 'set', 'qwen'], { input: `${key}-2` });
    expect(kept()).toEqual({ DASHSCOPE_API_KEY: `${key}-2`, WORK_KEY: key });
  });

  it('asks on a terminal without showing what is typed', async () => {
    const stdin = Object.assign(new PassThrough(), { isTTY: true });
    const running = llm(['keys', 'set', 'GEMINI_API_KEY'], { stdin });
    stdin.write(`${key}x`);
    // Backspace takes the last character away.
    stdin.write('\x7f\r');
    const { exitCode, err } = await running;
    expect(exitCode).toBe(0);
    expect(err).toContain('Key for GEMINI_API_KEY (not shown): \n');
    expect(kept()).toEqual({ GEMINI_API_KEY: key });
  });

  it.skipIf(spawnSync(pseudoTerminal, ['--version']).status !== 0)('does not echo on a real terminal', async () => {
    const bin = fileURLToPath(new URL('../../dist/bin.js', import.meta.url));
    const child = spawn(pseudoTerminal, ['-qec', `${process.execPath} ${bin} keys set GEMINI_API_KEY`, '/dev/null'], {
      cwd: box.cwd,
      env: { PATH: process.env['PATH'], HOME: `${box.root}/home`, TERM: 'dumb' },
    });
    let asked = false;
    child.stdout.on('data', (chunk: Buffer) => {
      if (!asked && chunk.toString().includes('not shown')) {
        asked = true;
        child.stdin.write(`${key}\r`);
      }
    });
    const { out, err } = await finished(child);
    expect(out + err).toContain('Key for GEMINI_API_KEY');
    expect(out + err).toContain('is kept in');
    expect(out + err).not.toContain(key);
    expect(kept()).toEqual({ GEMINI_API_KEY: key });
  });

  it.each([
    ['', 'There is no key'],
    ['  \n', 'There is no key'],
    [`${key}\n${key}`, 'That is no key'],
    [`${key} x`, 'That is no key'],
    [`«${key}»`, 'That is no key'],
    ['x'.repeat(70_000), 'more than 65536 bytes'],
  ])('refuses what is no key and writes nothing (%#)', async (input, message) => {
    const { exitCode, err } = await llm(['keys', 'set', 'gemini'], { input });
    expect([exitCode, err.replace(/\s+/g, ' ')]).toEqual([2, expect.stringContaining(message)]);
    expect(existsSync(file())).toBe(false);
  });

  it('says when the environment has another one, which counts', async () => {
    const { err } = await llm(['keys', 'set', 'gemini'], { input: key, env: { GEMINI_API_KEY: 'other' } });
    expect(err).toContain('GEMINI_API_KEY is set in the environment, too, and that one counts.');
    expect(err).not.toContain('other');
  });

  it('names the provider that was meant', async () => {
    const { exitCode, err } = await llm(['keys', 'set', 'gemin'], { input: key });
    expect([exitCode, err]).toEqual([2, expect.stringContaining('  llm keys set gemini\n')]);
  });

  it('does not write over a file it cannot take as it is', async () => {
    box.write('home/.config/vibe/keys.json', '{ "A": broken }');
    chmodSync(file(), 0o600);
    expect((await llm(['keys', 'set', 'B'], { input: key })).exitCode).toBe(7);
    expect(readFileSync(file(), 'utf8')).toBe('{ "A": broken }');
  });
});

describe('a key that is kept', () => {
  it('is listed without being shown, used, and forgotten', async () => {
    await llm(['keys', 'set', 'qwen'], { input: key });
    await llm(['keys', 'set', 'OLD_KEY'], { input: key });
    const listed = JSON.parse((await llm(['keys', '--json'], { env: { GEMINI_API_KEY: key } })).out) as {
      rows: unknown[];
    };
    expect(listed.rows).toEqual(
      expect.arrayContaining([
        { variable: 'DASHSCOPE_API_KEY', used_by: ['qwen@cn'], source: 'keys_file' },
        { variable: 'DASHSCOPE_API_KEY_SG', used_by: ['qwen@sg'], source: null },
        { variable: 'GEMINI_API_KEY', used_by: ['gemini@global'], source: 'env' },
        { variable: 'OLD_KEY', used_by: [], source: 'keys_file' },
      ]),
    );
    const table = await llm(['keys', 'list']);
    expect(table.out).toMatch(/DASHSCOPE_API_KEY +~\/\.config\/vibe\/keys\.json +qwen@cn/);
    expect((await llm(['providers', 'list'])).out).toMatch(/qwen +cn +cn +keys file/);
    expect((await llm(['keys', 'unset', 'OLD_KEY'])).exitCode).toBe(0);
    expect(kept()).toEqual({ DASHSCOPE_API_KEY: key });
    const again = await llm(['keys', 'unset', 'OLD_KEY']);
    expect([again.exitCode, again.err]).toEqual([2, expect.stringContaining('keeps no OLD_KEY')]);
    expect((await llm(['keys', 'path'])).out).toBe(`${file()}\n`);
  });
});

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createProgram } from '../program.js';
import { fakeWorld, run } from '../testing.js';
import { completionScript } from './script.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vibe-completion-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const program = () => createProgram(async () => undefined, fakeWorld());

/** What bash offers for the last word of a line. */
function offered(...words: string[]): readonly string[] {
  const script = completionScript(program(), 'bash', ['qwen-plus', 'qwen-max', "it's a trap; rm"]);
  const line = `${script}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _llm; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', line], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.trim().split('\n');
}

describe('completion in bash', () => {
  it('knows commands, commands of commands and flags', () => {
    expect(offered('llm', 'gen')).toEqual(['generate']);
    expect(offered('llm', 'budget', 'to')).toEqual(['today', 'top']);
    expect(offered('llm', '--json', 'budget', 'report', '--br')).toEqual(['--breakdown']);
    expect(offered('llm', 'g', '--max-c')).toEqual(['--max-cost']);
  });

  it('knows values of flags, and no model that would be a command of the shell', () => {
    expect(offered('llm', 'g', '-m', 'qwen-')).toEqual(['qwen-plus', 'qwen-max']);
    expect(offered('llm', 'budget', 'top', '--metric', 'f')).toEqual(['fail']);
    expect(completionScript(program(), 'fish', ["it's a trap; rm"])).not.toContain('trap');
  });
});

describe('llm completion', () => {
  it('prints a script with the models of the configured providers', async () => {
    const world = () => fakeWorld({ cwd: folder, env: { NO_COLOR: '1', HOME: folder, XDG_STATE_HOME: folder } });
    const zsh = await run(['completion', 'zsh'], world());
    expect(zsh.exitCode).toBe(0);
    expect(zsh.out).toMatch(/^#compdef llm vibe\n/);
    expect(zsh.out).toContain(' qwen-plus');
    const fish = await run(['completion', 'fish'], world());
    expect(fish.out).toContain(
      "complete -c llm -f -n '__fish_seen_subcommand_from budget; and not __fish_seen_subcommand_from today",
    );
    expect((await run(['completion', 'tcsh'], world())).exitCode).toBe(2);
  });
});

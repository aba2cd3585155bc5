import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeWorld, run, type Sandbox, sandbox } from '../testing.js';
import { yamlTemplate } from './template.js';

let box: Sandbox;
beforeEach(() => {
  box = sandbox();
});
afterEach(() => box.remove());

const llm = (...args: string[]) =>
  run(args, fakeWorld({ cwd: box.cwd, env: { HOME: `${box.root}/home`, NO_COLOR: '1' } }));

describe('llm init', () => {
  it.each([
    [[], 'project/vibe.config.yaml'],
    [['--user'], 'home/.config/vibe/config.yaml'],
    [['--format', 'json'], 'project/vibe.config.json'],
  ])('%j writes a file that is valid', async (flags, path) => {
    const { exitCode, out, err } = await llm('init', ...flags);
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: '' });
    expect(err).toContain(`${box.root}/${path} is written.`);
    expect(existsSync(`${box.root}/${path}`)).toBe(true);
    expect((await llm('config', 'validate')).exitCode).toBe(0);
    expect((await llm('config', 'get', 'budgets[0].limitUsd')).out).toBe('5\n');
  });

  it('never replaces a file, whatever its ending', async () => {
    box.write('project/vibe.config.yml', 'mode: best_effort\n');
    const { exitCode, err } = await llm('init', '--format', 'json');
    expect(exitCode).toBe(2);
    expect(err).toContain('vibe.config.yml is already there');
    expect(readFileSync(`${box.cwd}/vibe.config.yml`, 'utf8')).toBe('mode: best_effort\n');
    expect(existsSync(`${box.cwd}/vibe.config.json`)).toBe(false);
  });

  it('begins one in a folder below another project, and says whose place it takes', async () => {
    box.write('vibe.config.yaml', 'mode: best_effort\n');
    expect((await llm('init')).err).toContain('Here it takes the place of');
    expect(JSON.parse((await llm('config', 'path', '--json')).out)).toMatchObject({
      rows: [{ exists: false }, { path: `${box.cwd}/vibe.config.yaml`, exists: true }],
    });
  });

  it.each(['other.json', 'conf/other.yml'])('writes the file that --config names: %s', async (name) => {
    expect((await llm('init', '--config', name)).err).toContain(`${box.cwd}/${name} is written.`);
    expect((await llm('config', 'get', 'budgets[0].limitUsd', '--config', name)).out).toBe('5\n');
    expect((await llm('init', '--config', name)).err).toContain(`${name} is already there`);
    expect((await llm('init', '--config', 'other.txt')).exitCode).toBe(2);
  });

  it('names the schema where the package is installed', async () => {
    box.write('node_modules/@vibe/config/schema.json', '{}');
    await llm('init');
    expect(readFileSync(`${box.cwd}/vibe.config.yaml`, 'utf8')).toMatch(
      /^# yaml-language-server: \$schema=\.\.\/node_modules\/@vibe\/config\/schema\.json\n/,
    );
  });

  it('comments out nothing that is wrong', async () => {
    const all = yamlTemplate('project', null)
      .replace('# - { name', '- { name')
      .replace('# - { window', '- { window')
      .replace(/^# (?=(limits|regions|router|defaults): ?|\s)/gm, '');
    expect(all).toMatch(/^ {2}retry: /m);
    box.write('project/vibe.config.yaml', all);
    const { exitCode, err } = await llm('config', 'validate');
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: 'Fine: vibe.config.yaml.\n' });
    expect((await llm('config', 'get', 'defaults.retry.attempts')).out).toBe('4\n');
  });
});

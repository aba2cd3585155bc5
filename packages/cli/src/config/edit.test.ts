import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeWorld, run, type Sandbox, sandbox } from '../testing.js';

let box: Sandbox;
beforeEach(() => {
  box = sandbox();
});
afterEach(() => box.remove());

const llm = (...args: string[]) =>
  run(args, fakeWorld({ cwd: box.cwd, env: { HOME: `${box.root}/home`, NO_COLOR: '1' } }));
const piped = (...args: string[]) =>
  run(args, fakeWorld({ cwd: box.cwd, isTTY: false, env: { HOME: `${box.root}/home` } }));
const text = (path: string) => readFileSync(`${box.root}/${path}`, 'utf8');

describe('llm config set', () => {
  it('changes the project file and keeps its comments', async () => {
    box.write('project/vibe.config.yaml', '# ours\nmode: best_effort # for now\n');
    const { exitCode, out, err } = await llm('config', 'set', 'mode', 'strict_budget');
    expect({ exitCode, out, err }).toEqual({
      exitCode: 0,
      out: '',
      err: 'vibe.config.yaml: mode = "strict_budget" (was "best_effort")\n',
    });
    expect(text('project/vibe.config.yaml')).toBe('# ours\nmode: strict_budget # for now\n');
    expect((await llm('config', 'get', 'mode')).out).toBe('strict_budget\n');
  });

  it('writes the user file with --user, which need not be there', async () => {
    expect((await llm('config', 'set', '--user', 'budgets[0]', '{"window":"day","limitUsd":2}')).exitCode).toBe(0);
    expect(text('home/.config/vibe/config.yaml')).toBe('budgets:\n  - window: day\n    limitUsd: 2\n');
  });

  it('makes no project file where there is none', async () => {
    const { exitCode, err } = await llm('config', 'set', 'mode', 'strict_budget');
    expect(exitCode).toBe(2);
    expect(err).toContain('There is no vibe.config.yaml here');
    expect(err).toContain('llm init');
  });

  it('says when a stricter layer is in force all the same', async () => {
    box.write('home/.config/vibe/config.yaml', 'mode: strict_budget\n');
    box.write('project/vibe.config.yaml', 'onUnpriced: warn\n');
    const { err } = await llm('config', 'set', 'mode', 'best_effort');
    expect(err).toContain('It is not in force: ~/.config/vibe/config.yaml:1 is stricter.');
    const json = JSON.parse((await llm('config', 'set', 'onUnpriced', 'refuse', '--json')).out) as object;
    expect(json).toMatchObject({
      schema: 'vibe.config_set/1',
      rows: [{ key: 'onUnpriced', before: 'warn', after: 'refuse' }],
      warnings: [],
    });
  });

  it('refuses a wrong value with the exit code of a wrong configuration, and leaves the file alone', async () => {
    box.write('project/vibe.config.yaml', 'mode: best_effort\n');
    const { exitCode, err } = await llm('config', 'set', 'mode', 'strict');
    expect(exitCode).toBe(7);
    expect(err.replace(/\s+/g, ' ')).toContain(
      'expected one of best_effort, strict_budget, got "strict" (did you mean',
    );
    expect(text('project/vibe.config.yaml')).toBe('mode: best_effort\n');
  });

  it('takes no keys', async () => {
    box.write('project/vibe.config.yaml', 'mode: best_effort\n');
    const { exitCode, err } = await llm('config', 'set', '--user', 'plugins[0].options.apiKey', 'hunter2-secret');
    expect(exitCode).toBe(7);
    expect(err).toContain('llm keys set NAME');
    expect(err).not.toContain('hunter2');
  });
});

describe('llm config unset', () => {
  it('takes a key out, and says so when it is not there', async () => {
    box.write('project/vibe.config.yaml', 'mode: best_effort\nrouter: { policy: cheap }\n');
    expect((await llm('config', 'unset', 'router.policy')).err).toBe(
      'vibe.config.yaml: router.policy is not set any more (was "cheap")\n',
    );
    expect(text('project/vibe.config.yaml')).toBe('mode: best_effort\n');
    const again = await llm('config', 'unset', 'router.policy');
    expect([again.exitCode, again.err]).toEqual([2, expect.stringContaining('does not set router.policy')]);
  });
});

describe('llm config get', () => {
  beforeEach(() => {
    box.write(
      'project/vibe.config.yaml',
      "mode: strict_budget\nbudgets: [{ window: day, limitUsd: 5, tags: { user: '*' } }]\nplugins: [{ name: x, options: { region: sg } }]\n",
    );
  });

  it('prints one value, or all below a key with their origins', async () => {
    expect((await piped('config', 'get', 'budgets[0].limitUsd')).out).toBe('5\n');
    expect((await piped('config', 'get', 'budgets')).out).toBe(
      'key\tvalue\tfrom\tnote\nbudgets[0].window\tday\tvibe.config.yaml:2\t\nbudgets[0].limitUsd\t5\tvibe.config.yaml:2\t\nbudgets[0].tags.user\t*\tvibe.config.yaml:2\t\n',
    );
    expect((await piped('config', 'get', 'plugins[0].options.region')).out).toBe('sg\n');
    expect(JSON.parse((await llm('config', 'get', 'mode', '--json')).out)).toMatchObject({
      schema: 'vibe.config/1',
      rows: [{ key: 'mode', value: 'strict_budget', origin: 'vibe.config.yaml:1' }],
    });
  });

  it('is exit code 1 for what nothing sets, 2 for what does not exist', async () => {
    const unset = await llm('config', 'get', 'router.policy');
    expect([unset.exitCode, unset.out]).toEqual([1, '']);
    expect(unset.err).toContain('router.policy is not set, so it has its default. Default: smart.');
    const unknown = await llm('config', 'get', 'modes');
    expect([unknown.exitCode, unknown.err]).toEqual([2, expect.stringContaining('did you mean mode?')]);
    expect((await llm('config', 'get', 'mode.inner')).exitCode).toBe(2);
    expect((await llm('config', 'get', '')).exitCode).toBe(2);
  });
});

describe('llm config show', () => {
  it.each([60, 80, 120])('fits %i columns: long lists are shortened first, then the origins go', async (columns) => {
    const steps = ['qwen-plus', 'gemini-2.5-flash-lite', 'gemini-3.6-flash'];
    box.write('project/vibe.config.yaml', `router: { downgrade: { allow: true, steps: ${JSON.stringify(steps)} } }\n`);
    const env = { HOME: `${box.root}/home`, NO_COLOR: '1' };
    const { out } = await run(['config', 'show'], fakeWorld({ cwd: box.cwd, env, columns }));
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
    expect(out).toContain('router.downgrade.steps');
    expect(out.includes('vibe.config.yaml:1')).toBe(columns >= 80);
    expect(out.includes(JSON.stringify(steps))).toBe(columns >= 120);
    expect((await piped('config', 'get', 'router.downgrade.steps')).out).toContain('gemini-3.6-flash');
  });
});

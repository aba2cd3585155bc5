import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeConfig } from './describe-config.js';
import { loadConfig } from './load-config.js';
import { type Sandbox, sandbox } from './testing.js';

let box: Sandbox;
beforeEach(() => {
  box = sandbox();
});
afterEach(() => box.remove());

describe('a configuration for people', () => {
  it('has a row per setting with its origin, and what was less strict beside it', async () => {
    box.write('home/.config/vibe/config.yaml', 'mode: strict_budget\nbudgets: [{ window: day, limitUsd: 5 }]\n');
    box.write('project/vibe.config.yaml', 'mode: best_effort\nrouter: { order: [a, b] }\n');
    const config = await loadConfig({ cwd: box.cwd, env: { ...box.env, VIBE_MODEL: 'qwen-plus' } });
    expect(describeConfig(config)).toEqual([
      {
        key: 'mode',
        value: 'strict_budget',
        origin: '~/.config/vibe/config.yaml:1',
        overruled: [
          { path: 'mode', value: 'best_effort', origin: 'vibe.config.yaml:1', by: '~/.config/vibe/config.yaml:1' },
        ],
      },
      { key: 'budgets[0].window', value: 'day', origin: '~/.config/vibe/config.yaml:2', overruled: [] },
      { key: 'budgets[0].limitUsd', value: 5, origin: '~/.config/vibe/config.yaml:2', overruled: [] },
      { key: 'router.order', value: ['a', 'b'], origin: 'vibe.config.yaml:2', overruled: [] },
      { key: 'defaults.model', value: 'qwen-plus', origin: 'env VIBE_MODEL', overruled: [] },
    ]);
  });

  it('hides what looks like a secret, wherever it stands', async () => {
    const secret = 'sk-1234567890abcdef';
    box.write(
      'home/.config/vibe/config.yaml',
      `plugins:\n  - name: x\n    options: { apiKey: ${secret}, region: sg, deep: [{ token: ${secret} }, plain], url: "https://a/?key=${secret}" }\n`,
    );
    const rows = describeConfig(await loadConfig({ cwd: box.cwd, env: box.env }));
    expect(JSON.stringify(rows)).not.toContain(secret);
    expect(rows.map(({ key, value }) => [key, value])).toEqual([
      ['plugins[0]', 'x'],
      ['plugins[0].options.apiKey', '(hidden)'],
      ['plugins[0].options.region', 'sg'],
      ['plugins[0].options.deep[0].token', '(hidden)'],
      ['plugins[0].options.deep[1]', 'plain'],
      ['plugins[0].options.url', '(hidden)'],
    ]);
  });
});

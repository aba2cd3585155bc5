import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadConfig } from '../load-config.js';
import { type Sandbox, sandbox } from '../testing.js';

let box: Sandbox;
beforeEach(() => {
  box = sandbox();
});
afterEach(() => box.remove());

const entry = (model: string, price: string) =>
  `{ provider: qwen, model: ${model}, region: cn, unit: input_token, price: '${price}', per: 1000000 }`;

async function options() {
  const { plugins } = await loadConfig({ cwd: box.cwd, env: box.env });
  const found = plugins.find(({ name }) => name === '@vibe/pricing-registry');
  return { prices: undefined as unknown, ...found?.options };
}

it('joins the prices of both layers, the more specific first, each with the line it stands in', async () => {
  box.write(
    'home/.config/vibe/config.yaml',
    `plugins:\n  - name: '@vibe/pricing-registry'\n    options:\n      warnAgeDays: 30\n      prices:\n        - ${entry('a', '1')}\n        - ${entry('b', '2')}\n`,
  );
  box.write(
    'project/vibe.config.yaml',
    `plugins:\n  - name: '@vibe/pricing-registry'\n    options:\n      prices:\n        - ${entry('a', '3')}\n`,
  );
  const { prices, ...others } = await options();
  const shown = (prices as { model: string; price: string; origin: string }[]).map(
    ({ model, price, origin }) => `${model} ${price} ${origin}`,
  );
  expect(shown).toEqual([
    'a 3 vibe.config.yaml:5',
    'a 1 ~/.config/vibe/config.yaml:6',
    'b 2 ~/.config/vibe/config.yaml:7',
  ]);
  expect(others).toMatchObject({ warnAgeDays: 30 });
});

it('keeps the prices of a user in a project that names the plugin without any', async () => {
  box.write(
    'home/.config/vibe/config.yaml',
    `plugins:\n  - name: '@vibe/pricing-registry'\n    options:\n      prices: [${entry('a', '1')}]\n`,
  );
  box.write('project/vibe.config.yaml', `plugins: ['@vibe/pricing-registry']\n`);
  expect((await options()).prices).toHaveLength(1);
});

it('leaves what is no list of prices to the plugin, which refuses it', async () => {
  box.write(
    'project/vibe.config.yaml',
    `plugins: [{ name: '@vibe/pricing-registry', options: { prices: [7], currencies: 1 } }]\n`,
  );
  expect(await options()).toMatchObject({ prices: [7], currencies: 1 });
});

// Runs where the packed packages and the examples are installed: a plugin of each kind changes what becomes of a call,
// first passed in code, then named in a config file. The argument is the address of a simulator.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { loadVibe } from '@vibe/config';
import { createVibe } from '@vibe/core';
import prepaid from '@vibe/example-ledger-prepaid';
import quietHours from '@vibe/example-limiter-quiet-hours';
import noEmail from '@vibe/example-middleware-no-email';
import contractPrices from '@vibe/example-pricing-contract';
import acme from '@vibe/example-provider-acme';
import abTest from '@vibe/example-router-ab-test';
import characters from '@vibe/example-tokenizer-characters';
import { pricingRegistry } from '@vibe/pricing-registry';
import { qwen } from '@vibe/provider-qwen';

const [simulatorUrl] = process.argv.slice(2);
const prompt = 'Why is the sky blue? '.repeat(200);
const acmeServer = await startAcme();

/** A plugin as code and as a file name it. */
const entry = (plugin, name, options) => ({ plugin: plugin(options), named: { name, options } });
const model = entry(qwen, '@vibe/provider-qwen', { baseUrl: `${simulatorUrl}/compatible-mode/v1` });
const prices = entry(pricingRegistry, '@vibe/pricing-registry', {});
const service = entry(acme, '@vibe/example-provider-acme', { baseUrl: acmeServer.url });

const outcomeOf = (request) => async (vibe) => {
  try {
    const response = await vibe.generate({ prompt, maxOutputTokens: 16, ...request });
    const priced = response.cost.lines.map(({ priceId }) => priceId.split(':')[0]);
    return { text: response.text, model: response.providerMeta.model, priced: priced[0] ?? null };
  } catch (error) {
    return { code: error.code };
  }
};

const upperBoundUsd = await withClient(
  () => createVibe({ plugins: [model.plugin, prices.plugin] }),
  async (vibe) => (await vibe.estimate({ model: 'qwen-plus', prompt, maxOutputTokens: 16 })).worstCaseUsd,
);

const cases = [
  {
    kind: 'provider',
    base: [model, prices],
    added: service,
    outcome: outcomeOf({ model: 'acme-1' }),
    without: { code: 'no_route' },
    with: { text: 'Acme says hello.' },
  },
  {
    kind: 'ledger',
    base: [model, prices],
    added: entry(prepaid, '@vibe/example-ledger-prepaid', { creditUsd: 0.000001 }),
    outcome: outcomeOf({ model: 'qwen-plus' }),
    without: { model: 'qwen-plus' },
    with: { code: 'budget_exceeded' },
  },
  {
    kind: 'limiter',
    base: [model, prices],
    added: entry(quietHours, '@vibe/example-limiter-quiet-hours', { from: 0, to: 0 }),
    outcome: outcomeOf({ model: 'qwen-plus' }),
    without: { model: 'qwen-plus' },
    with: { code: 'rate_limited' },
  },
  {
    kind: 'router',
    base: [model, prices],
    added: entry(abTest, '@vibe/example-router-ab-test', { models: ['qwen-max'] }),
    outcome: outcomeOf({ route: 'cheap', tags: { user: 'ann' } }),
    without: { code: undefined },
    with: { model: 'qwen-max' },
  },
  {
    kind: 'pricing',
    // The first answer counts, so it stands before the registry.
    first: true,
    base: [model, prices],
    added: entry(contractPrices, '@vibe/example-pricing-contract', {
      provider: 'qwen',
      since: '2020-01-01',
      models: { 'qwen-plus': { input: 1, output: 2 } },
    }),
    outcome: outcomeOf({ model: 'qwen-plus' }),
    without: { model: 'qwen-plus' },
    with: { priced: 'contract' },
  },
  {
    kind: 'tokenizer',
    base: [model, prices],
    added: entry(characters, '@vibe/example-tokenizer-characters', { models: ['qwen-plus'], charactersPerToken: 5 }),
    outcome: outcomeOf({ model: 'qwen-plus', maxCostUsd: upperBoundUsd * 0.9 }),
    without: { code: 'budget_exceeded' },
    with: { model: 'qwen-plus' },
  },
  {
    kind: 'middleware',
    base: [service],
    added: entry(noEmail, '@vibe/example-middleware-no-email', {}),
    outcome: async (vibe) => {
      await vibe.generate({ model: 'acme-1', prompt: 'Write to ann@example.com.' });
      return { sent: acmeServer.lastText() };
    },
    without: { sent: 'user: Write to ann@example.com.' },
    with: { sent: 'user: Write to [email].' },
  },
];

for (const each of cases) {
  const all = each.first ? [each.added, ...each.base] : [...each.base, each.added];
  const without = await withClient(() => inCode(each.base), each.outcome);
  matches(without, each.without, `${each.kind}: without the plugin`);
  const inCodeOutcome = await withClient(() => inCode(all), each.outcome);
  matches(inCodeOutcome, each.with, `${each.kind}: in code`);
  const fromFile = await withClient(() => inFile(all), each.outcome);
  matches(fromFile, each.with, `${each.kind}: named in a config file`);
  assert.notDeepEqual(without, fromFile, `${each.kind}: the plugin changed nothing`);
}
await acmeServer.close();
console.log(JSON.stringify({ kinds: cases.map(({ kind }) => kind) }));

function matches(outcome, expected, what) {
  for (const [key, value] of Object.entries(expected))
    assert.deepEqual(outcome[key], value, `${what}: ${JSON.stringify(outcome)}`);
}

function inCode(entries) {
  return createVibe({ plugins: entries.map(({ plugin }) => plugin) });
}

function inFile(entries) {
  writeFileSync('vibe.config.json', JSON.stringify({ plugins: entries.map(({ named }) => named) }));
  return loadVibe();
}

async function withClient(open, use) {
  const vibe = await open();
  try {
    return await use(vibe);
  } finally {
    await vibe.close();
    rmSync('vibe.config.json', { force: true });
  }
}

/** Acme's service, in one answer. */
async function startAcme() {
  let last = '';
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    last = JSON.parse(body).text;
    response.end('data: {"text":"Acme says hello."}\n\ndata: {"end":"stop","in":5,"out":4}\n\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    lastText: () => last,
    close: async () => void server.close(),
  };
}

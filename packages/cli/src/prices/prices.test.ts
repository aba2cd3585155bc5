/** The built program on price lists and files. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeWorld, type RunOptions, run, type Sandbox, sandbox } from '../testing.js';

let box: Sandbox;
beforeEach(() => {
  box = sandbox();
});
afterEach(() => box.remove());

interface Printed {
  readonly schema: string;
  readonly rows: Record<string, unknown>[];
  readonly totals: Record<string, number>;
  readonly later: Record<string, unknown>[];
}

async function json(args: readonly string[], options?: RunOptions): Promise<Printed & { exitCode: number | null }> {
  const { exitCode, out, err } = await box.llm(['prices', ...args, '--json'], options);
  expect(err).toBe('');
  return { exitCode, ...(JSON.parse(out) as Printed) };
}

const price = (fields: string) => `{ provider: qwen, region: cn, unit: input_token, per: 1000000, ${fields} }`;
const registry = (...prices: readonly string[]) =>
  `plugins:\n  - '@vibe/provider-qwen' # ours\n  - name: '@vibe/pricing-registry'\n    options:\n      prices:\n${prices.map((each) => `        - ${each}\n`).join('')}`;

describe('llm prices list', () => {
  it('shows rows with source, date and confidence', async () => {
    const { schema, rows } = await json(['list', '--provider', 'gemini', '--at', '2026-12-01']);
    expect(schema).toBe('vibe.prices/1');
    const argon = rows.filter(({ model, unit }) => model === 'gemini-4-argon' && unit === 'output_token');
    expect(argon).toEqual([
      expect.objectContaining({
        price: '20',
        per: 1_000_000,
        currency: 'USD',
        effective_from: '2026-12-01',
        provenance: 'builtin',
      }),
    ]);
    expect(argon[0]).toMatchObject({ verified_at: '2026-10-13', confidence: 'high', origin: null });
  });

  it("puts the user's own prices above ours, and says in which line they stand", async () => {
    box.write(
      'home/.config/vibe/config.yaml',
      registry(price("model: qwen-plus, price: '0.5'"), price("model: mine, price: '9'")),
    );
    box.write('project/vibe.config.yaml', registry(price("model: qwen-plus, price: '0.7'")));
    const { rows } = await json(['list', '--region', 'cn']);
    const own = rows.filter(({ provenance }) => provenance === 'user');
    expect(own.map(({ model, price, origin }) => [model, price, origin])).toEqual([
      ['qwen-plus', '0.7', 'vibe.config.yaml:6'],
      ['mine', '9', '~/.config/vibe/config.yaml:7'],
    ]);
    expect(
      rows.some(
        ({ model, unit, provenance }) => model === 'qwen-plus' && unit === 'input_token' && provenance === 'builtin',
      ),
    ).toBe(false);
  });

  it('is a table for people, with the age of the prices', async () => {
    const world = fakeWorld({ cwd: box.cwd, env: { NO_COLOR: '1', XDG_CONFIG_HOME: box.root }, columns: 160 });
    const { exitCode, out } = await run(['prices', '--provider', 'gemini'], world);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/gemini\/gemini-2\.5-pro @ global +\$1\.25\+ +\$0\.125\+ +\$10\.00\+/);
    expect(out).toMatch(/gemini\/gemini-2\.5-flash @ global .* 93 d/);
  });
});

describe('llm prices show', () => {
  it('shows what is in force, what is announced, and what other sources say', async () => {
    const { rows, later } = await json(['show', 'gemini/gemini-3.7-flash', '--at', '2026-11-22']);
    const dated = rows.filter(({ unit }) => unit !== 'web_search');
    expect(new Set(dated.map(({ effective_to }) => effective_to))).toEqual(new Set(['2027-01-01']));
    expect(rows).toHaveLength(dated.length + 1);
    expect(later.find(({ unit }) => unit === 'input_token')).toMatchObject({
      price: '1.50',
      effective_from: '2027-01-01',
    });
    expect(rows[0]?.['conflicts']).toEqual([expect.stringContaining('51cba2e')]);
  });

  it('knows no price of what nobody knows, and suggests what was meant', async () => {
    const { exitCode, out, err } = await box.llm(['prices', 'show', 'qwen-plsu']);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(err).toContain('Did you mean qwen-plus?');
    expect(err).toContain('not as free');
  });
});

describe('llm prices check', () => {
  it('finds nothing wrong with what ships: every model of both providers has a price', async () => {
    const { exitCode, rows, totals } = await json(['check']);
    expect(rows.filter(({ level }) => level === 'error')).toEqual([]);
    expect({ exitCode, errors: totals['errors'] }).toEqual({ exitCode: 0, errors: 0 });
  });

  it('fails for a model without a price and for a slip of the decimal point', async () => {
    box.write(
      'project/vibe.config.yaml',
      `plugins:
  - name: '@vibe/provider-qwen'
    options:
      models: [{ id: brand-new, operations: [chat], input: [text], output: [text], streams: true, tools: false, structured: false, reasoning: false, tier: standard }]
  - name: '@vibe/pricing-registry'
    options:
      prices:
        - ${price("model: mine, price: '0.1', effectiveTo: '2026-01-01'")}
        - ${price("model: mine, price: '10', effectiveFrom: '2026-01-01'")}
`,
    );
    const { exitCode, rows } = await json(['check']);
    expect(exitCode).toBe(1);
    expect(rows.filter(({ level }) => level === 'error').map(({ kind, message }) => [kind, message])).toEqual([
      ['price_jump', 'qwen/mine/cn/input_token: 0.1 became 10, more than 10 times as much or as little'],
      ...['cn', 'sg', 'us', 'hk'].map((region) => [
        'unpriced_model',
        `qwen/brand-new in ${region} has no price for chat: input_token, cached_input_token, output_token`,
      ]),
    ]);
  });

  it('knows the exchange rates of the configuration, and takes no layer for a slip of another', async () => {
    const currencies = "      currencies: [{ currency: EUR, usdPerUnit: '1.1' }]\n";
    const euros = registry(price("model: mine, price: '3', currency: EUR"), price("model: qwen-plus, price: '2'"));
    box.write('project/vibe.config.yaml', euros + currencies);
    box.write('home/.config/vibe/config.yaml', registry(price("model: mine, price: '1', currency: EUR")));
    const errorsOf = (rows: Printed['rows']) => rows.filter(({ level }) => level === 'error').map(({ kind }) => kind);
    const { exitCode, rows } = await json(['check']);
    expect({ exitCode, errors: errorsOf(rows) }).toEqual({ exitCode: 0, errors: [] });
    box.write('project/vibe.config.yaml', euros);
    expect(errorsOf((await json(['check'])).rows)).toEqual(['unknown_currency', 'unknown_currency']);
  });

  it('reads the exchange rates of a file, and says what an import leaves out', async () => {
    const prices = `prices:\n  - ${price("model: a, price: '1', currency: EUR")}\n`;
    box.write('project/mine.yaml', `${prices}currencies: [{ currency: EUR, usdPerUnit: '1.1' }]\n`);
    const { exitCode, rows } = await json(['check', 'mine.yaml']);
    expect({ exitCode, rows }).toEqual({
      exitCode: 0,
      rows: [expect.objectContaining({ kind: 'skipped', message: expect.stringContaining('currencies: 1 left out') })],
    });
    box.write('project/mine.yaml', prices);
    expect((await json(['check', 'mine.yaml'])).rows.map(({ kind }) => kind)).toEqual(['unknown_currency']);
  });

  it('reads a file instead', async () => {
    box.write(
      'project/mine.yaml',
      `prices:\n  - ${price("model: a, price: '1', tier: { fromTokens: 5, toTokens: null }")}\n`,
    );
    const { exitCode, rows } = await json(['check', 'mine.yaml']);
    expect(exitCode).toBe(1);
    expect(rows.map(({ kind }) => kind)).toEqual(['tier_gap']);
    box.write('project/no.json', '{"a": 1}');
    const { exitCode: refused, err } = await box.llm(['prices', 'check', 'no.json']);
    expect(refused).toBe(7);
    expect(err).toContain('none of the known price files');
  });
});

describe('llm prices diff and import', () => {
  const file = JSON.stringify({
    google: {
      models: {
        'gemini-2.5-flash': { cost: { input: 0.3, output: 2.5, cache_read: 0.06 } },
        'gemini-99': { cost: { input: 7 } },
      },
    },
  });

  it('shows what differs and writes nothing', async () => {
    box.write('project/api.json', file);
    box.write('project/vibe.config.yaml', registry(price("model: mine, price: '9'")));
    const before = readFileSync(join(box.cwd, 'vibe.config.yaml'), 'utf8');
    const { rows, totals } = await json(['diff', 'api.json']);
    expect(totals).toEqual({ changed: 1, same: 2, left_out: 1, skipped: 0 });
    expect(rows[0]).toMatchObject({
      kind: 'changed',
      now_price: 3e-8,
      new_price: 6e-8,
      price: { unit: 'cached_input_token' },
    });
    expect(readFileSync(join(box.cwd, 'vibe.config.yaml'), 'utf8')).toBe(before);
  });

  it('writes nothing where nobody can be asked', async () => {
    box.write('project/api.json', file);
    const { exitCode, err } = await box.llm(['prices', 'import', 'api.json']);
    expect(exitCode).toBe(2);
    expect(err).toContain('would change 1 prices in vibe.config.yaml');
    expect(err).toContain('llm prices import api.json --yes');
  });

  it.each([
    ['a file that is not there', null],
    ['a file with comments', registry(price("model: mine, price: '9'"))],
    ['a file that names the plugin alone', "plugins: ['@vibe/provider-qwen', '@vibe/pricing-registry']\n"],
    ['a file of other things', 'mode: strict_budget # always\n'],
  ])('writes into %s, and the prices are in force', async (_, before) => {
    box.write('project/api.json', file);
    if (before !== null) box.write('project/vibe.config.yaml', before);
    const { exitCode } = await json(['import', 'api.json', '--yes', '--new-models']);
    expect(exitCode).toBe(0);
    const written = readFileSync(join(box.cwd, 'vibe.config.yaml'), 'utf8');
    for (const comment of before?.match(/#.*/g) ?? []) expect(written).toContain(comment);
    const { rows } = await json(['list']);
    const own = rows.filter(({ provenance, provider }) => provenance === 'user' && provider === 'gemini');
    expect(own.map(({ model, unit, price }) => [model, unit, price])).toEqual([
      ['gemini-2.5-flash', 'cached_input_token', '0.06'],
      ['gemini-99', 'input_token', '7'],
    ]);
    expect((await json(['diff', 'api.json', '--new-models'])).totals).toMatchObject({ changed: 0, same: 4 });
    // once more, with another price: it takes the place of the first
    box.write('project/api.json', file.replace('0.06', '0.07'));
    await json(['import', 'api.json', '--yes']);
    const again = (await json(['list'])).rows.filter(
      ({ unit, model }) => model === 'gemini-2.5-flash' && unit === 'cached_input_token',
    );
    expect(again.map((row) => row['price'])).toEqual(['0.07']);
  });

  it("writes into the user's file when told so", async () => {
    box.write('project/api.json', file);
    await json(['import', 'api.json', '--yes', '--user']);
    expect(readFileSync(join(box.root, 'home/.config/vibe/config.yaml'), 'utf8')).toContain('gemini-2.5-flash');
  });

  it.each([
    ['is cut', '{'],
    ['is a list of nothing', '[]'],
    ['is null', 'null'],
    ['has models of no form', '{"alibaba":{"models":null}}'],
    [
      'has prices that are no numbers',
      '{"alibaba":{"id":"alibaba","models":{"qwen-plus":{"id":"qwen-plus","cost":{"input":"x"}}}}}',
    ],
    ['has prices without end', '{"qwen-plus":{"litellm_provider":"dashscope","input_cost_per_token":1e999}}'],
    ['has negative prices', '[{"id":"google","models":[{"id":"gemini-2.5-flash","prices":{"input_mtok":-3}}]}]'],
    ['has rows that lack their region', '{"prices":[{"provider":"qwen","model":"x"}]}'],
    ['has a prototype', '{"__proto__":{"models":{"x":{"cost":{"input":1}}}}}'],
    ['is nested thousands of times', `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`],
  ])('takes no price from a file that %s', async (_, content) => {
    box.write('project/api.json', content);
    const { exitCode, out, err } = await box.llm(['prices', 'import', 'api.json', '--yes']);
    expect(err).not.toContain('internal');
    expect([0, 2, 7]).toContain(exitCode);
    expect(out.split('\n').filter((line) => /^(changed|new)\b/.test(line))).toEqual([]);
    expect(existsSync(join(box.cwd, 'vibe.config.yaml'))).toBe(false);
  });

  it('takes no folder for a file', async () => {
    box.write('project/api.json/file', '');
    const { exitCode, err } = await box.llm(['prices', 'diff', 'api.json']);
    expect([exitCode, err.includes('api.json cannot be read')]).toEqual([7, true]);
  });
});

import { chmodSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { VibeError } from '@vibe/core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatPath, parsePath } from '../path.js';
import { type Sandbox, sandbox } from '../testing.js';
import { type EditedFile, setInFile, unsetInFile } from './edit-config.js';

let box: Sandbox;
beforeEach(() => {
  box = sandbox();
});
afterEach(() => box.remove());

function file(text: string | null, name = 'vibe.config.yaml', layer: 'user' | 'project' = 'project'): EditedFile {
  const path = join(box.cwd, name);
  if (text !== null) box.write(`project/${name}`, text);
  return { path, display: name, exists: text !== null, layer };
}

async function set(text: string | null, key: string, value: string, name?: string): Promise<string> {
  const edited = file(text, name);
  await setInFile(edited, key, value);
  return readFileSync(edited.path, 'utf8');
}

async function unset(text: string, key: string, name?: string): Promise<string> {
  const edited = file(text, name);
  await unsetInFile(edited, key);
  return readFileSync(edited.path, 'utf8');
}

async function refusal(edit: Promise<unknown>): Promise<VibeError> {
  const error = await edit.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (VibeError.is(error, 'config')) return error;
  throw new Error(`expected a config error, got ${String(error)}`);
}

const yaml = `# Ours. Do not touch without asking.
mode:   strict_budget   # since the incident

plugins: [ '@vibe/provider-qwen',   "@vibe/pricing-registry" ]
budgets:
- {window: day, limitUsd: 5}      # a day


- window: month                   # a month
  limitUsd: 50   # agreed
defaults:
  model: 'qwen-plus'  # the usual one
  # nothing else
`;

describe('setting a key in YAML', () => {
  it('replaces a value and not one other byte', async () => {
    expect(await set(yaml, 'mode', 'best_effort')).toBe(yaml.replace('strict_budget', 'best_effort'));
    expect(await set(yaml, 'budgets[1].limitUsd', '40')).toBe(yaml.replace('limitUsd: 50', 'limitUsd: 40'));
    expect(await set(yaml, 'budgets[0].limitUsd', '0.5')).toBe(yaml.replace('limitUsd: 5}', 'limitUsd: 0.5}'));
    expect(await set(yaml, 'defaults.model', 'auto')).toBe(yaml.replace("'qwen-plus'", "'auto'"));
    expect(await set(yaml, 'plugins[1]', 'other')).toBe(yaml.replace('"@vibe/pricing-registry"', '"other"'));
  });

  it('leaves comments at the margin where they stand: they are of what follows', async () => {
    const following = '\n# Requests per minute.\n# limits:\n#   qwen-plus: { rpm: 60 }\n';
    const entry = 'budgets:\n  - { window: day, limitUsd: 5 }\n  # - { window: month, limitUsd: 50 }\n';
    for (const rest of ['', 'mode: best_effort\n']) {
      const text = await set(`${entry}${following}${rest}`, 'budgets[0].tags.user', 'a');
      expect(text).toContain('tags: { user: a } }\n  # - { window: month, limitUsd: 50 }\n');
      expect(text.endsWith(`${following}${rest}`)).toBe(true);
    }
    const removed = await unset(`mode: best_effort\n${entry}${following}dryRun: true\n`, 'budgets');
    expect(removed).toBe(`mode: best_effort\n${following}dryRun: true\n`);
  });

  it('keeps the comment beside a key whose value becomes another kind, or was not there', async () => {
    const order = 'router:\n  order: # the best first\n    - a\n    - b\n  policy: fixed\n';
    expect(await set(order, 'router.order', '["c"]')).toContain('  order:\n    # the best first\n    - c\n');
    const folded = 'defaults:\n  model: >- # the usual one\n    qwen-plus\n';
    expect(await set(folded, 'defaults.model', 'auto')).toBe('defaults:\n  model: auto # the usual one\n');
    const empty = await set('breaker: # patient\nmode: best_effort\n', 'breaker.failures', '9');
    expect(empty).toBe('breaker:\n  # patient\n  failures: 9\nmode: best_effort\n');
    const list =
      'budgets:\n  # for everybody\n  - { window: day, limitUsd: 5 }\n  # for long\n  - window: month\n    limitUsd: 50\n';
    const replaced = await set(list, 'budgets[1]', '{"window":"week","limitUsd":20}');
    expect(replaced).toContain('  # for everybody\n');
    expect(replaced).toContain('  # for long\n  - window: week\n');
  });

  it('adds a key beside others, and leaves what stands elsewhere as it is', async () => {
    const added = await set(yaml, 'defaults.maxWaitMs', '100');
    expect(added.startsWith(yaml.slice(0, yaml.indexOf('defaults:')))).toBe(true);
    expect(added).toContain("  model: 'qwen-plus' # the usual one\n");
    expect(added).toContain('  maxWaitMs: 100\n');
    expect(added).toContain('# nothing else');
    expect(await set(yaml, 'router.policy', 'cheap')).toBe(`${yaml}router:\n  policy: cheap\n`);
    expect(await set(yaml, 'limits["qwen3.5-plus"].rpm', '60')).toBe(`${yaml}limits:\n  qwen3.5-plus:\n    rpm: 60\n`);
    expect(await set('mode: best_effort', 'dryRun', 'true')).toBe('mode: best_effort\ndryRun: true\n');
  });

  it('adds to the end of a list, also to one that is not there', async () => {
    const added = await set(yaml, 'budgets[2]', '{ "window": "week", "limitUsd": 20 }');
    expect(added).toContain('# a month\n');
    expect(added).toContain('# agreed');
    expect(added).toMatch(/\n- window: week\n {2}limitUsd: 20\n/);
    expect(await set('# empty\n', 'regions[0]', 'cn')).toMatch(/# empty\n+regions:\n {2}- cn\n/);
    expect((await refusal(set(yaml, 'budgets[5].limitUsd', '1'))).message).toContain('the list has 2 entries');
  });

  it('makes a file that is not there', async () => {
    expect(await set(null, 'mode', 'strict_budget')).toBe('mode: strict_budget\n');
  });

  it('keeps line ends, indents and a link', async () => {
    const windows = 'defaults:\r\n    model: a # why\r\n    maxWaitMs: 1\r\n';
    expect(await set(windows, 'defaults.maxOutputTokens', '7')).toBe(
      'defaults:\r\n    model: a # why\r\n    maxWaitMs: 1\r\n    maxOutputTokens: 7\r\n',
    );
    const real = box.write('elsewhere/real.yaml', 'mode: best_effort # kept\n');
    chmodSync(real, 0o640);
    const link = { ...file(null, 'linked.yaml'), exists: true };
    symlinkSync(real, link.path);
    await setInFile(link, 'mode', 'strict_budget');
    expect(lstatSync(link.path).isSymbolicLink()).toBe(true);
    expect(readFileSync(real, 'utf8')).toBe('mode: strict_budget # kept\n');
    expect(statSync(real).mode & 0o777).toBe(0o640);
    expect(readdirSync(join(box.root, 'elsewhere'))).toEqual(['real.yaml']);
  });

  it('puts something behind a key that has nothing', async () => {
    expect(await set('defaults: # later\nmode: best_effort\n', 'defaults.model', 'auto')).toMatch(
      /^defaults:( # later)?\n(\s*# later\n)? {2}model: auto\nmode: best_effort\n$/,
    );
  });

  it('takes values as they fit: numbers, lists and mappings, and texts that look like numbers', async () => {
    expect(await set('', 'defaults.model', '5')).toBe('defaults:\n  model: "5"\n');
    expect(await set('', 'router.order', '["a","b"]')).toBe('router:\n  order:\n    - a\n    - b\n');
    expect(await set('', 'dryRun', 'true')).toBe('dryRun: true\n');
    expect(await set('', 'defaults.model', 'a: b # c')).toBe('defaults:\n  model: "a: b # c"\n');
    expect(await set('x', 'mode', 'strict_budget').catch(() => 'refused')).toBe('refused');
  });

  it('works in flow style, where commas and brackets need quotes', async () => {
    expect(await set('{ mode: best_effort, defaults: { model: a } }\n', 'defaults.model', 'b, c')).toContain('"b, c"');
  });

  it('sets what the schema takes, whatever the text, and says it in the file exactly', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1, unit: 'binary' }), async (text) => {
        fc.pre(!text.includes('\0') && !/[\ud800-\udfff]/.test(text) && !text.includes('sk-'));
        const edited = file(yaml);
        await setInFile(edited, 'defaults.model', JSON.stringify(text));
        const { loadConfig } = await import('../load-config.js');
        const config = await loadConfig({ cwd: box.cwd, env: box.env });
        expect(config.values.defaults?.model).toBe(text);
        expect(readFileSync(edited.path, 'utf8')).toContain('# since the incident');
      }),
      { numRuns: 60 },
    );
  });
});

describe('setting a key in JSON', () => {
  const json = '{\n    "mode":"best_effort",\n    "budgets": [ {"window":"day", "limitUsd":5} ]\n}\n';

  it('replaces a value and not one other byte', async () => {
    expect(await set(json, 'mode', 'strict_budget', 'c.json')).toBe(json.replace('best_effort', 'strict_budget'));
    expect(await set(json, 'budgets[0].limitUsd', '4', 'c.json')).toBe(json.replace('"limitUsd":5', '"limitUsd":4'));
  });

  it('adds keys and entries in the style of the file', async () => {
    expect(await set(json, 'dryRun', 'true', 'c.json')).toContain('\n    "dryRun": true\n}');
    expect(JSON.parse(await set(json, 'budgets[1]', '{"window":"week","limitUsd":9}', 'c.json'))).toMatchObject({
      budgets: [{ limitUsd: 5 }, { limitUsd: 9 }],
    });
    expect(await set('{\r\n\t"mode": "best_effort"\r\n}\r\n', 'dryRun', 'true', 'c.json')).toBe(
      '{\r\n\t"mode": "best_effort",\r\n\t"dryRun": true\r\n}\r\n',
    );
    expect(JSON.parse(await set(null, 'router.policy', 'cheap', 'new.json'))).toEqual({ router: { policy: 'cheap' } });
  });
});

describe('a file that cannot be read', () => {
  it('is told by its name', async () => {
    box.write('project/utf16.yaml', Buffer.from([0xff, 0xfe, 0x61, 0]));
    const utf16 = { path: join(box.cwd, 'utf16.yaml'), display: 'utf16.yaml', exists: true, layer: 'project' } as const;
    expect((await refusal(setInFile(utf16, 'mode', 'best_effort'))).message).toBe(
      'utf16.yaml is encoded as UTF-16: save it as UTF-8.',
    );
    const folder = { ...utf16, path: box.cwd, display: 'project' };
    expect((await refusal(unsetInFile(folder, 'mode'))).message).toBe('project is a folder, not a file.');
  });
});

describe('a new line in YAML', () => {
  it.each([
    ['budgets:\n  - window: day\n    limitUsd: 5\ndefaults:\n  model: qwen-plus\n', '  maxWaitMs: 7\n'],
    [
      "plugins:\n  # A key of our own.\n  - name: '@vibe/provider-qwen'\n    options:\n      profile: team\n",
      '  maxWaitMs: 7\n',
    ],
    [
      'limits:\n    qwen-plus:\n        rpm: 60\ndefaults:\n\n  # the usual one\n  model: qwen-plus\n',
      '  maxWaitMs: 7\n',
    ],
    ['limits:\n    qwen-plus:\n        rpm: 60\n', '    maxWaitMs: 7\n'],
  ])('is indented as those beside it, or else as others in the file are: %j', async (text, line) => {
    const after = await set(text, 'defaults.maxWaitMs', '7');
    expect(after).toMatch(new RegExp(`^${line}`, 'm'));
    for (const before of text.trimEnd().split('\n')) expect(after.split('\n')).toContain(before);
  });
});

describe('taking a key out', () => {
  it('takes what it leaves empty with it, and no comment of others', async () => {
    expect(await unset(yaml, 'mode')).not.toContain('mode:');
    expect(await unset(yaml, 'mode')).toContain('# Ours. Do not touch without asking.');
    expect(await unset(yaml, 'defaults.model')).not.toContain('defaults');
    const one = await unset(yaml, 'budgets[0]');
    expect(one).toContain('limitUsd: 50 # agreed');
    expect(one).not.toContain('window: day');
    expect(await unset('{\n  "router": { "policy": "cheap" },\n  "dryRun": true\n}\n', 'router.policy', 'c.json')).toBe(
      '{\n  "dryRun": true\n}\n',
    );
  });

  it.each([
    ['{"regions": ["cn", "sg"]}', '{"regions": ["cn"]}'],
    ['{"regions":["cn","sg"]}', '{"regions":["cn"]}'],
    ['{\r\n  "regions": [\r\n    "cn",\r\n    "sg"\r\n  ]\r\n}\r\n', '{\r\n  "regions": [\r\n    "cn"\r\n  ]\r\n}\r\n'],
  ])('takes the last entry off a list in JSON, however it is written: %j', async (text, expected) => {
    expect(await unset(text, 'regions[1]', 'c.json')).toBe(expected);
    expect(await unset(expected, 'regions[0]', 'c.json')).not.toContain('regions');
  });

  it('changes nothing when it is not there', async () => {
    expect(await unset(yaml, 'router.policy')).toBe(yaml);
    const missing = file(null, 'missing.yaml');
    expect(await unsetInFile(missing, 'mode')).toMatchObject({ before: undefined, after: undefined });
    expect(readdirSync(box.cwd)).not.toContain('missing.yaml');
  });
});

describe('a change that is refused', () => {
  it.each([
    ['mode', 'strict', 'vibe.config.yaml:2:1 mode: expected one of best_effort, strict_budget, got "strict"'],
    ['retry', '3', 'retry: unknown key (it belongs below "defaults")'],
    ['budgets[0].limit', '3', 'budgets[0].limit: unknown key (did you mean "limitUsd"?)'],
    ['mode.inner', '3', 'there is no mapping'],
    ['budgets.day', '3', 'there is no mapping'],
    ['plugins[0].options.region', 'sg', 'there is no mapping'],
    ['mode[0]', '3', 'there is no list'],
    ['', 'x', 'is no key'],
    ['budgets[', 'x', 'is no key'],
    ['.mode', 'x', 'is no key'],
    ['[0]', 'x', 'is no key'],
    ['plugins[2].options.apiKey', 'abc', 'looks like a secret'],
    ['defaults.model', 'sk-1234567890abcdef', 'looks like a secret'],
  ])('leaves the file alone: %s = %s', async (key, value, message) => {
    const edited = file(yaml);
    const error = await refusal(setInFile(edited, key, value));
    expect(error.message).toContain(message);
    expect(error.message).not.toContain('1234567890abcdef');
    expect(readFileSync(edited.path, 'utf8')).toBe(yaml);
  });

  it('is refused below an alias, which would change two places', async () => {
    const text = 'limits: { a: &x { rpm: 1 }, b: *x }\n';
    const edited = file(text);
    expect((await refusal(setInFile(edited, 'limits.b.rpm', '5'))).message).toContain('beyond this command');
    expect(readFileSync(edited.path, 'utf8')).toBe(text);
  });

  it('does not hide what is wrong elsewhere, and does not wait for it to be mended', async () => {
    const edited = file('mode: strict\nonUnpriced: maybe\n');
    const { problems } = await setInFile(edited, 'mode', 'strict_budget');
    expect(problems.map(({ path }) => path)).toEqual(['onUnpriced']);
    expect((await refusal(setInFile(file('mode: [\n'), 'mode', 'strict_budget'))).message).toContain('no valid YAML');
  });
});

describe('paths', () => {
  it('are read as they are written', () => {
    const step = fc.oneof(fc.string({ minLength: 1, unit: 'binary' }), fc.nat(999));
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.array(step, { maxLength: 5 }), (first, rest) => {
        const path = [first, ...rest];
        expect(parsePath(formatPath(path))).toEqual(path);
      }),
    );
  });
});

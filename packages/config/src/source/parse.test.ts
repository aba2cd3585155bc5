import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson } from './parse-json.js';
import { parseYaml } from './parse-yaml.js';
import { SourceError } from './position.js';

function errorOf(parse: () => unknown): SourceError {
  try {
    parse();
  } catch (error) {
    if (error instanceof SourceError) return error;
    throw error;
  }
  throw new Error('nothing was wrong');
}

describe('JSON with positions', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(undefined, 1, '\t'), (text, indent) => {
        const written = JSON.stringify(JSON.parse(text), null, indent);
        expect(parseJson(written).value).toEqual(JSON.parse(written));
      }),
    );
  });

  it('refuses exactly what JSON.parse refuses', () => {
    const damage = fc.tuple(
      fc.json(),
      fc.nat(),
      fc.constantFrom('', ',', '}', ']', '"', ':', '0', '-', ' ', 'nul', '//', "'"),
    );
    fc.assert(
      fc.property(damage, ([text, at, piece]) => {
        const offset = at % (text.length + 1);
        const damaged = text.slice(0, offset) + piece + text.slice(offset + 1);
        expect(accepts(() => parseJson(damaged))).toBe(accepts(() => JSON.parse(damaged)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('knows where every part stands: keys in mappings, values in lists', () => {
    const { positions } = parseJson('{\n  "budgets": [\n    { "window": "day",\n      "limitUsd": 5 }\n  ]\n}');
    expect(positions.get('budgets')).toEqual({ line: 2, column: 3 });
    expect(positions.get('budgets[0]')).toEqual({ line: 3, column: 5 });
    expect(positions.get('budgets[0].limitUsd')).toEqual({ line: 4, column: 7 });
  });

  it.each([
    ['{\n  "mode": "best_effort",\n}', 3, 1, 'expected a key in double quotes, but there is "}"'],
    ['{ mode: 1 }', 1, 3, 'expected a key in double quotes, but there is "mode:"'],
    ['{ "mode": tru }', 1, 11, 'expected a value, but there is "tru"'],
    ['{\n  "mode": 1\n  "dryRun": 2\n}', 3, 3, 'expected "," or "}"'],
    ['{ "mode": "a', 1, 11, 'not closed'],
    ['{ "mode": 1', 1, 12, 'but the file ends'],
    ['{} x', 1, 4, 'expected the end of the file'],
    ['{ "a": 1,\n "a": 2 }', 2, 2, 'the key "a" is there twice'],
    [`${'['.repeat(100)}`, 1, 66, 'nested deeper than 64'],
  ])('says where %j is wrong', (text, line, column, message) => {
    const error = errorOf(() => parseJson(text));
    expect(error.position).toEqual({ line, column });
    expect(error.message).toContain(message);
  });

  it('keeps a key named __proto__ as data', () => {
    const { value } = parseJson('{ "__proto__": { "mode": 1 } }');
    expect(Object.keys(value as object)).toEqual(['__proto__']);
    expect((value as { mode?: unknown }).mode).toBeUndefined();
  });
});

describe('YAML with positions', () => {
  it('knows where every part stands, also in flow style and behind comments', () => {
    const { value, positions } = parseYaml(
      '# my budgets\nbudgets:\n  - window: day\n    limitUsd: 5\n  - { window: month,\n      limitUsd: 50 }\n',
    );
    expect(value).toEqual({
      budgets: [
        { window: 'day', limitUsd: 5 },
        { window: 'month', limitUsd: 50 },
      ],
    });
    expect(positions.get('budgets[0]')).toEqual({ line: 3, column: 5 });
    expect(positions.get('budgets[0].limitUsd')).toEqual({ line: 4, column: 5 });
    expect(positions.get('budgets[1].limitUsd')).toEqual({ line: 6, column: 7 });
  });

  it.each([
    ['mode: [a', 1, 'no valid YAML'],
    ['mode: a\nmode: b\n', 2, 'the key "mode" is there twice'],
    ['a: 1\n b: 2\n', 1, 'no valid YAML'],
    ['a: "open\n', 2, 'no valid YAML'],
    ['a: 1\n---\nb: 2\n', 2, 'several YAML documents'],
    [`a: ${'['.repeat(100)}1${']'.repeat(100)}`, 1, 'nested deeper than 64'],
  ])('says where %j is wrong', (text, line, message) => {
    const error = errorOf(() => parseYaml(text));
    expect(error.position?.line).toBe(line);
    expect(error.message).toContain(message);
  });

  it('refuses aliases that expand without end, and nesting that would overflow the stack', () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (const [name, before] of ['ba', 'cb', 'dc', 'ed', 'fe', 'gf', 'hg'].map((pair) => [...pair]))
      bomb.push(`${name}: &${name} [${Array(9).fill(`*${before}`).join(', ')}]`);
    expect(errorOf(() => parseYaml(bomb.join('\n'))).message).toContain('alias');
    expect(errorOf(() => parseYaml('['.repeat(200_000))).message).toMatch(/nested|stack|YAML/);
  });
});

function accepts(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch (error) {
    // A repeated key is a mistake to us alone, and hides what is wrong behind it.
    fc.pre(!(error instanceof SourceError && error.message.includes('twice')));
    return false;
  }
}

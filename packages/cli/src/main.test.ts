import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { fakeWorld, run } from './testing.js';

describe('a command line', () => {
  it('without anything prints the help, like --help', async () => {
    const nothing = await run([]);
    expect(nothing.exitCode).toBe(0);
    expect(nothing.err).toBe('');
    expect(nothing.out).toContain('Usage: llm');
    expect(nothing.out).toContain('Exit codes: 0 ok');
    expect(await run(['--help'])).toEqual(nothing);
  });

  it.each([['generate'], ['g'], ['budget'], ['budget', 'today'], ['config'], ['config', 'show']])(
    'helps with %s %s',
    async (...words) => {
      const { exitCode, out, err } = await run([...words.filter((word) => word !== undefined), '--help']);
      expect(exitCode).toBe(0);
      expect(out).toContain('Usage: llm');
      expect(err).toBe('');
    },
  );

  it('has examples in the help of what people type most', async () => {
    for (const words of [['--help'], ['generate', '--help'], ['budget', 'today', '--help']]) {
      expect((await run(words)).out).toContain('Examples:\n  llm ');
    }
  });

  it('prints its version', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(await run(['--version'])).toEqual({ exitCode: 0, out: `${version}\n`, err: '' });
  });

  it.each([
    [['gnerate', 'x'], "Unknown command 'gnerate' (did you mean generate?)"],
    [['budget', 'tody'], "Unknown command 'budget tody' (did you mean budget today?)"],
    [['config', 'what'], "Unknown command 'config what'"],
    [['g', 'x', '--modle', 'y'], "Unknown option '--modle' (did you mean --model?)"],
    [['g', 'x', '--max-tokens', '0'], 'It takes a whole number from 1.'],
    [['g', 'x', '--max-tokens', '1.5'], 'It takes a whole number from 1.'],
    [['g', 'x', '--max-cost', 'free'], 'It takes an amount in USD, such as 0.05.'],
    [['g', 'x', '--max-cost', '-1'], 'It takes an amount in USD, such as 0.05.'],
    [['g', 'x', '--max-wait', ''], 'It takes seconds, such as 30.'],
    [['g', 'x', '--temperature', 'hot'], 'It takes a number from 0, such as 0.7.'],
    [['g', 'x', '--route', 'best'], 'Allowed choices are smart, cheap, fast, quality, fixed.'],
    [['g', 'x', '--tag', 'user'], 'It takes KEY=VALUE, such as user=alice.'],
    [['budget', '-z', 'Mars/Base'], 'IANA time zone, such as Asia/Shanghai'],
    [['g', 'x', '-m'], "Option '-m, --model <model>' argument missing"],
    [['g'], 'There is no prompt.'],
    [['ledger'], '"llm ledger" is a group of commands: path, stats, verify, rebuild'],
  ])('%j is refused with exit code 2', async (args, message) => {
    const { exitCode, out, err } = await run(args);
    expect(exitCode).toBe(2);
    expect(out).toBe('');
    expect(err.replaceAll('\n', ' ')).toContain(message);
    expect(err).toMatch(/^Error usage: /);
    expect(err).toContain('\n\nNext:\n  llm ');
    const json = await run(['--json', ...args]);
    expect(JSON.parse(json.err)).toMatchObject({ error: { code: 'usage' } });
    expect(json.out).toBe('');
  });

  it('takes global flags before and behind the command', async () => {
    const world = () => fakeWorld({ env: { HOME: '/nowhere', NO_COLOR: '1' } });
    const before = await run(['--json', 'config', 'path'], world());
    expect(before.exitCode).toBe(0);
    expect(await run(['config', 'path', '--json'], world())).toEqual(before);
    expect(JSON.parse(before.out)).toMatchObject({ schema: 'vibe.config_path/1', timezone: 'Asia/Shanghai' });
    expect(JSON.parse((await run(['config', 'path', '--json', '-z', 'UTC'], world())).out)).toMatchObject({
      timezone: 'UTC',
    });
  });
});

describe('the built program', () => {
  const dist = fileURLToPath(new URL('../dist/', import.meta.url));

  /** Packages that are loaded before any command runs. */
  function loadedAtStart(file: string, seen = new Set<string>()): readonly string[] {
    if (seen.has(file)) return [];
    seen.add(file);
    const imports = [
      ...readFileSync(dist + file, 'utf8').matchAll(/^import\s(?:[^;]*?from\s)?["']([^"']+)["'];?$/gm),
    ].map((match) => match[1] ?? '');
    return imports.flatMap((name) => (name.startsWith('./') ? loadedAtStart(name.slice(2), seen) : [name]));
  }

  it('loads no client, no socket and no database before it knows what to do', () => {
    // commander and picocolors are bundled; zod and yaml too, in files of their own that are read when they are needed.
    const files = new Set<string>();
    const packages = new Set(loadedAtStart('bin.js', files));
    expect([...packages].filter((name) => !name.startsWith('node:'))).toEqual([]);
    for (const file of files) expect(readFileSync(dist + file, 'utf8')).not.toMatch(/node_modules\/(zod|yaml)\//);
    expect(readdirSync(dist).filter((name) => name.endsWith('.js')).length).toBeGreaterThan(3);
  });
});

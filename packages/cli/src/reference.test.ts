import { readFileSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from './program.js';
import { cliReference } from './reference.js';
import { fakeWorld, run } from './testing.js';

const page = new URL('../../../docs/cli.md', import.meta.url);
const program = () => createProgram(async () => undefined, fakeWorld());

function everyCommand(command: Command, path: readonly string[] = []): readonly (readonly [string, Command])[] {
  return [
    [path.join(' '), command],
    ...command.commands.flatMap((child) => everyCommand(child, [...path, child.name()])),
  ];
}

const commands = everyCommand(program());

describe('docs/cli.md', () => {
  it('is what the help pages say (VIBE_WRITE_DOCS=1 writes it anew)', async () => {
    const text = await cliReference(program());
    if (process.env['VIBE_WRITE_DOCS'] === '1') writeFileSync(page, text);
    expect(readFileSync(page, 'utf8')).toBe(text);
  });
});

describe('every command', () => {
  it.each(commands.map(([path, command]) => [path, command] as const))(
    'has a description: llm %s',
    (_path, command) => {
      expect(command.description()).toMatch(/^[A-Z].*[.]$/);
    },
  );

  it.each(commands.map(([path]) => [path]))('has a help page that fits 100 columns: llm %s', async (path) => {
    const { exitCode, out, err } = await run(
      [...path.split(' ').filter((word) => word !== ''), '--help'],
      fakeWorld({ columns: 100 }),
    );
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    expect(out).toMatch(/^Usage: llm/);
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(110);
  });

  it('that is misspelt suggests the right one', async () => {
    const { exitCode, err } = await run(['generat', 'x']);
    expect(exitCode).toBe(2);
    expect(err).toContain('(did you mean generate?)');
    expect((await run(['budget', 'repotr'])).err).toContain('did you mean budget report?');
    expect((await run(['budget', 'report', '--brekdown'])).err).toContain('--breakdown');
    expect((await run(['logs', 'sow'])).err).toContain('did you mean logs show?');
  });

  it('takes only values that make sense, and says which', async () => {
    const said = async (...args: string[]) => (await run(args)).err.replaceAll(/\s+/g, ' ');
    expect(await said('budget', 'report', '--by', 'moon')).toContain('It takes hour, day, week, month, model');
    expect(await said('budget', 'top', '--by', 'day')).toContain('It takes model, provider');
    expect(await said('budget', 'top', '--metric', 'fun')).toContain('Allowed choices are cost, calls, fail, latency.');
    expect(await said('budget', 'report', '--days', '0')).toContain('whole number from 1');
    expect(await said('ledger', 'correct', 'x', '--by', '0', '--reason', 'y')).toContain('a difference in USD');
    expect(await said('budget', 'today', '--fail-over', 'much')).toContain('share in percent');
  });
});

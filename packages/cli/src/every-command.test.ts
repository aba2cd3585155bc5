import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GoldenLedger, goldenLedger } from './budget/testing/golden-ledger.js';
import { textWidth } from './output/text-width.js';
import { createProgram } from './program.js';
import { fakeWorld, run } from './testing.js';

// What every command promises: an envelope, tab-separated lines in a pipe, tables that fit, errors in one form.

let golden: GoldenLedger;
let folder: string;
let call: string;
beforeAll(async () => {
  golden = await goldenLedger();
  folder = mkdtempSync(join(tmpdir(), 'vibe-every-'));
  writeFileSync(join(folder, 'vibe.config.yaml'), 'budgets:\n  - { window: day, limitUsd: 5 }\n');
  const { out } = await llm(['logs', '-n', '1', '--json'], {});
  call = JSON.parse(out).rows[0].call_id;
}, 120_000);
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await golden.close();
});

function llm(args: readonly string[], given: Parameters<typeof fakeWorld>[0]) {
  const env = { NO_COLOR: '1', HOME: folder, ...given?.env };
  return run([...args, '--ledger', golden.path], fakeWorld({ cwd: folder, now: () => golden.nowMs, ...given, env }));
}

const days = ['--since', '2026-11-01'];

/** Commands that only look: their arguments, and the schema of their envelope. */
const reading: Readonly<Record<string, readonly [schema: string, ...args: string[]]>> = {
  'budget today': ['vibe.budget_today/1'],
  'budget report': ['vibe.report/1', ...days, '--by', 'model'],
  'budget top': ['vibe.top/1', ...days],
  'budget holds list': ['vibe.holds/1'],
  'budget accuracy': ['vibe.accuracy/1', ...days],
  'limits show': ['vibe.limits/1', '--all'],
  'logs list': ['vibe.logs/1'],
  'logs show': ['vibe.call/1', 'CALL'],
  'ledger stats': ['vibe.ledger_stats/1'],
  'ledger verify': ['vibe.ledger_verify/1'],
  'models list': ['vibe.models/1'],
  'models show': ['vibe.model/1', 'qwen-plus'],
  'providers list': ['vibe.providers/1'],
  'providers show': ['vibe.provider/1', 'qwen'],
  'prices list': ['vibe.prices/1'],
  'prices show': ['vibe.prices_show/1', 'qwen-plus'],
  'config show': ['vibe.config/1'],
};

const argsOf = (name: string) => {
  const [, ...args] = reading[name] ?? [''];
  return [...name.split(' '), ...args.map((arg) => (arg === 'CALL' ? call : arg))];
};

describe.each(Object.entries(reading))('llm %s', (name, [schema]) => {
  it('has an envelope', async () => {
    const { exitCode, out, err } = await llm([...argsOf(name), '--json'], {});
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    expect(JSON.parse(out)).toMatchObject({
      schema,
      generated_at: new Date(golden.nowMs).toISOString(),
      timezone: expect.stringMatching(/^\w+/),
      warnings: expect.any(Array),
    });
  });

  it('is tab-separated in a pipe, the same number of cells in every line, and nothing that steers a terminal', async () => {
    const { exitCode, out } = await llm(argsOf(name), { isTTY: false, columns: 20 });
    expect(exitCode).toBe(0);
    const lines = out.split('\n').filter((line) => line !== '');
    expect(new Set(lines.map((line) => line.split('\t').length)).size).toBeLessThanOrEqual(1);
    for (const sign of ['\u001b', '█', '─']) expect(out).not.toContain(sign);
  });

  it.each([80, 120])('fits %d columns, without colours when nobody wants them', async (columns) => {
    const { exitCode, out } = await llm(argsOf(name), { columns });
    expect(exitCode).toBe(0);
    expect(out).not.toContain('\u001b');
    // A path, an address or a long value is not cut: somebody wants to copy it.
    const tables = out.split('\n').filter((line) => !/[/\\]{1}\S{30,}|https?:/.test(line));
    for (const line of tables) expect(textWidth(line)).toBeLessThanOrEqual(columns);
  });
});

function leaves(command: Command, path: readonly string[] = []): readonly string[] {
  if (command.commands.length === 0) return [path.join(' ')];
  return command.commands.flatMap((child) => leaves(child, [...path, child.name()]));
}

/** Flags without which a command does not look at the others. */
const needed: Readonly<Record<string, readonly string[]>> = {
  'ledger correct': ['--by=1', '--reason', 'x'],
  'ledger rerate': ['--since', '2026-11-01'],
};

const every = leaves(createProgram(async () => undefined, fakeWorld()));

describe('every command', () => {
  it('is known to this test', () => {
    expect(every.length).toBeGreaterThan(40);
    for (const name of Object.keys(reading)) expect(every).toContain(name);
  });

  it.each(every)('refuses a flag it does not know, on stderr alone, with the page to read: llm %s', async (name) => {
    const args = [...name.split(' '), ...(needed[name] ?? []), '--nonsense'];
    const text = await llm(args, { columns: 200 });
    expect(text).toMatchObject({ exitCode: 2, out: '' });
    expect(text.err).toContain(`Error usage: Unknown option '--nonsense'`);
    expect(text.err).toContain(`\nNext:\n  llm ${name} --help\n`);
    const json = await llm([...args, '--json'], {});
    expect(json).toMatchObject({ exitCode: 2, out: '' });
    expect(JSON.parse(json.err)).toEqual({
      error: { code: 'usage', message: "Unknown option '--nonsense'", next: [`llm ${name} --help`], details: {} },
    });
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { openLedgerFile } from '@vibe/ledger-sqlite/file';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openCall, say } from './testing/page.js';

// What `npm run app` starts, built.
const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

vi.setConfig({ testTimeout: 120_000 });

let folder: string;
let child: ChildProcess | null = null;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vibe-app-'));
});
afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function start(more: Record<string, string> = {}) {
  const env = { PATH: process.env['PATH'], VIBE_CHAT_LEDGER: join(folder, 'app.db'), VIBE_CHAT_PORT: '0', ...more };
  const started = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  child = started;
  const ended = new Promise<number | null>((resolve) => started.on('close', resolve));
  return { started, ended };
}

it('starts without a key, says that simulators answer and where it is, and settles what runs when it is ended', async () => {
  const { started, ended } = start();
  const lines: string[] = [];
  for await (const line of createInterface(started.stdout)) {
    lines.push(line);
    if (line.startsWith('Open ')) break;
  }
  expect(lines[0]).toContain('local simulators answer');
  const url = lines.at(-1)?.slice('Open '.length) ?? '';
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const { events } = await openCall({ url }, say('tokens: 2000', { model: 'qwen-plus' }));
  for (let event = await events.next(); !event.done; event = await events.next())
    if (event.value.type === 'delta') break;
  started.kill('SIGTERM');
  expect(await ended).toBe(143);
  const file = openLedgerFile({ path: join(folder, 'app.db') });
  expect([...file.attempts()]).toMatchObject([{ status: 'cancelled', model: 'qwen-plus' }]);
  expect(file.holds()).toEqual([]);
  file.close();
});

it.each([
  ['no number', { VIBE_CHAT_PORT: 'http' }, 'Error config: VIBE_CHAT_PORT is "http", which is no number'],
  ['no port', { VIBE_CHAT_PORT: '70000' }, 'Error config: The app cannot listen on 127.0.0.1:70000.'],
  ['no ledger file', { VIBE_CHAT_LEDGER: tmpdir() }, 'Error ledger_unavailable: '],
])('says what is wrong with a setting that is %s, and ends', async (_name, settings, complaint) => {
  const { started, ended } = start(settings);
  const told = (await started.stderr.toArray()).join('');
  expect(told).toContain(complaint);
  expect(told).toContain('  → ');
  expect(await ended).toBe(1);
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readKeysFile } from '../keys-file.js';
import { type Sandbox, sandbox } from '../testing.js';
import { changeLocked } from './file-lock.js';

const built = new URL('../../dist/index.js', import.meta.url).href;

let box: Sandbox;
beforeEach(() => {
  box = sandbox();
});
afterEach(() => box.remove());

/** Runs a script in several processes at once; each one waits until all are there. */
async function processes(count: number, script: (index: number) => string): Promise<void> {
  const children = Array.from({ length: count }, (_, index) =>
    spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `const vibe = await import(${JSON.stringify(built)});
        process.stdout.write('ready');
        process.stdin.once('data', async () => { ${script(index)}; process.exit(0); });`,
      ],
      { cwd: box.cwd, env: { ...process.env, ...box.env }, stdio: ['pipe', 'pipe', 'inherit'] },
    ),
  );
  await Promise.all(children.map((child) => once(child.stdout, 'data')));
  const ends = children.map((child) => once(child, 'exit'));
  for (const child of children) child.stdin.write('go');
  for (const [code] of await Promise.all(ends)) expect(code).toBe(0);
}

const arguments_ = () => `${JSON.stringify(box.env)}, ${JSON.stringify(box.cwd)}`;

it('loses no key of several processes that keep one at the same time', async () => {
  await processes(
    6,
    (index) => `for (let n = 0; n < 5; n++) vibe.keepKey(${arguments_()}, 'KEY_${index}_' + n, 'value-${index}-' + n)`,
  );
  const { values, problems, path } = readKeysFile(box.env, box.cwd);
  expect([problems, values.size]).toEqual([[], 30]);
  expect(values.get('KEY_3_4')).toBe('value-3-4');
  expect(readdirSync(dirname(path))).toEqual(['keys.json']);
});

it('loses no value of several processes that set one in the same config file', async () => {
  const file = box.write('project/vibe.config.yaml', '# mine\nmode: strict_budget\n');
  const edited = JSON.stringify({ path: file, display: 'vibe.config.yaml', exists: true, layer: 'project' });
  await processes(4, (index) => `await vibe.setInFile(${edited}, 'limits["model-${index}"].rpm', '${index + 1}')`);
  const text = readFileSync(file, 'utf8');
  for (let index = 0; index < 4; index++) expect(text).toContain(`model-${index}`);
  expect(text).toContain('# mine');
});

it('takes over the lock of a process that died', () => {
  const file = box.write('home/.config/vibe/keys.json', '{}');
  writeFileSync(`${file}.lock`, '1');
  utimesSync(`${file}.lock`, 0, 0);
  expect(changeLocked(file, 'keys.json', () => 'changed')).toBe('changed');
  expect(existsSync(`${file}.lock`)).toBe(false);
});

it('lets go when the change fails', () => {
  const file = box.write('home/.config/vibe/keys.json', '{}');
  const fails = () =>
    changeLocked(file, 'keys.json', () => {
      throw new RangeError('no');
    });
  expect(fails).toThrow(RangeError);
  expect(existsSync(`${file}.lock`)).toBe(false);
});

import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { VibeError } from '@vibe/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepKey, readKeysFile } from '../keys-file.js';
import { loadConfig } from '../load-config.js';
import { type Sandbox, sandbox } from '../testing.js';
import { setInFile } from './edit-config.js';
import { writeFileAtomically } from './write-file.js';

let box: Sandbox;
beforeEach(() => {
  box = sandbox();
});
afterEach(() => box.remove());

async function refusal(write: () => unknown): Promise<VibeError> {
  const error = await Promise.resolve()
    .then(write)
    .catch((thrown: unknown) => thrown);
  if (VibeError.is(error, 'config')) return error;
  throw new Error(`expected a config error, got ${String(error)}`);
}

describe('a file that cannot be written', () => {
  it('is named with the reason, whichever command wanted to', async () => {
    box.write('home/.config', 'not a folder');
    const path = join(box.root, 'home/.config/vibe/config.yaml');
    const file = { path, display: '~/.config/vibe/config.yaml', exists: false, layer: 'user' } as const;
    for (const write of [() => writeFileAtomically(path, 'x'), () => setInFile(file, 'mode', 'strict_budget')]) {
      const error = await refusal(write);
      expect(error.message).toBe(`${path} cannot be written: a part of its path is no folder. It is as it was.`);
    }
    const keys = await refusal(() => keepKey(box.env, box.cwd, 'A_KEY', 'never-shown'));
    expect(keys.message).toContain('keys.json cannot be written: a part of its path is no folder');
    const unread = await refusal(() => loadConfig({ cwd: box.cwd, env: box.env }));
    expect(unread.message).toContain('keys.json cannot be read: a part of its path is no folder');
  });

  it('leaves nothing behind', async () => {
    const folder = join(box.root, 'home/taken');
    mkdirSync(folder, { recursive: true });
    expect((await refusal(() => writeFileAtomically(folder, 'x'))).message).toContain('it is a folder');
    expect(readdirSync(dirname(folder))).toEqual(['taken']);
  });
});

it('a link to a file that is not there yet makes that file, and stays a link', () => {
  const { path } = readKeysFile(box.env, box.cwd);
  const target = join(box.root, 'home/elsewhere.json');
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync('../../elsewhere.json', path);
  keepKey(box.env, box.cwd, 'A_KEY', 'kept');
  expect(existsSync(target)).toBe(true);
  expect(readFileSync(path, 'utf8')).toContain('kept');
  expect(readKeysFile(box.env, box.cwd).values.get('A_KEY')).toBe('kept');
});

import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tildePath } from '../../ledger-path.js';
import { type Check, finding, ok, skipped } from '../check.js';

export const command: Check = {
  id: 'command',
  title: 'Command',
  about: 'whether another "llm" comes first on PATH',
  async run({ session }) {
    const found = firstOnPath('llm', session.world.env['PATH'] ?? '');
    if (found === null) return [skipped('no "llm" is on PATH: it was started in another way')];
    // npm links the command, or writes a small script beside the package: both lead to the same name.
    if (isOurs(found)) return [ok(`"llm" on PATH is this one: ${tildePath(found)}`)];
    return [
      finding('warning', `another "llm" is first on PATH: ${tildePath(found)}`, [
        'Use "vibe", which is the same program, or move the folder of this one before it.',
      ]),
    ];
  },
};

function firstOnPath(name: string, path: string): string | null {
  const endings = process.platform === 'win32' ? ['.cmd', '.exe', '.ps1', ''] : [''];
  for (const folder of path.split(delimiter).filter((entry) => entry !== '')) {
    for (const ending of endings) {
      const file = join(folder, `${name}${ending}`);
      if (isExecutable(file)) return file;
    }
  }
  return null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

const package_ = fileURLToPath(new URL('..', import.meta.url));

function isOurs(file: string): boolean {
  const real = realpathSync(file);
  return real.startsWith(realpathSync(package_)) || real.includes(join('@vibe', 'cli'));
}

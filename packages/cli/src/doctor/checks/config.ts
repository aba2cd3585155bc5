import { chmodSync, statSync } from 'node:fs';
import { isOpenToOthers, keysFilePath, secretsInUserFile } from '@vibe/config';
import { VibeError } from '@vibe/core';
import { tildePath } from '../../ledger-path.js';
import { type Check, type Finding, finding, ok } from '../check.js';
import type { Patient } from '../patient.js';
import { unknownNames } from './names.js';

export const config: Check = {
  id: 'config',
  title: 'Config',
  about: 'config files and plugins, and that nobody else can read the files with keys',
  async run(patient) {
    const { world } = patient.session;
    const keys = openFile(keysFilePath(world.env), 'the keys file');
    try {
      const { files, overruled } = await patient.config();
      const { providers, config: loaded } = await patient.plugins();
      const user = files.find(({ layer, exists }) => layer === 'user' && exists);
      const hasKeys = user !== undefined && (await secretsInUserFile(user.path));
      const own = user === undefined || !hasKeys ? null : openFile(user.path, 'the file of the user holds keys and');
      const found = files.map((file) => `${file.layer} ${file.exists ? file.display : '–'}`).join(' · ');
      const kept = overruled.length === 0 ? '' : ` (${overruled.length} settings are overruled: llm config show)`;
      return [...(own === null ? [] : [own]), ok(`${found}${kept}`), ...unknownNames(loaded.values, providers)];
    } catch (error) {
      // One problem is enough to stop all that depends on it: it may be the mode of the keys file.
      return keys === null ? [broken(error)] : [keys];
    }
  },
};

function broken(thrown: unknown): Finding {
  const error = VibeError.from(thrown, 'config');
  return finding('error', error.message.replace(/\s*\n\s*/g, ' · '), [...error.next, 'llm config validate']);
}

/** A file that others may read; null when it is not there or fine. */
function openFile(path: string, what: string): Finding | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined || !stats.isFile() || !isOpenToOthers(stats.mode)) return null;
  return {
    status: 'error',
    detail: `${what} may be read by others: ${tildePath(path)}`,
    advice: [`chmod 600 ${tildePath(path)}`, 'llm doctor --fix'],
    fix: async () => {
      chmodSync(path, 0o600);
      return `${tildePath(path)} is for you alone now`;
    },
  };
}

/** Why a check that needs the configuration cannot be made. */
export async function withoutConfig(patient: Patient): Promise<Finding | null> {
  try {
    await patient.plugins();
    return null;
  } catch {
    return finding('skipped', 'the configuration is wrong');
  }
}

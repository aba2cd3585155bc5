import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { VibeError } from '@vibe/core';

/** `$XDG_STATE_HOME/vibe/ledger.db`, or `~/.local/state/vibe/ledger.db`. */
export function defaultLedgerPath(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  const stateHome = environment['XDG_STATE_HOME'];
  // The specification says that relative paths in it are to be ignored.
  const folder = stateHome !== undefined && isAbsolute(stateHome) ? stateHome : join(homedir(), '.local', 'state');
  return join(folder, 'vibe', 'ledger.db');
}

/** The absolute path of the ledger file. Throws `config` for what is no file. */
export function ledgerPath(path: string | undefined): string {
  if (path === undefined) return defaultLedgerPath();
  if (path.trim() === '' || path === ':memory:' || path.startsWith('file:') || path.includes('\0')) {
    throw new VibeError(
      'config',
      `sqliteLedger: ${JSON.stringify(path)} is no path of a file. A ledger in memory is what core has by default: leave the plugin out.`,
      { next: ['Write the path of a file, or leave sqliteLedger out to keep the ledger in memory.'] },
    );
  }
  return resolve(path);
}

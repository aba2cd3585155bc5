import { homedir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import type { LoadedConfig } from '@vibe/config';
import { defaultLedgerPath } from '@vibe/ledger-sqlite/file';
import type { Session } from './session.js';

const ownPlugins = ['@vibe/provider-qwen', '@vibe/provider-gemini', '@vibe/ledger-sqlite', '@vibe/pricing-registry'];

/** The file the money is counted in; null when a plugin we do not know may be the ledger. */
export function ledgerPathOf({ flags, world }: Session, config: LoadedConfig): string | null {
  if (flags.simulate === true) return flags.ledger ?? simulatedLedgerPath(world.env);
  const named = config.plugins.find(({ name }) => name === '@vibe/ledger-sqlite');
  if (named === undefined && config.plugins.some(({ name }) => !ownPlugins.includes(name))) return null;
  const path = named?.options?.['path'];
  return typeof path === 'string' ? path : defaultLedgerPath(world.env);
}

/** Beside the real one: simulated money must not use up real budgets. */
export function simulatedLedgerPath(env: Session['world']['env']): string {
  return join(dirname(defaultLedgerPath(env)), 'simulated.db');
}

/** A path as people write it, with `~` for their home. */
export function tildePath(path: string): string {
  const home = homedir();
  return path.startsWith(home + sep) ? `~${path.slice(home.length)}` : path;
}

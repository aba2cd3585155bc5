import type { PluginPart } from '@vibe/core';
import { sqliteLedger } from '@vibe/ledger-sqlite';

/**
 * Opens a ledger file as a call does: an older one is migrated after a copy, and the holds of processes that are gone are
 * ended as their mode says.
 */
export async function openedByWriter(path: string, now: () => number): Promise<void> {
  const made = sqliteLedger({ path });
  const host = { now, random: Math.random, warn: () => undefined };
  const parts: readonly PluginPart[] = [made.create(host)].flat();
  const ledger = parts.find((part) => part.kind === 'ledger');
  try {
    await ledger?.admin?.holds();
  } finally {
    await ledger?.close();
  }
}

import { nanoUsdOf } from '@vibe/core';
import { fileOf, withFileBooks } from '../books.js';
import { loadSessionConfig } from '../client.js';
import { confirm } from '../confirm.js';
import { exitCodes } from '../exit-codes.js';
import { usd } from '../output/money.js';
import type { Session } from '../session.js';
import { UsageError } from '../usage-error.js';

/** `llm ledger correct`: an entry of its own; the row stays as it was settled. */
export async function correct(
  session: Session,
  callId: string,
  { by, reason }: { readonly by: number; readonly reason: string },
): Promise<number> {
  const deltaNanoUsd = Math.sign(by) * nanoUsdOf(Math.abs(by), '--by');
  if (deltaNanoUsd === 0)
    throw new UsageError(`--by ${by} is less than a billionth of a dollar: there is nothing to correct.`, []);
  let id = '';
  let chargedNanoUsd = 0;
  await withFileBooks(session, async ({ file }) => {
    const rows = [...file.attempts({ callId, limit: 100 })];
    const ids = [...new Set(rows.map((row) => row.callId))];
    const why = ids.length === 0 ? 'is no call of this ledger' : `fits ${ids.length} calls: write more of the id`;
    if (ids.length !== 1) throw new UsageError(`${JSON.stringify(callId)} ${why}.`, ['llm logs']);
    id = ids[0] ?? '';
    chargedNanoUsd = rows.reduce((sum, row) => sum + row.chargedNanoUsd + row.correctedNanoUsd, 0);
    return exitCodes.ok;
  });
  const change = `${usd(chargedNanoUsd)} → ${usd(chargedNanoUsd + deltaNanoUsd)}`;
  await confirm(session, `Correct call ${id}: ${change}?`, ['llm ledger correct … --yes']);
  const { administerLedgerFile } = await import('@vibe/ledger-sqlite/file');
  const ledger = administerLedgerFile(fileOf(session, await loadSessionConfig(session)), session.world.now);
  try {
    await ledger.correct(id, { deltaNanoUsd, reason });
  } finally {
    await ledger.close();
  }
  await session.note(`Corrected: ${change}. The row stays as it was; llm logs show ${id} tells both.`);
  return exitCodes.ok;
}

import { openLedgerFile } from '@vibe/ledger-sqlite/file';
import { usd } from '../../output/money.js';
import { duration } from '../../output/time.js';
import { type Check, finding, ok, skipped } from '../check.js';
import { openedByWriter } from './opened-by-writer.js';

export const holds: Check = {
  id: 'holds',
  title: 'Holds',
  about: 'money that is set aside for calls whose process is gone',
  async run(patient) {
    const path = await patient.ledgerPath().catch(() => null);
    if (path === null) return [skipped('there is no ledger file of ours to look into')];
    const { now } = patient.session.world;
    let file: ReturnType<typeof openLedgerFile>;
    try {
      file = openLedgerFile({ path, now });
    } catch {
      return [skipped('the ledger cannot be read')];
    }
    try {
      const open = file.holds();
      const stale = open.filter(({ expiresAtMs }) => expiresAtMs <= now());
      const total = (list: typeof open) => usd(list.reduce((sum, { amountNanoUsd }) => sum + amountNanoUsd, 0));
      if (stale.length === 0)
        return [ok(open.length === 0 ? 'none open' : `${open.length} open, ${total(open)} held, all alive`)];
      const oldestMs = Math.max(...stale.map(({ expiresAtMs }) => now() - expiresAtMs));
      const detail = `${stale.length} holds are older than their lease by up to ${duration(oldestMs)} (total ${total(stale)}): their processes are gone`;
      return [
        {
          ...finding('warning', detail, [
            'llm budget holds release --stale',
            'The next call ends them: spent in strict_budget, released in best_effort.',
          ]),
          fix: async () => {
            await openedByWriter(path, now);
            return `${stale.length} holds of processes that are gone are ended: spent in strict_budget, released in best_effort`;
          },
        },
      ];
    } finally {
      file.close();
    }
  },
};

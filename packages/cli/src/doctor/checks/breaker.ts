import { openLedgerFile } from '@vibe/ledger-sqlite/file';
import { duration } from '../../output/time.js';
import { type Check, finding, ok, skipped } from '../check.js';

const states: Readonly<Record<string, string>> = {
  open: 'is left alone after repeated failures',
  half_open: 'is being tried again after repeated failures',
  unreachable: 'could not be reached when it was last probed',
};

export const breaker: Check = {
  id: 'breaker',
  title: 'Breaker',
  about: 'models and endpoints that calls are kept away from at the moment',
  async run(patient) {
    const path = await patient.ledgerPath().catch(() => null);
    if (path === null) return [skipped('there is no ledger file of ours to look into')];
    const { now } = patient.session.world;
    try {
      const file = openLedgerFile({ path, now });
      try {
        const bad = file
          .health()
          .filter(({ state, untilMs }) => Object.hasOwn(states, state) && (untilMs === null || untilMs > now()));
        if (bad.length === 0) return [ok('all closed')];
        return bad.map(({ key, state, untilMs }) => {
          const until = untilMs === null ? '' : ` for another ${duration(untilMs - now())}`;
          return finding('warning', `${key} ${states[state]}${until}`, [
            'llm doctor endpoints',
            'llm logs list --status failed',
          ]);
        });
      } finally {
        file.close();
      }
    } catch {
      return [skipped('the ledger cannot be read')];
    }
  },
};

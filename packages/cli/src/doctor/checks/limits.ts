import { patternsOfNobody } from '@vibe/core';
import { openLedgerFile } from '@vibe/ledger-sqlite/file';
import { limitedTargets } from '../../limits/show.js';
import { duration } from '../../output/time.js';
import { routeName } from '../../routes.js';
import { type Check, type Finding, finding, ok, skipped } from '../check.js';
import { withoutConfig } from './config.js';

/** From here on the next calls will wait. */
const nearlyFull = 0.9;

export const limits: Check = {
  id: 'limits',
  title: 'Limits',
  about: 'rate limits that are nearly used up, closed by a 429, or name nobody',
  async run(patient) {
    const broken = await withoutConfig(patient);
    if (broken !== null) return [broken];
    const plugins = await patient.plugins();
    const patterns = Object.keys(plugins.config.values.limits ?? {});
    if (patterns.length === 0) return [skipped('no rate limits are configured')];
    const targets = limitedTargets(plugins);
    const path = await patient.ledgerPath();
    if (path === null) return [skipped('another plugin keeps the limits')];
    const { now } = patient.session.world;
    let file: ReturnType<typeof openLedgerFile>;
    try {
      file = openLedgerFile({ path, now });
    } catch {
      return [skipped('the ledger cannot be read')];
    }
    const known = targets.map(({ target }) => target);
    const found: Finding[] = patternsOfNobody(patterns, known).map((pattern) =>
      finding('warning', `limits["${pattern}"] names nobody: it limits nothing`, [
        `llm config unset 'limits["${pattern}"]'`,
        'llm models list',
      ]),
    );
    try {
      for (const { target, limits: own } of targets) {
        const state = file.limits(target, own);
        const shares = [
          share(state.requestsInMinute, own.rpm),
          share(state.tokensInMinute, own.tpm),
          share(state.requestsToday, own.rpd),
        ];
        if (state.blockedUntilMs !== null && state.blockedUntilMs > now()) {
          found.push(
            finding(
              'warning',
              `${routeName(target)} is closed for another ${duration(state.blockedUntilMs - now())} after a 429`,
              ['llm limits'],
            ),
          );
        } else if (Math.max(...shares) >= nearlyFull) {
          found.push(
            finding('warning', `${routeName(target)} has used ${Math.round(Math.max(...shares) * 100)} % of a limit`, [
              'llm limits',
            ]),
          );
        }
      }
    } finally {
      file.close();
    }
    return found.length > 0 ? found : [ok(`${patterns.length} patterns for ${targets.length} routes, all with room`)];
  },
};

function share(used: number, limit: number | undefined): number {
  return limit === undefined ? 0 : used / limit;
}

import { filledLedger } from './fill.mjs';
import { inFolder, median, row } from './open.mjs';

const dayMs = 86_400_000;

/** What the two most frequent questions cost a person who waits for them. */
export const reports = (pairs, attempts) =>
  inFolder(async (path) => {
    const ledger = await filledLedger(path('reports'), attempts, 60);
    const timeOf = async (query) => {
      const startedAt = performance.now();
      await ledger.report(query());
      return performance.now() - startedAt;
    };
    const today = () => ({ sinceMs: Math.floor(Date.now() / dayMs) * dayMs, by: 'model' });
    const month = () => ({ sinceMs: Date.now() - 30 * dayMs, by: 'model' });
    await timeOf(today);
    const times = { today: [], month: [] };
    for (let pair = 0; pair < pairs; pair++) {
      times.today.push(await timeOf(today));
      times.month.push(await timeOf(month));
    }
    await ledger.close();
    const rows = attempts.toLocaleString('en');
    return [
      row(`report of today over ${rows} attempts`, median(times.today), { atMost: 50, unit: ' ms' }),
      row(`report of 30 days by model over ${rows} attempts`, median(times.month), { atMost: 150, unit: ' ms' }),
    ];
  });

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
    const tags = () => ({ ...month(), by: 'tag:user' });
    const breakdown = () => ({ ...month(), by: 'day', breakdown: true, timezone: 'Asia/Shanghai' });
    await timeOf(today);
    // The first one adds up everything, once.
    const firstMs = await timeOf(tags);
    const times = { today: [], month: [], tags: [], breakdown: [] };
    for (let pair = 0; pair < pairs; pair++) {
      times.today.push(await timeOf(today));
      times.month.push(await timeOf(month));
      times.tags.push(await timeOf(tags));
      times.breakdown.push(await timeOf(breakdown));
    }
    await ledger.close();
    const rows = attempts.toLocaleString('en');
    return [
      row(`report of today over ${rows} attempts`, median(times.today), { atMost: 50, unit: ' ms' }),
      row(`report of 30 days by model over ${rows} attempts`, median(times.month), { atMost: 150, unit: ' ms' }),
      row(`the first report by tag over ${rows} attempts, per attempt`, (1_000 * firstMs) / attempts, {
        atMost: 30,
        unit: ' µs',
      }),
      row(`report of 30 days by tag over ${rows} attempts`, median(times.tags), { atMost: 150, unit: ' ms' }),
      row(`report of 30 days by day with breakdown over ${rows} attempts`, median(times.breakdown), {
        atMost: 300,
        unit: ' ms',
      }),
    ];
  });

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { simulatedServices } from '../services.js';
import { spendInThePast } from '../testing/past.js';
import { type RunningChat, runChat } from '../testing/running-chat.js';
import type { SpendReport } from '../wire.js';
import { dateIn } from './report.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let chat: RunningChat;
beforeAll(async () => {
  const services = await simulatedServices();
  chat = await runChat({ services });
  await spendInThePast(chat.ledgerPath, services, ['qwen-plus', 'qwen-flash', 'qwen-plus']);
});
afterAll(() => chat.close());

async function report(search: string): Promise<SpendReport> {
  const response = await fetch(`${chat.url}/api/report?${search}`);
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  return (await response.json()) as SpendReport;
}

const spent = ({ buckets }: SpendReport) =>
  buckets.flatMap(({ rows }) => rows).reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0);

describe('a report', () => {
  it.each([
    ['today', 'hour', 1],
    ['7d', 'day', 3],
    ['30d', 'day', 3],
    ['90d', 'week', 3],
  ])('of %s has a bar per %s, and the bars are all that was spent', async (range, bucket, calls) => {
    const made = await report(`range=${range}`);
    expect(made.bucket).toBe(bucket);
    expect(made.totals).toMatchObject({ calls, ok: calls });
    expect(spent(made)).toBe(made.totals.costNanoUsd);
    expect(made.totals.costNanoUsd).toBeGreaterThan(0);
    for (const rows of [made.models, made.endpoints, made.units, made.statuses])
      expect(rows.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0)).toBe(made.totals.costNanoUsd);
    expect(made.buckets[0]?.startMs).toBe(made.sinceMs);
    expect(made.buckets.at(-1)?.endMs).toBe(made.untilMs);
  });

  it.each(['model', 'endpoint', 'unit', 'provider', 'status'])('is split by %s', async (split) => {
    const made = await report(`range=7d&split=${split}`);
    const keys = { model: 'qwen-plus', endpoint: 'qwen/cn', unit: 'output_token', provider: 'qwen', status: 'ok' };
    const found = made.buckets.flatMap(({ rows }) => rows).map(({ key }) => key);
    expect(found).toContain(keys[split as keyof typeof keys]);
    expect(spent(made)).toBe(made.totals.costNanoUsd);
  });

  it('of some dates has exactly these days', async () => {
    const all = await report('range=7d');
    const yesterday = dateIn(all.timezone, all.untilMs - 36 * 3_600_000);
    const made = await report(`from=${yesterday}&to=${yesterday}`);
    expect(made.models.map(({ key }) => key)).toEqual(['qwen-flash']);
    expect(made.bucket).toBe('hour');
    expect((await report('from=2020-02-01&to=2020-02-29')).buckets).toHaveLength(29);
  });

  it.each([
    'range=century',
    'split=key',
    'from=yesterday',
    'from=2026-02-31',
    'from=2026-03-01&to=2026-02-01',
    'from=1990-01-01',
  ])('with %s is refused, and says why', async (search) => {
    const response = await fetch(`${chat.url}/api/report?${search}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ failure: { code: 'invalid_request' } });
  });
});

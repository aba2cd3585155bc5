import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ledgerContract } from '@vibe/contract-tests';
import { type DeferredPart, type HoldRequest, type Ledger, type Settlement, VibeError } from '@vibe/core';
import { afterEach, describe, expect, it } from 'vitest';
import prepaid, { type PrepaidOptions } from './prepaid.js';

const made = (plugin: DeferredPart, now: () => number = () => 0) =>
  plugin.create({ now, random: () => 0, warn: () => undefined }) as Ledger;

await ledgerContract(
  { describe, it },
  {
    name: 'prepaid',
    create: async ({ now, timezone }) => ({ ledger: made(prepaid({ timezone }), now), close: async () => undefined }),
  },
);

const target = { provider: 'p', profile: 'default', endpoint: 'e', region: 'global', model: 'm' };
const hold = (callId: string, amountNanoUsd: number): HoldRequest => ({
  callId,
  amountNanoUsd,
  budgets: [],
  strict: true,
  leaseMs: 60_000,
  tags: {},
  traceId: callId,
  target,
  estimatedUsage: { quantities: {}, unknown: false, source: 'estimated' },
});
const settlement = (actualNanoUsd: number | null): Settlement => ({
  status: 'ok',
  attempts: [],
  usage: null,
  actualNanoUsd,
  lines: [],
  timing: { ttftMs: null, totalMs: 1, waitMs: 0, retryMs: 0, attempts: 1 },
});

let folder: string | undefined;
afterEach(() => folder !== undefined && rmSync(folder, { recursive: true, force: true }));

describe('prepaid credit', () => {
  const open = (given: Partial<PrepaidOptions> = {}) => made(prepaid({ creditUsd: 1e-6, ...given }));

  it('is what is spent and held together never pass', async () => {
    const ledger = open();
    await ledger.hold(hold('a', 600));
    await expect(ledger.hold(hold('b', 500))).rejects.toSatisfy((error) => VibeError.is(error, 'budget_exceeded'));
    await ledger.settle('a', settlement(100));
    await ledger.hold(hold('b', 500));
    await expect(ledger.extend('b', 901)).rejects.toThrow(/short by/);
    await ledger.extend('b', 900);
    await ledger.settle('b', settlement(null));
    await expect(ledger.hold(hold('c', 1))).rejects.toThrow(/is spent/);
  });

  it('is remembered in its file', async () => {
    folder = mkdtempSync(join(tmpdir(), 'prepaid-'));
    const path = join(folder, 'spent.json');
    const ledger = open({ path });
    await ledger.hold(hold('a', 600));
    await ledger.settle('a', settlement(600));
    expect(readFileSync(path, 'utf8')).toBe('{"spentNanoUsd":600}');
    await expect(open({ path }).hold(hold('b', 500))).rejects.toThrow(/prepaid credit/);
  });
});

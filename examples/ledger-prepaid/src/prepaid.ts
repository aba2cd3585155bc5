import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { definePlugin, formatUsd, type Ledger, memoryLedger, nanoUsdOf, VibeError } from '@vibe/core';

export interface PrepaidOptions {
  /** What was paid in, in USD. Without it nothing is refused, only counted. */
  readonly creditUsd?: number;
  /** Where it is written down how much of it is spent. Without it, it is forgotten when the process ends. */
  readonly path?: string;
  /** IANA zone of budgets that name none. Default: that of the process. */
  readonly timezone?: string;
}

/** A ledger with prepaid credit: holds are taken from it, too, so that calls at the same time cannot overdraw it. */
const prepaid = definePlugin({
  name: '@vibe/example-ledger-prepaid',
  specVersion: 'v1',
  create: ({ creditUsd, path, timezone }: PrepaidOptions, { now }): Ledger => {
    const creditNanoUsd = creditUsd === undefined ? Number.POSITIVE_INFINITY : nanoUsdOf(creditUsd, 'creditUsd');
    // Budgets, reports and statistics stay those of the ledger in memory.
    const inner = memoryLedger({ now, ...(timezone !== undefined && { timezone }) });
    const held = new Map<string, number>();
    let spentNanoUsd = readSpent(path);

    function reserve(callId: string, toNanoUsd: number): () => void {
      const before = held.get(callId) ?? 0;
      const heldNanoUsd = [...held.values()].reduce((sum, amount) => sum + amount, 0);
      const shortNanoUsd = spentNanoUsd + heldNanoUsd - before + toNanoUsd - creditNanoUsd;
      if (shortNanoUsd > 0) throw overdrawn(creditNanoUsd, spentNanoUsd, shortNanoUsd);
      held.set(callId, Math.max(before, toNanoUsd));
      return () => (before === 0 ? held.delete(callId) : held.set(callId, before));
    }

    return {
      ...inner,
      async hold(request) {
        if (held.has(request.callId)) return inner.hold(request);
        const undo = reserve(request.callId, request.amountNanoUsd);
        return inner.hold(request).catch((error: unknown) => {
          undo();
          throw error;
        });
      },
      async extend(callId, toNanoUsd, also) {
        const undo = reserve(callId, toNanoUsd);
        return inner.extend(callId, toNanoUsd, also).catch((error: unknown) => {
          undo();
          throw error;
        });
      },
      async settle(callId, settlement) {
        await inner.settle(callId, settlement);
        const amount = held.get(callId);
        if (amount === undefined) return;
        held.delete(callId);
        // Unknown is not free: then the worst case counts as spent.
        spentNanoUsd += settlement.actualNanoUsd ?? amount;
        writeSpent(path, spentNanoUsd);
      },
    };
  },
});
export default prepaid;

function overdrawn(creditNanoUsd: number, spentNanoUsd: number, shortNanoUsd: number): VibeError {
  const [credit, spent, short] = [creditNanoUsd, spentNanoUsd, shortNanoUsd].map((amount) => formatUsd(amount));
  return new VibeError(
    'budget_exceeded',
    `The prepaid credit of ${credit} is short by ${short}; ${spent} is spent. Nothing was sent.`,
    {
      details: { creditNanoUsd, spentNanoUsd, shortfallNanoUsd: shortNanoUsd },
      next: ['Pay in, and raise creditUsd of @vibe/example-ledger-prepaid.'],
    },
  );
}

function readSpent(path: string | undefined): number {
  if (path === undefined || !existsSync(path)) return 0;
  const { spentNanoUsd } = JSON.parse(readFileSync(path, 'utf8')) as { spentNanoUsd?: unknown };
  if (Number.isSafeInteger(spentNanoUsd)) return spentNanoUsd as number;
  throw new VibeError('config', `${path} does not say what is spent.`, { next: [`Look at ${path}.`] });
}

/** In one step: a crash leaves the old amount or the new one. */
function writeSpent(path: string | undefined, spentNanoUsd: number): void {
  if (path === undefined) return;
  const temporary = `${path}.${randomUUID()}.tmp`;
  writeFileSync(temporary, JSON.stringify({ spentNanoUsd }));
  renameSync(temporary, path);
}

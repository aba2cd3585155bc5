import type { Target } from '@vibe/core';
import type { LedgerSeams } from '../src/sqlite-ledger.js';
import {
  attempt,
  cent,
  dayBudget,
  holdRequest,
  look,
  openLedger,
  settlement,
  type TestLedger,
  target,
} from './fixture.js';

export const quarterMs = 900_000;
export const start = Date.parse('2026-11-20T00:00:00Z');
export const targets: readonly Target[] = [
  target,
  { ...target, model: 'qwen-max' },
  { provider: 'gemini', profile: 'default', endpoint: 'global', region: 'global', model: 'gemini-2.5-flash' },
];

/** Three days of calls of all kinds, in a ledger whose clock stands at the end of them. */
export async function threeDays(seams: LedgerSeams = {}): Promise<{ ledger: TestLedger; now: () => number }> {
  const now = () => start + 3 * 86_400_000;
  const ledger = openLedger({ now, seams });
  const work: Promise<unknown>[] = [];
  for (let call = 0; call < 300; call++) {
    const startedAtMs = start + Math.floor(((call * 7919) % 300) * 0.0033 * 3 * 86_400_000);
    const served = targets[call % 3] as Target;
    const request = holdRequest({
      target: served,
      budgets: [dayBudget({ window: 'total', limitNanoUsd: 1e15 })],
      tags: call % 4 === 0 ? {} : { team: `t${call % 2}` },
    });
    const kind = call % 10;
    const last = attempt({
      attempt: kind === 1 ? 2 : 1,
      startedAtMs,
      target: served,
      status: kind === 2 ? 'failed' : kind === 3 ? 'cancelled' : 'ok',
      errorCode: kind === 2 ? 'timeout' : null,
      actualNanoUsd: kind === 4 ? null : cent + call,
      usage:
        kind === 5
          ? null
          : { quantities: { input_token: call, audio_second: 0.25 }, unknown: kind === 3, source: 'provider' },
      totalMs: 100 + call,
      ttftMs: kind === 2 ? null : 50 + call,
    });
    const retried = attempt({
      startedAtMs: startedAtMs - 1000,
      target: targets[(call + 1) % 3] as Target,
      status: 'failed',
      errorCode: 'provider_unavailable',
      actualNanoUsd: 0,
      usage: null,
      ttftMs: null,
    });
    const done = settlement({
      status: last.status,
      attempts: kind === 1 ? [retried, last] : [last],
      tags: request.tags,
      traceId: 't',
    });
    work.push(ledger.hold(request).then(() => ledger.settle(request.callId, done)));
    if (kind === 6) {
      const blocked = {
        callId: `blocked-${call}`,
        traceId: 't',
        status: 'blocked' as const,
        errorCode: 'budget_exceeded' as const,
        errorMessage: '',
      };
      work.push(
        Promise.resolve(
          ledger.block?.({
            ...blocked,
            target: null,
            estimatedNanoUsd: 7,
            tags: {},
            waitMs: 0,
            totalMs: now() - startedAtMs,
          }),
        ),
      );
    }
  }
  await Promise.all(work);
  const corrected = look(
    ledger.path,
    (db) => db.prepare('SELECT call_id FROM attempt WHERE charged_nano > 0 LIMIT 5').pluck().all() as string[],
  );
  for (const callId of corrected) await ledger.admin?.correct(callId, { deltaNanoUsd: -3, reason: 'price was wrong' });
  return { ledger, now };
}

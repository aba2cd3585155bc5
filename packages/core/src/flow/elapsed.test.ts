import { describe, expect, it } from 'vitest';
import { failure, resultOf, scripted, testPrices } from '../../test/scripted-provider.js';
import { createVibe } from '../create-vibe.js';
import { memoryLedger } from '../defaults/memory-ledger.js';
import { VibeError } from '../errors/vibe-error.js';
import type { BlockedCall, Ledger, Settlement } from '../spec/ledger.js';

const hourMs = 3_600_000;

/** A client whose clock is set back by an hour whenever something happens. */
function clientOf(failsFirst = false) {
  let nowMs = Date.parse('2026-11-22T12:00:00Z');
  const setBack = () => {
    nowMs -= hourMs;
  };
  let requests = 0;
  const provider = scripted(async function* () {
    setBack();
    if (failsFirst && ++requests === 1) throw new VibeError('provider_unavailable', 'down');
    yield { type: 'delta', part: { type: 'text', text: 'a' }, text: 'a' };
    setBack();
    yield { type: 'final', result: resultOf('a', 1) };
  });
  const right = memoryLedger();
  const told: (Settlement | BlockedCall)[] = [];
  const ledger: Ledger = {
    ...right,
    hold: async (request) => {
      setBack();
      return right.hold(request);
    },
    settle: async (callId, settlement) => {
      told.push(settlement);
      await right.settle(callId, settlement);
    },
    block: async (blocked) => {
      told.push(blocked);
      await right.block?.(blocked);
    },
  };
  const budgets = [{ window: 'total', limitUsd: failsFirst ? 1 : 0.001 }] as const;
  const environment = { now: () => nowMs, random: () => 0 };
  return { vibe: createVibe({ plugins: [provider, testPrices, ledger], budgets }, environment), told };
}

const ask = { model: 'acme-1', prompt: 'Hi', maxOutputTokens: 10 };

describe('a clock that is set back during a call', () => {
  it('makes no time negative, in the response and for the ledger', async () => {
    const { vibe, told } = clientOf(true);
    const { timing, attempts } = await vibe.generate(ask);
    expect(timing).toEqual({ ttftMs: 0, totalMs: 0, waitMs: 0, retryMs: 0, attempts: 2 });
    const none = { totalMs: 0, waitMs: 0, retryMs: 0 };
    expect(attempts).toMatchObject([
      { ...none, ttftMs: null },
      { ...none, ttftMs: 0 },
    ]);
    expect(told).toMatchObject([{ timing, attempts }]);
  });

  it('makes none negative for a call that is refused either', async () => {
    const { vibe, told } = clientOf();
    expect((await failure(vibe.generate({ ...ask, maxOutputTokens: 1_000 }))).code).toBe('budget_exceeded');
    expect(told).toMatchObject([{ status: 'blocked', totalMs: 0, waitMs: 0 }]);
  });
});

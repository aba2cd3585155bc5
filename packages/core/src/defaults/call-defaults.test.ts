import { describe, expect, it } from 'vitest';
import { callSettings } from './call-defaults.js';

describe('the one deadline for waits and retries', () => {
  const budgetOf = (request: Parameters<ReturnType<typeof callSettings>>[0], defaults = {}) =>
    callSettings(defaults)(request).retryBudgetMs;

  it('is as long as the call may wait, where nobody names a retry budget', () => {
    expect(budgetOf({})).toBe(60_000);
    expect(budgetOf({ maxWaitMs: 5_000 })).toBe(60_000);
    expect(budgetOf({ maxWaitMs: 120_000 })).toBe(120_000);
    expect(budgetOf({}, { maxWaitMs: 90_000 })).toBe(90_000);
  });

  it('is the retry budget that somebody has named', () => {
    expect(budgetOf({ maxWaitMs: 120_000, retry: { budgetMs: 1_000 } })).toBe(1_000);
    expect(budgetOf({ maxWaitMs: 120_000 }, { retry: { budgetMs: 70_000 } })).toBe(70_000);
  });
});

describe('an option that is there and undefined', () => {
  it('leaves the default of the client, as one that is left out does', () => {
    const defaults = { retry: { attempts: 1, budgetMs: 5_000 }, timeout: { totalMs: 3_000, chunkMs: 700 } };
    const passedOn = { retry: { attempts: undefined }, timeout: { totalMs: undefined, chunkMs: 900 } };
    expect(callSettings(defaults)(passedOn as object)).toMatchObject({
      attempts: 1,
      retryBudgetMs: 5_000,
      totalMs: 3_000,
      chunkMs: 900,
    });
  });
});

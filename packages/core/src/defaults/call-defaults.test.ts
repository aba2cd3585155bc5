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

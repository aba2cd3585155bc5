import { failurePolicy } from '@vibe/core';
import { describe, expect, it } from 'vitest';
import { exitCodeOf } from './exit-codes.js';

describe('exit codes', () => {
  it('are told for every way a call can fail', () => {
    expect(Object.fromEntries(Object.keys(failurePolicy).map((code) => [code, exitCodeOf(code)]))).toEqual({
      invalid_request: 2,
      config: 7,
      budget_exceeded: 3,
      unpriced: 3,
      no_route: 1,
      rate_limited: 5,
      circuit_open: 6,
      ledger_unavailable: 1,
      auth: 4,
      provider_rate_limited: 5,
      provider_quota: 5,
      provider_unavailable: 6,
      provider_rejected: 6,
      model_not_found: 6,
      context_length: 6,
      content_filtered: 6,
      region_blocked: 6,
      invalid_response: 6,
      stream_truncated: 6,
      timeout: 6,
      cancelled: 130,
      schema_mismatch: 6,
      internal: 1,
    });
  });

  it('of codes from another version are plain errors', () => {
    expect(exitCodeOf('new_code')).toBe(1);
    expect(exitCodeOf('toString')).toBe(1);
  });
});

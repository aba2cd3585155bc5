import { describe, expect, it } from 'vitest';
import { limitsOf } from './resolve-limits.js';

const target = { provider: 'acme', profile: 'default', endpoint: 'main', region: 'global', model: 'acme-1' };
const enforced = { rpdTimezone: 'America/Los_Angeles', burst: { share: 0.1, windowMs: 6_000 } };

describe('the limits of a target', () => {
  it('are taken from the most specific pattern, field by field', () => {
    const patterns = {
      '*': { rpm: 1, tpm: 1, rpd: 1 },
      'acme/*': { rpm: 2, tpm: 2 },
      'acme@main/*': { rpm: 3 },
      'acme-1': { concurrency: 4 },
      'acme@other/acme-1': { rpm: 5 },
    };
    expect(limitsOf(patterns, target)).toEqual({ rpm: 3, tpm: 2, rpd: 1, concurrency: 4 });
    expect(limitsOf({}, target)).toEqual({});
  });

  it('follow how the endpoint enforces them: its day, and its share of the minute in a short window', () => {
    expect(limitsOf({ '*': { rpm: 600, tpm: 3_000_000, rpd: 5 } }, target, enforced)).toEqual({
      rpm: 600,
      tpm: 3_000_000,
      rpd: 5,
      rpdTimezone: 'America/Los_Angeles',
      burst: { windowMs: 6_000, requests: 60, tokens: 300_000 },
    });
    expect(limitsOf({ '*': { rpm: 70 } }, target, enforced).burst).toEqual({ windowMs: 6_000, requests: 7 });
    expect(limitsOf({ '*': { tpm: 29 } }, target, { burst: { share: 0.29, windowMs: 1 } }).burst?.tokens).toBe(8);
  });

  it('have no burst where the share is less than one request, or where nothing is limited by the minute', () => {
    expect(limitsOf({ '*': { rpm: 2 } }, target, enforced).burst).toBeUndefined();
    expect(limitsOf({ '*': { concurrency: 2 } }, target, enforced).burst).toBeUndefined();
  });

  it('keep what the user says about days and bursts', () => {
    const own = { rpm: 600, rpdTimezone: 'UTC', burst: { windowMs: 1_000, requests: 5 } };
    expect(limitsOf({ 'acme-1': own }, target, enforced)).toEqual(own);
  });
});

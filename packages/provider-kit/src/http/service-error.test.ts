import { describe, expect, it } from 'vitest';
import { testKey } from '../testing.js';
import { briefText, type Classification, type Service, serviceError } from './service-error.js';

function service(found: Classification): Service {
  return { name: 'acme@main', secrets: [testKey, 'my-own-secret'], classify: () => found };
}

const failure = { status: 429, headers: {}, json: null, text: 'slow down' };

describe('serviceError', () => {
  it('says who, what, the status, the own words of the provider and what to do next', () => {
    const error = serviceError(
      service({ code: 'provider_quota', reason: 'insufficient_quota', text: 'No money left', next: ['Pay the bill.'] }),
      failure,
    );
    expect(error.message).toBe(
      'acme@main refuses because a quota or an account is exhausted, which waiting does not mend ' +
        '(HTTP 429 insufficient_quota): No money left. Pay the bill.',
    );
    expect(error).toMatchObject({
      next: ['Pay the bill.'],
      details: { providerCode: 'insufficient_quota' },
      status: 429,
    });
  });

  it('waits for the longer of the two hints', () => {
    const found: Classification = { code: 'provider_rate_limited', retryAfterMs: 5_000 };
    expect(serviceError(service(found), { ...failure, headers: { 'retry-after': '2' } }).retryAfterMs).toBe(5_000);
    expect(serviceError(service(found), { ...failure, headers: { 'retry-after': '9' } }).retryAfterMs).toBe(9_000);
  });

  it('prefers the request id of the body', () => {
    const headers = { 'x-request-id': 'from-header' };
    expect(serviceError(service({ code: 'auth' }), { ...failure, headers }).requestId).toBe('from-header');
    expect(serviceError(service({ code: 'auth', requestId: 'own' }), { ...failure, headers }).requestId).toBe('own');
  });

  it('says that a failure after the first tokens may be billed', () => {
    const found = service({ code: 'provider_unavailable' });
    expect(serviceError(found, failure).mayBeBilled).toBe(false);
    expect(serviceError(found, failure, true).mayBeBilled).toBe(true);
  });

  it('asks nobody twice who has refused with a 4xx, but 429', () => {
    const found = service({ code: 'provider_unavailable' });
    const retryable = (status: number | null) => serviceError(found, { ...failure, status }).retryable;
    expect([400, 408, 409, 425, 499].map(retryable)).toEqual([false, false, false, false, false]);
    expect([null, 429, 500, 503].map(retryable)).toEqual([true, true, true, true]);
  });

  it('never shows a key, not even one it does not know', () => {
    const text = `key ${testKey}, my-own-secret, sk-another-0123456789 and ?key=AIzaSy0123456789012345678901234`;
    const error = serviceError(service({ code: 'auth', text, details: {} }), { ...failure, text });
    expect(JSON.stringify([error.message, error])).not.toMatch(/0123456789|my-own-secret/);
  });

  it('shows no key that a service repeats as its request id or as the name of the error', () => {
    const found = service({ code: 'auth', requestId: testKey, reason: `bad_my-own-secret` });
    const header = serviceError(service({ code: 'auth' }), { ...failure, headers: { 'x-request-id': testKey } });
    for (const error of [serviceError(found, failure), header])
      expect(JSON.stringify([error.message, error, error.requestId])).not.toMatch(/0123456789|my-own-secret/);
  });
});

describe('briefText', () => {
  it.each([
    ['<!DOCTYPE html><html><head><title>502 Bad\n Gateway</title></head></html>', '502 Bad Gateway.'],
    ['<html><body>no title</body></html>', 'an HTML page.'],
    ['  two\n lines ', 'two lines.'],
    ['Already ended!', 'Already ended!'],
    ['', ''],
  ])('shortens %j to %j', (text, brief) => {
    expect(briefText(text, [])).toBe(brief);
  });

  it('is bounded', () => {
    expect(briefText('x'.repeat(100_000), []).length).toBeLessThan(600);
    expect(briefText(`${'x'.repeat(499)}😀`, []).isWellFormed()).toBe(true);
  });
});

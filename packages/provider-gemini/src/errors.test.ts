import type { Endpoint, ErrorCode } from '@vibe/core';
import { describe, expect, it } from 'vitest';
import { classifyFor } from './errors.js';

const endpoint: Endpoint = {
  id: 'global',
  region: 'global',
  baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
  keyPresent: () => true,
  keyName: 'GEMINI_API_KEY',
};

function classify(status: number | null, json: unknown, text = '') {
  return classifyFor(endpoint)({ status, headers: {}, json, text });
}

const error = (status: string, message = '', ...details: readonly object[]) => ({
  error: { code: 0, status, message, details },
});
const quotaFailure = (quotaId: string, quotaValue = '1000') => ({
  '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
  violations: [{ quotaMetric: 'requests', quotaId, quotaValue }],
});
const retryInfo = (retryDelay: string) => ({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay });
const info = (reason: string) => ({ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason });

const exhausted = 'RESOURCE_EXHAUSTED';
const invalid = 'INVALID_ARGUMENT';

describe('a failure of Gemini', () => {
  it.each<[number | null, unknown, ErrorCode]>([
    [400, error(invalid, 'API key not valid.', info('API_KEY_INVALID')), 'auth'],
    [400, error(invalid, 'API key expired. Please renew the API key.', info('API_KEY_EXPIRED')), 'auth'],
    [400, error(invalid, 'Unsupported field.'), 'provider_rejected'],
    [
      400,
      error(invalid, 'The input token count (9) exceeds the maximum number of tokens allowed (8).'),
      'context_length',
    ],
    [400, error(invalid, 'The input token count is 1055000 but model only supports up to 1048576.'), 'context_length'],
    [400, error('FAILED_PRECONDITION', 'User location is not supported for the API use.'), 'region_blocked'],
    [400, error('FAILED_PRECONDITION', 'Gemini API free tier is not available in your country.'), 'region_blocked'],
    [400, error('FAILED_PRECONDITION', 'Something else.'), 'provider_rejected'],
    [401, error('UNAUTHENTICATED'), 'auth'],
    [403, error('PERMISSION_DENIED', 'Your API key was reported as leaked.'), 'auth'],
    [403, error('PERMISSION_DENIED', 'Not enabled.', info('SERVICE_DISABLED')), 'auth'],
    [403, error('PERMISSION_DENIED', 'This region is not supported.'), 'region_blocked'],
    [404, error('NOT_FOUND', 'models/x is not found for API version v1beta'), 'model_not_found'],
    [404, error('NOT_FOUND', 'CachedContent not found'), 'provider_rejected'],
    [404, null, 'model_not_found'],
    [408, null, 'provider_unavailable'],
    [413, null, 'invalid_request'],
    [429, error(exhausted, 'Resource has been exhausted (e.g. check quota).'), 'provider_rate_limited'],
    [429, error(exhausted, 'Quota.', quotaFailure('RequestsPerMinutePerModel')), 'provider_rate_limited'],
    [
      429,
      error(exhausted, 'Quota.', quotaFailure('GenerateRequestsPerDayPerProject'), retryInfo('47s')),
      'provider_quota',
    ],
    [429, error(exhausted, 'Quota.', quotaFailure('RequestsPerMinutePerModel', '0')), 'provider_quota'],
    [429, error(exhausted, 'Quota exceeded for metric: x, limit: 0, model: y'), 'provider_quota'],
    [429, error(exhausted, 'Quota exceeded for metric: x, limit: 0.5'), 'provider_rate_limited'],
    [429, error(exhausted, 'Your billing account has exceeded its monthly spending cap.'), 'provider_quota'],
    [429, error(exhausted, 'Your prepayment credits are depleted.'), 'provider_quota'],
    [
      429,
      error(exhausted, 'You exceeded your current quota, check your plan and billing details.'),
      'provider_rate_limited',
    ],
    [499, error('CANCELLED'), 'provider_unavailable'],
    [500, error('INTERNAL'), 'provider_unavailable'],
    [502, null, 'provider_unavailable'],
    [503, error('UNAVAILABLE', 'The model is overloaded.'), 'provider_unavailable'],
    [504, error('DEADLINE_EXCEEDED'), 'provider_unavailable'],
    [null, { error: { code: 503, status: 'UNAVAILABLE', message: 'Busy' } }, 'provider_unavailable'],
    [null, { error: 'text' }, 'provider_unavailable'],
    [null, { error: { status: invalid, message: 'Unsupported field.' } }, 'provider_rejected'],
    [null, { error: { status: exhausted, message: 'Slow down.' } }, 'provider_rate_limited'],
    [null, { error: { status: 'UNAVAILABLE' } }, 'provider_unavailable'],
    [403, error('PERMISSION_DENIED', 'Billing is required.', info('BILLING_DISABLED')), 'provider_quota'],
    [409, error('ABORTED'), 'provider_rejected'],
    [501, error('UNIMPLEMENTED'), 'provider_rejected'],
    [
      429,
      error(exhausted, 'Quota exceeded for metric: x/generate_requests_per_model_per_day, limit: 50'),
      'provider_quota',
    ],
    [
      429,
      error(exhausted, 'Quota.', { reason: 'RATE_LIMIT_EXCEEDED', metadata: { quota_limit: 'RequestsPerDay' } }),
      'provider_quota',
    ],
  ])('%s %j is %s', (status, json, code) => {
    expect(classify(status, json).code).toBe(code);
  });

  it('asks to wait as long as the longer of its two hints says', () => {
    const wait = (message: string, ...details: readonly object[]) =>
      classify(429, error(exhausted, message, ...details)).retryAfterMs;
    expect(wait('Please retry in 48.939935699s.', retryInfo('48s'))).toBe(48_940);
    expect(wait('No hint.', retryInfo('34.07s'))).toBe(34_070);
    expect(wait('No hint.', retryInfo('900ms'))).toBe(900);
    expect(wait('Please retry in 250ms.')).toBe(250);
    expect(wait('Please retry in 1m2.5s.', retryInfo('48s'))).toBe(62_500);
    expect(wait('Please retry in 13h26m51s.')).toBe(48_411_000);
    expect(wait('No hint.')).toBeUndefined();
    expect(wait('No hint.', retryInfo('soon'))).toBeUndefined();
    expect(classify(503, error('UNAVAILABLE', 'Please retry in 2s.')).retryAfterMs).toBe(2_000);
  });

  it('gives no delay for a quota that is gone for the day', () => {
    const perDay = error(exhausted, 'Please retry in 47s.', quotaFailure('RequestsPerDay'), retryInfo('47s'));
    expect(classify(429, perDay)).toMatchObject({
      code: 'provider_quota',
      retryAfterMs: undefined,
      details: { limitScope: 'day' },
    });
  });

  it('says which limit was hit and how large it is', () => {
    expect(classify(429, error(exhausted, '', quotaFailure('InputTokensPerMinute', '250000'))).details).toEqual({
      limitScope: 'minute',
      quotaId: 'InputTokensPerMinute',
      quotaMetric: 'requests',
      quotaValue: '250000',
    });
  });

  it('is readable whatever the body is', () => {
    for (const json of [
      null,
      7,
      'text',
      [],
      { error: null },
      { error: { message: 7, details: 'x', code: 'y' } },
      { error: { details: [null, 1] } },
    ]) {
      expect(classify(400, json, 'the body')).toMatchObject({ code: 'provider_rejected', text: 'the body' });
    }
  });

  it('says what to do next', () => {
    expect(classify(403, error('PERMISSION_DENIED', 'reported as leaked')).next?.[0]).toMatch(
      /new key.*GEMINI_API_KEY/,
    );
    expect(classify(400, error(invalid, 'Corrupted thought signature.')).next?.[0]).toMatch(/back unchanged/);
    expect(classify(500, null).next).toBeUndefined();
  });
});

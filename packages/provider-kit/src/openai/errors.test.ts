import type { ErrorCode } from '@vibe/core';
import { describe, expect, it } from 'vitest';
import { classifyChatFailure, statusInError } from './errors.js';

function classify(status: number | null, json: unknown, text = '') {
  return classifyChatFailure({ status, headers: {}, json, text });
}

function openAiError(code: string | number | null, message: string, type = 'invalid_request_error') {
  return { error: { message, type, param: null, code } };
}

describe('classifyChatFailure', () => {
  it.each<[number, unknown, ErrorCode]>([
    [
      400,
      openAiError('context_length_exceeded', "This model's maximum context length is 8192 tokens."),
      'context_length',
    ],
    [400, openAiError(null, "This model's maximum context length is 8192 tokens."), 'context_length'],
    [400, openAiError('content_filter', 'The response was filtered.'), 'content_filtered'],
    [400, openAiError('invalid_value', 'Bad temperature.'), 'provider_rejected'],
    [401, openAiError('invalid_api_key', 'Incorrect API key provided.'), 'auth'],
    [402, { error: { message: 'Insufficient Balance', code: 'invalid_request_error' } }, 'provider_quota'],
    [403, openAiError('unsupported_country_region_territory', 'Country not supported.'), 'region_blocked'],
    [403, {}, 'auth'],
    [404, openAiError('model_not_found', 'The model `x` does not exist.'), 'model_not_found'],
    [408, null, 'provider_unavailable'],
    [413, null, 'invalid_request'],
    [422, { detail: [] }, 'provider_rejected'],
    [429, openAiError('rate_limit_exceeded', 'Rate limit reached.', 'tokens'), 'provider_rate_limited'],
    [
      429,
      openAiError('insufficient_quota', 'You exceeded your current quota.', 'insufficient_quota'),
      'provider_quota',
    ],
    [429, null, 'provider_rate_limited'],
    [500, { error: 'boom' }, 'provider_unavailable'],
    [503, null, 'provider_unavailable'],
  ])('reads %i %j as %s', (status, json, code) => {
    expect(classify(status, json).code).toBe(code);
  });

  it('takes the words and ids from wherever they are', () => {
    expect(classify(500, { error: 'boom' }).text).toBe('boom');
    expect(classify(400, { code: 'Bad', message: 'flat', request_id: 'r1' })).toMatchObject({
      reason: 'Bad',
      text: 'flat',
      requestId: 'r1',
    });
    expect(classify(429, { error: { code: 429, message: 'upstream', metadata: { raw: 'slow down' } } })).toMatchObject({
      reason: undefined,
      text: 'upstream: slow down',
    });
    expect(classify(502, null, 'plain text').text).toBe('plain text');
  });
});

describe('statusInError', () => {
  it.each([
    [{ code: 429 }, 429],
    [{ code: '503' }, 503],
    [{ status_code: 400, code: 'tool_use_failed' }, 400],
    [{ code: 'server_error' }, null],
    [{ code: 200 }, null],
    ['text', null],
  ])('finds it in %j: %j', (error, status) => {
    expect(statusInError(error)).toBe(status);
  });
});

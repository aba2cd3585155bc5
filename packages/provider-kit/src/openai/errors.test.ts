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

  it.each<[string, number | null, unknown, ErrorCode]>([
    [
      'xAI, a wrong key as 400',
      400,
      { code: 'Client specified an invalid argument', error: 'Incorrect API key provided: xa***' },
      'auth',
    ],
    [
      'OpenRouter, an unknown model as 400',
      400,
      { error: { message: 'acme/none is not a valid model ID', code: 400 } },
      'model_not_found',
    ],
    [
      'OpenRouter, moderation',
      403,
      { error: { code: 403, message: 'Input requires moderation', metadata: {} } },
      'content_filtered',
    ],
    [
      'Groq, larger than a minute allows',
      413,
      openAiError(
        'rate_limit_exceeded',
        'Request too large for model `x` on tokens per minute (TPM): Limit 6000, Requested 9000',
        'tokens',
      ),
      'context_length',
    ],
    [
      'Groq, the day is used up',
      429,
      openAiError(
        'rate_limit_exceeded',
        'Rate limit reached on tokens per day (TPD): Limit 100000. Please try again in 12m.',
        'tokens',
      ),
      'provider_quota',
    ],
    [
      'Groq, a retired model',
      400,
      openAiError('model_decommissioned', 'The model `x` has been decommissioned'),
      'model_not_found',
    ],
    ['Zhipu, no money', 429, { error: { code: '1113', message: '余额不足或无可用资源包,请充值。' } }, 'provider_quota'],
    [
      'Zhipu, too often',
      429,
      { error: { code: '1302', message: '您当前使用该API的并发数过高' } },
      'provider_rate_limited',
    ],
    [
      'MiniMax in a 200, no money',
      null,
      { base_resp: { status_code: 1008, status_msg: 'insufficient balance' } },
      'provider_quota',
    ],
    [
      'MiniMax in a 200, too often',
      null,
      { base_resp: { status_code: 1002, status_msg: 'rate limit' } },
      'provider_rate_limited',
    ],
    [
      'llama.cpp',
      400,
      {
        error: {
          code: 400,
          message: 'the request exceeds the available context size',
          type: 'exceed_context_size_error',
        },
      },
      'context_length',
    ],
    [
      'xAI, too long',
      400,
      { code: 'x', error: "This model's maximum prompt length is 131072 but the request contains 537812 tokens." },
      'context_length',
    ],
    [
      'Moonshot, too long',
      400,
      openAiError(null, 'Invalid request: Your request exceeded model token limit: 8192'),
      'context_length',
    ],
    [
      'Mistral, too long',
      400,
      {
        object: 'error',
        message: 'Prompt contains 40000 tokens, too large for model with 32768 maximum context length',
        type: 'invalid_request_error',
        code: '3051',
      },
      'context_length',
    ],
    [
      'vLLM, an unknown model',
      404,
      { object: 'error', message: 'The model `x` does not exist.', type: 'NotFoundError', code: 404 },
      'model_not_found',
    ],
    [
      'a gateway with a list',
      401,
      { success: false, errors: [{ code: 10000, message: 'Authentication error' }] },
      'auth',
    ],
    ['an error of a stream that was the request', null, openAiError('invalid_value', 'Bad.'), 'provider_rejected'],
    ['an error of a stream without a name', null, { error: { message: 'Internal' } }, 'provider_unavailable'],
    [
      'Azure, a filter',
      400,
      { error: { code: 'content_filter', message: 'triggering', innererror: {} } },
      'content_filtered',
    ],
    ['a 502 page', 502, null, 'provider_unavailable'],
  ])('knows the words of %s', (_who, status, json, code) => {
    expect(classify(status, json).code).toBe(code);
  });

  it.each([
    ['Please try again in 6.2s. Visit the docs.', 6_200],
    ['Please try again in 450ms.', 450],
    ['Please try again in 7m12.5s.', 432_500],
    ['Please try again in 1h2m3s', 3_723_000],
    ['Please retry after 26 seconds.', 26_000],
    ['Please retry in 48.939935699s.', 48_940],
    ['Please try again later.', undefined],
    ['Try again in a moment', undefined],
  ])('waits as long as the words say: %s', (message, retryAfterMs) => {
    expect(classify(429, openAiError(null, message)).retryAfterMs).toBe(retryAfterMs);
  });

  it('takes the words and ids from wherever they are', () => {
    expect(classify(422, { detail: 'no such field' }).text).toBe('no such field');
    expect(classify(400, { code: 20012, msg: 'Model does not exist' }).text).toBe('Model does not exist');
    expect(classify(400, { code: 'bad_thing', error: 'words' })).toMatchObject({ reason: 'bad_thing', text: 'words' });
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

import type { Endpoint, ErrorCode } from '@vibe/core';
import { describe, expect, it } from 'vitest';
import { classifyFor } from './errors.js';

const endpoint: Endpoint = {
  id: 'sg',
  region: 'sg',
  baseUrl: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1',
  keyPresent: () => true,
  keyName: 'DASHSCOPE_API_KEY',
};

function classify(status: number | null, json: unknown, text = '') {
  return classifyFor(endpoint)({ status, headers: {}, json, text });
}

const compatible = (code: string, message = '') => ({
  error: { message, type: code, param: null, code },
  request_id: 'r1',
});
const native = (code: string, message = '') => ({ code, message, request_id: 'r1' });

describe('a failure of DashScope', () => {
  it.each<[number | null, unknown, ErrorCode]>([
    [400, native('InvalidParameter'), 'provider_rejected'],
    [400, native('BadRequest.EmptyInput'), 'provider_rejected'],
    [400, native('InvalidURL'), 'provider_rejected'],
    [400, native('InternalError.Algo.InvalidParameter', 'temperature must be below 2'), 'provider_rejected'],
    [
      400,
      compatible('invalid_parameter_error', '<400> InternalError.Algo.InvalidParameter: Range of max_tokens'),
      'provider_rejected',
    ],
    [
      400,
      compatible(
        'invalid_parameter_error',
        '<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 129024]',
      ),
      'context_length',
    ],
    [400, native('InvalidParameter', 'Total tokens of image and text exceed max message tokens'), 'context_length'],
    [400, native('InvalidParameter', 'Total message token length exceed model limit'), 'context_length'],
    [400, native('InvalidParameter', 'max_tokens exceeds the limit'), 'provider_rejected'],
    [400, native('InvalidParameter.DataInspection', 'Unable to download the media resource'), 'provider_rejected'],
    [400, native('DataInspectionFailed'), 'content_filtered'],
    [400, native('InternalError.Algo.DataInspectionFailed'), 'content_filtered'],
    [400, compatible('data_inspection_failed'), 'content_filtered'],
    [400, compatible('Arrearage'), 'provider_quota'],
    [401, compatible('invalid_api_key'), 'auth'],
    [401, native('NOT AUTHORIZED'), 'auth'],
    [401, native('InvalidApiKey'), 'auth'],
    [403, compatible('access_denied'), 'auth'],
    [403, native('Workspace.AccessDenied'), 'auth'],
    [403, native('Model.AccessDenied'), 'model_not_found'],
    [403, native('AccessDenied.Unpurchased'), 'provider_quota'],
    [403, native('AllocationQuota.FreeTierOnly'), 'provider_quota'],
    [429, native('AllocationQuota.FreeTierOnly'), 'provider_quota'],
    [403, native('AccessDenied', 'current user api does not support synchronous calls.'), 'provider_rejected'],
    [400, native('Throttling.AllocationQuota', 'voice limit'), 'provider_quota'],
    [400, native('UnsupportedOperation'), 'provider_rejected'],
    [400, native('UNSUPPORTED_FORMAT'), 'provider_rejected'],
    [null, native('FILE_403_FORBIDDEN'), 'provider_rejected'],
    [null, native('FILE_DOWNLOAD_FAILED'), 'provider_rejected'],
    [null, native('SUCCESS_WITH_NO_VALID_FRAGMENT'), 'provider_rejected'],
    [null, native('InternalError.Timeout'), 'provider_unavailable'],
    [404, native('ModelNotFound'), 'model_not_found'],
    [404, compatible('model_not_supported'), 'model_not_found'],
    [413, null, 'invalid_request'],
    [429, native('Throttling', 'Too many requests in route.'), 'provider_rate_limited'],
    [429, native('Throttling.RateQuota'), 'provider_rate_limited'],
    [429, native('LimitRequests'), 'provider_rate_limited'],
    [429, native('Throttling.BurstRate'), 'provider_rate_limited'],
    [429, native('Throttling.AllocationQuota', 'Allocated quota exceeded.'), 'provider_rate_limited'],
    [429, compatible('insufficient_quota', 'You exceeded your current quota.'), 'provider_rate_limited'],
    [429, native('Throttling.AllocationQuota', 'Free allocated quota exceeded.'), 'provider_quota'],
    [429, native('CommodityNotPurchased'), 'provider_quota'],
    [429, native('PrepaidBillOverdue'), 'provider_quota'],
    [429, native('PostpaidBillOverdue'), 'provider_quota'],
    [500, native('RequestTimeOut'), 'provider_unavailable'],
    [500, native('InternalError.Timeout'), 'provider_unavailable'],
    [500, native('InternalError.Algo', 'list index out of range'), 'provider_rejected'],
    [500, native('InternalError.Algo', 'Role must be in [user, assistant]'), 'provider_rejected'],
    [500, native('InternalError.Algo', 'tool_calls.arguments must be json'), 'provider_rejected'],
    [500, native('InternalError.Algo', 'something broke'), 'provider_unavailable'],
    [500, native('SystemError'), 'provider_unavailable'],
    [500, compatible('internal_error'), 'provider_unavailable'],
    [503, native('ModelServingError', 'Too many requests.'), 'provider_unavailable'],
    [503, native('ModelUnavailable'), 'provider_unavailable'],
    [400, native('ClientDisconnect'), 'provider_rejected'],
    [null, native('InternalError'), 'provider_unavailable'],
    [502, null, 'provider_unavailable'],
    [418, null, 'provider_rejected'],
  ])('%s %j is %s', (status, json, code) => {
    expect(classify(status, json).code).toBe(code);
  });

  it('says which limit was hit', () => {
    expect(classify(429, native('Throttling.BurstRate')).details).toEqual({ limitScope: 'minute', burst: true });
    expect(classify(429, native('Throttling')).details).toEqual({ limitScope: 'unknown', burst: false });
    expect(classify(429, null).details).toEqual({ limitScope: 'unknown', burst: false });
    expect(classify(400, native('Arrearage')).details).toBeUndefined();
  });

  it('by a refused key says that keys are bound to their region', () => {
    const hint = classify(401, compatible('invalid_api_key')).next?.join(' ');
    expect(hint).toMatch(/DASHSCOPE_API_KEY.*own region.*sg/);
  });

  it('keeps the request id, without the prefix of answers', () => {
    expect(classify(400, native('X')).requestId).toBe('r1');
    expect(classify(400, { error: { code: 'X', message: '' }, id: 'chatcmpl-7' }).requestId).toBe('7');
  });
});

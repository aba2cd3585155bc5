import type { Endpoint, ErrorCode } from '@vibe/core';
import type { Classification, ServiceFailure } from '@vibe/provider-kit';
import { chatErrorFields, codeOfStatus } from '@vibe/provider-kit/openai';

interface Rule {
  /** The error's code, native or compatible. */
  readonly reason: RegExp;
  /** Words that the message must contain as well. */
  readonly text?: RegExp;
  /** HTTP status it must have as well. */
  readonly status?: number;
  readonly code: ErrorCode;
  readonly limitScope?: 'minute' | 'unknown';
}

/**
 * DashScope's codes, native and compatible, before the HTTP status: the same word stands for different things, and a
 * billing problem may be a 400, 403 or 429. The first rule that fits decides. Source of each row: Alibaba's error page
 * as collected in the facts, and recorded bodies.
 */
const rules: readonly Rule[] = [
  { reason: /data_?inspection_?failed/i, code: 'content_filtered' },
  { reason: /^arrearage$/i, code: 'provider_quota' },
  { reason: /FreeTierOnly|CommodityNotPurchased|BillOverdue|Unpurchased/i, code: 'provider_quota' },
  // the same code is "too many tokens this minute" and "the free quota is gone": only the words differ
  { reason: /AllocationQuota|insufficient_quota/i, text: /free .*quota|free tier/i, code: 'provider_quota' },
  // as a 400 it counts voices or vocabularies, not tokens
  { reason: /AllocationQuota|insufficient_quota/i, status: 400, code: 'provider_quota' },
  { reason: /AllocationQuota|insufficient_quota/i, code: 'provider_rate_limited', limitScope: 'minute' },
  {
    reason: /RateQuota|limit_?requests|BurstRate|limit_burst_rate/i,
    code: 'provider_rate_limited',
    limitScope: 'minute',
  },
  { reason: /^throttling/i, code: 'provider_rate_limited', limitScope: 'unknown' },
  { reason: /invalid_?api_?key|not authorized|invalid access token/i, code: 'auth' },
  { reason: /model_?not_?(found|supported)|model\.accessdenied/i, code: 'model_not_found' },
  { reason: /access_?denied/i, text: /synchronous calls/i, code: 'provider_rejected' },
  { reason: /access_?denied/i, code: 'auth' },
  {
    reason: /invalid_?parameter|badrequest/i,
    text: /range of input length|context length|input (is )?too long|maximum (input|context)|(?<!\w)tokens? .{0,40}exceeds? .{0,12}(limit|max)/i,
    code: 'context_length',
  },
  { reason: /invalid_?parameter|invalidurl|^badrequest|unsupported/i, code: 'provider_rejected' },
  // what tasks say about the file they were given
  {
    reason: /^FILE_|^AUDIO_|^InvalidFile|NO_VALID_(FRAGMENT|AUDIO)|DECODER_ERROR|ImageFormat/i,
    code: 'provider_rejected',
  },
  // these look like failures of the service but are answers to the request: repeating it changes nothing
  {
    reason: /internal_?error/i,
    text: /list index out of range|role must be in|not.*valid json|tool_?calls?.*(json|arguments)/i,
    code: 'provider_rejected',
  },
  { reason: /internal_?error|systemerror|modelserv|modelunavailable|timeout/i, code: 'provider_unavailable' },
];

/** Reads a failure of one endpoint; what to do about a refused key depends on its region. */
export function classifyFor(endpoint: Endpoint): (failure: ServiceFailure) => Classification {
  return (failure) => {
    const { reason, text, requestId } = chatErrorFields(failure);
    const rule = rules.find(
      (each) =>
        each.reason.test(reason) &&
        (each.text?.test(text) ?? true) &&
        (each.status === undefined || each.status === failure.status),
    );
    const code = rule?.code ?? codeOfStatus(failure.status);
    return {
      code,
      reason: reason === '' ? undefined : reason,
      text,
      requestId: requestId?.replace(/^chatcmpl-/, ''),
      next: nextSteps(code, endpoint, reason),
      details: limitDetails(code, rule, reason),
    };
  };
}

function limitDetails(code: ErrorCode, rule: Rule | undefined, reason: string): Record<string, unknown> | undefined {
  if (code !== 'provider_rate_limited') return undefined;
  return { limitScope: rule?.limitScope ?? 'unknown', burst: /burst/i.test(reason) };
}

function nextSteps(code: ErrorCode, { id, region, keyName }: Endpoint, reason: string): readonly string[] | undefined {
  switch (code) {
    case 'auth':
      return [
        `Check ${keyName ?? 'the key'}: a key works only in its own region and plan, and one of another region gets this same answer.`,
        `This endpoint is ${id} (region ${region}); set the option region to where the key was made.`,
      ];
    case 'provider_quota':
      return ['Check billing and free quota in the Model Studio console; another model or account may still work.'];
    case 'provider_rate_limited':
      return /burst/i.test(reason)
        ? ['Raise the request rate more slowly: this limit is about sudden growth, below the limit per minute.']
        : ['Lower the rate, or set limits so that calls wait here instead.'];
    case 'context_length':
      return ['Shorten the input, or choose a model with a longer context.'];
    case 'model_not_found':
      return [
        'Check the spelling (names are case-sensitive), and that the model exists in this region and for this key.',
      ];
    case 'content_filtered':
      return ['Change the prompt: Alibaba Cloud refuses this content, before or after the model.'];
    case 'provider_unavailable':
      return /timeout/i.test(reason) ? ['Stream the answer: unary calls end after 300 seconds.'] : undefined;
    default:
      return undefined;
  }
}

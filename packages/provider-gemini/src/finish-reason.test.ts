import { expect, it } from 'vitest';
import { geminiFinishReason } from './finish-reason.js';

it.each([
  ['STOP', 'stop'],
  ['MAX_TOKENS', 'length'],
  ['SAFETY', 'content_filter'],
  ['RECITATION', 'content_filter'],
  ['BLOCKLIST', 'content_filter'],
  ['PROHIBITED_CONTENT', 'content_filter'],
  ['SPII', 'content_filter'],
  ['MODEL_ARMOR', 'content_filter'],
  ['IMAGE_SAFETY', 'content_filter'],
  ['IMAGE_PROHIBITED_CONTENT', 'content_filter'],
  ['IMAGE_RECITATION', 'content_filter'],
  ['IMAGE_OTHER', 'content_filter'],
  ['NO_IMAGE', 'other'],
  ['LANGUAGE', 'other'],
  ['OTHER', 'other'],
  ['MALFORMED_FUNCTION_CALL', 'other'],
  ['UNEXPECTED_TOOL_CALL', 'other'],
  ['TOO_MANY_TOOL_CALLS', 'other'],
  ['FINISH_REASON_UNSPECIFIED', 'other'],
  ['A_REASON_OF_TOMORROW', 'other'],
])('%s is %s', (raw, expected) => {
  expect(geminiFinishReason(raw, false)).toBe(expected);
});

it('is tool_calls when the answer stops with open calls', () => {
  expect(geminiFinishReason('STOP', true)).toBe('tool_calls');
});

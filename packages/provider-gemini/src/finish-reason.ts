import type { FinishReason } from '@vibe/core';

/**
 * Reasons of js-genai's list, and MODEL_ARMOR, which was recorded without being in it: so a reason is matched by its
 * meaning and anything new is `other`.
 */
export function geminiFinishReason(raw: string, hasOpenCalls: boolean): FinishReason {
  if (raw === 'STOP') return hasOpenCalls ? 'tool_calls' : 'stop'; // facts: tool calls end with STOP
  if (raw === 'MAX_TOKENS') return 'length';
  return /SAFETY|RECITATION|BLOCKLIST|PROHIBITED_CONTENT|SPII|MODEL_ARMOR|JAILBREAK|^IMAGE_/.test(raw)
    ? 'content_filter'
    : 'other';
}

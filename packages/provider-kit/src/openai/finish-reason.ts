import type { FinishReason } from '@vibe/core';

const known: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool_calls',
  function_call: 'tool_calls',
  content_filter: 'content_filter',
};

/** The finish reason of chat completions. Facts: a forced tool call may end with `stop`, so the calls themselves decide. */
export function chatFinishReason(raw: string | null, hasToolCalls: boolean): FinishReason {
  const reason = raw === null ? 'other' : (known[raw] ?? 'other');
  return reason === 'stop' && hasToolCalls ? 'tool_calls' : reason;
}

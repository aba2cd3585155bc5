import type { FinishReason } from '@vibe/core';

const known: ReadonlyMap<string, FinishReason> = new Map([
  ['stop', 'stop'],
  ['length', 'length'],
  ['tool_calls', 'tool_calls'],
  ['function_call', 'tool_calls'],
  ['content_filter', 'content_filter'],
  // words of other services of this kind: Together, Hugging Face; Mistral; Zhipu
  ['eos', 'stop'],
  ['eos_token', 'stop'],
  ['stop_sequence', 'stop'],
  ['model_length', 'length'],
  ['max_tokens', 'length'],
  ['sensitive', 'content_filter'],
]);

/** The finish reason of chat completions. Facts: a forced tool call may end with `stop`, so the calls themselves decide. */
export function chatFinishReason(raw: string | null, hasToolCalls: boolean): FinishReason {
  const reason = raw === null ? 'other' : (known.get(raw.toLowerCase()) ?? 'other');
  return reason === 'stop' && hasToolCalls ? 'tool_calls' : reason;
}

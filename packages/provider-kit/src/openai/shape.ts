/**
 * The fields of chat completions that this package reads, by kind of answer, as plain data for `checkDrift` of
 * `@vibe/contract-tests`. A service whose traffic lacks one of them, or sends another type, is read wrongly.
 */

const head = { id: 'string', model: 'string', choices: 'array' } as const;
const usage = { usage: 'object', 'usage.prompt_tokens': 'number', 'usage.completion_tokens': 'number' } as const;
/** Sent beside them and not needed. */
const knows = ['object', 'created', 'choices[].index'];
const fragment = 'choices[].delta.tool_calls[]';
const call = 'choices[].message.tool_calls[]';

export const chatShape = {
  provider: 'openai-compatible',
  kinds: {
    /** An answer in one piece. */
    chat: {
      reads: {
        ...head,
        ...usage,
        'choices[].message': 'object',
        'choices[].message.content': 'string|null',
        'choices[].finish_reason': 'string',
      },
      knows,
    },
    /** The chunks of a stream. The usage is null until it is known. */
    stream: {
      reads: {
        ...head,
        ...usage,
        usage: 'object|null',
        'choices[].delta': 'object',
        'choices[].delta.content': 'string|null',
        'choices[].finish_reason': 'string|null',
      },
      knows,
    },
    /** Calls of tools in one piece. */
    tools: {
      reads: {
        ...head,
        ...usage,
        'choices[].finish_reason': 'string',
        'choices[].message.tool_calls': 'array',
        [`${call}.id`]: 'string',
        [`${call}.function`]: 'object',
        [`${call}.function.name`]: 'string',
        [`${call}.function.arguments`]: 'string',
      },
      knows,
    },
    /** Calls of tools in fragments. */
    toolStream: {
      reads: {
        ...head,
        'choices[].finish_reason': 'string|null',
        'choices[].delta.tool_calls': 'array',
        [`${fragment}.index`]: 'number',
        [`${fragment}.id`]: 'string',
        [`${fragment}.function`]: 'object',
        [`${fragment}.function.name`]: 'string',
        [`${fragment}.function.arguments`]: 'string',
      },
      knows,
    },
    /** A refusal. */
    error: {
      reads: { error: 'object', 'error.message': 'string', 'error.type': 'string', 'error.code': 'string|number|null' },
    },
  },
} as const;

/**
 * The fields of DashScope's answers that this provider reads, by kind of answer, as plain data for `checkDrift` of
 * `@vibe/contract-tests`. A field that is gone or has another type in new traffic breaks the provider.
 */

const usage = { usage: 'object', 'usage.prompt_tokens': 'number', 'usage.completion_tokens': 'number' } as const;
const cached = {
  'usage.prompt_tokens_details': 'object',
  'usage.prompt_tokens_details.cached_tokens': 'number',
} as const;
const chat = { id: 'string', model: 'string', choices: 'array' } as const;
const chatKnows = ['object', 'created', 'choices[].index'];

/** The chunks of a stream: the usage is null until it is known. */
const streamed = {
  ...chat,
  ...usage,
  usage: 'object|null',
  'choices[].delta': 'object',
  'choices[].delta.content': 'string|null',
  'choices[].finish_reason': 'string|null',
} as const;

const native = { request_id: 'string', output: 'object' } as const;
const message = {
  'output.choices': 'array',
  'output.choices[].finish_reason': 'string',
  'output.choices[].message': 'object',
} as const;
const nativeAnswer = {
  ...native,
  ...message,
  'output.choices[].message.content': 'string',
  usage: 'object',
  'usage.input_tokens': 'number',
  'usage.output_tokens': 'number',
} as const;
const nativeKnows = ['output.choices[].message.role', 'usage.total_tokens'];
const task = { ...native, 'output.task_id': 'string', 'output.task_status': 'string' } as const;
const call = 'choices[].message.tool_calls[]';

export const qwenShape = {
  provider: 'qwen',
  kinds: {
    /** Compatible mode, in one piece. */
    chat: {
      reads: {
        ...chat,
        ...usage,
        ...cached,
        'choices[].message': 'object',
        'choices[].message.content': 'string|null',
        'choices[].finish_reason': 'string',
      },
      knows: chatKnows,
    },
    /** Compatible mode, a stream. */
    stream: { reads: streamed, knows: chatKnows },
    /** Compatible mode, a stream of a model that thinks. */
    thinkingStream: {
      reads: {
        ...streamed,
        'usage.completion_tokens_details': 'object',
        'usage.completion_tokens_details.reasoning_tokens': 'number',
        'choices[].delta.reasoning_content': 'string|null',
      },
      knows: chatKnows,
    },
    /** Compatible mode, calls of tools. */
    tools: {
      reads: {
        ...chat,
        ...usage,
        'choices[].finish_reason': 'string',
        'choices[].message': 'object',
        'choices[].message.tool_calls': 'array',
        [`${call}.id`]: 'string',
        [`${call}.function`]: 'object',
        [`${call}.function.name`]: 'string',
        [`${call}.function.arguments`]: 'string',
      },
      knows: chatKnows,
    },
    /** Compatible mode, a refusal. */
    error: { reads: { error: 'object', 'error.message': 'string', 'error.code': 'string' } },
    /** Native, a chat of the service for text, in one piece. */
    nativeChat: { reads: nativeAnswer, knows: nativeKnows },
    /** The same in events, each with the usage so far. */
    nativeStream: { reads: nativeAnswer, knows: nativeKnows },
    /** Native, a refusal. */
    nativeError: { reads: { code: 'string', message: 'string', request_id: 'string' } },
    speech: {
      reads: {
        ...native,
        'output.finish_reason': 'string',
        'output.audio': 'object',
        'output.audio.url': 'string',
        'output.audio.data': 'string',
        usage: 'object',
        'usage.characters': 'number',
      },
    },
    recognition: {
      reads: {
        ...native,
        ...message,
        'output.choices[].message.content': 'array',
        'output.choices[].message.content[].text': 'string',
        usage: 'object',
        'usage.seconds': 'number',
      },
    },
    picture: {
      reads: {
        ...native,
        ...message,
        'output.choices[].message.content': 'array',
        'output.choices[].message.content[].image': 'string',
        usage: 'object',
        'usage.image_count': 'number',
      },
    },
    /** A task that was accepted, or runs. */
    task: { reads: task },
    pictureTask: {
      reads: {
        ...task,
        'output.results': 'array',
        'output.results[].url': 'string',
        usage: 'object',
        'usage.image_count': 'number',
      },
    },
  },
} as const;

import { chatShape } from '@vibe/provider-kit/openai';

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
const chatKnows = ['object', 'created'];

/** The chunks of a stream: the usage is null until it is known. */
const streamed = {
  ...chat,
  ...usage,
  usage: 'object|null',
  'choices[].delta': 'object',
  'choices[].delta.content': 'string|null',
  'choices[].finish_reason': 'string|null',
} as const;

const count = 'number|null';
const text = 'string|null';
/** What bills by something else than tokens, and searches beside them. */
const billed = {
  'usage.seconds': count,
  'usage.duration': count,
  'usage.characters': count,
  'usage.image_count': count,
  'usage.output_image_count': count,
  'usage.plugins': 'object|null',
  'usage.plugins.search': 'object|null',
  'usage.plugins.search.count': count,
} as const;
const media = ['audio_tokens', 'image_tokens', 'video_tokens'];
const cache = ['cached_tokens', 'cache_creation_input_tokens'];

/** The native usage, of which every model and every year has another part. */
const optionalNativeUsage: Readonly<Record<string, string>> = {
  usage: 'object|null',
  'usage.input_tokens': count,
  'usage.output_tokens': count,
  'usage.input_tokens_details': 'object|null',
  'usage.output_tokens_details': 'object|null',
  'usage.prompt_tokens_details': 'object|null',
  ...Object.fromEntries([
    ...media.map((name) => [`usage.${name}`, count]),
    ...[...media, ...cache].map((name) => [`usage.input_tokens_details.${name}`, count]),
    ...cache.map((name) => [`usage.prompt_tokens_details.${name}`, count]),
    ...['reasoning_tokens', 'audio_tokens', 'image_tokens'].map((name) => [
      `usage.output_tokens_details.${name}`,
      count,
    ]),
  ]),
  ...billed,
};

/** A native answer has the messages of the compatible mode under `output`, or its text there. */
const optionalNative: Readonly<Record<string, string>> = {
  ...optionalNativeUsage,
  ...Object.fromEntries(
    Object.entries(chatShape.kinds.chat.optional).flatMap(([path, type]) =>
      path.startsWith('choices[]') && path !== 'choices[].error' ? [[`output.${path}`, type]] : [],
    ),
  ),
  'output.choices': 'array|null',
  'output.choices[].finish_reason': text,
  'output.text': text,
  'output.finish_reason': text,
  model: text,
  request_id: text,
  code: 'string|number|null',
  message: text,
};
const optionalChat = { ...chatShape.kinds.chat.optional, ...billed, request_id: text };
const optionalStream = { ...chatShape.kinds.stream.optional, ...billed, request_id: text };

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
const fragment = 'choices[].delta.tool_calls[]';
const nativeCall = 'output.choices[].message.tool_calls[]';

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
      optional: optionalChat,
      knows: chatKnows,
    },
    /** Compatible mode, a stream. */
    stream: { reads: streamed, optional: optionalStream, knows: chatKnows },
    /** Compatible mode, a stream of a model that thinks. */
    thinkingStream: {
      reads: {
        ...streamed,
        'usage.completion_tokens_details': 'object',
        'usage.completion_tokens_details.reasoning_tokens': 'number',
        'choices[].delta.reasoning_content': 'string|null',
      },
      optional: optionalStream,
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
      optional: optionalChat,
      knows: chatKnows,
    },
    /** Compatible mode, calls of tools in fragments. */
    toolStream: {
      reads: {
        ...chat,
        'choices[].finish_reason': 'string|null',
        'choices[].delta': 'object',
        'choices[].delta.tool_calls': 'array',
        [`${fragment}.index`]: 'number',
        [`${fragment}.id`]: 'string',
        [`${fragment}.function`]: 'object',
        [`${fragment}.function.name`]: 'string',
        [`${fragment}.function.arguments`]: 'string',
      },
      optional: optionalStream,
      knows: chatKnows,
    },
    /** Compatible mode, a refusal. */
    error: {
      reads: { error: 'object', 'error.message': 'string', 'error.code': 'string' },
      optional: { ...chatShape.kinds.error.optional, 'error.type': text },
    },
    /** Native, a chat of the service for text, in one piece. */
    nativeChat: { reads: nativeAnswer, optional: optionalNative, knows: nativeKnows },
    /** The same in events, each with the usage so far. */
    nativeStream: { reads: nativeAnswer, optional: optionalNative, knows: nativeKnows },
    /** Native, calls of tools. */
    nativeTools: {
      reads: {
        ...native,
        ...message,
        'output.choices[].message.tool_calls': 'array',
        [`${nativeCall}.id`]: 'string',
        [`${nativeCall}.function`]: 'object',
        [`${nativeCall}.function.name`]: 'string',
        [`${nativeCall}.function.arguments`]: 'string',
      },
      optional: optionalNative,
      knows: nativeKnows,
    },
    /** Native, a chat of the service for pictures and sound. */
    nativeVision: {
      reads: {
        ...native,
        ...message,
        'output.choices[].message.content': 'array',
        'output.choices[].message.content[].text': 'string',
        usage: 'object',
        'usage.input_tokens': 'number',
        'usage.output_tokens': 'number',
        'usage.image_tokens': 'number',
      },
      optional: optionalNative,
      knows: nativeKnows,
    },
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
      optional: optionalNativeUsage,
    },
    /** Speech in events: samples, then the address of the whole. */
    speechStream: {
      reads: {
        ...native,
        'output.finish_reason': 'string',
        'output.audio': 'object',
        'output.audio.data': 'string',
        usage: 'object',
        'usage.characters': 'number',
      },
      optional: { ...optionalNativeUsage, 'output.audio.url': text },
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
      optional: optionalNative,
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
      optional: optionalNative,
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
      optional: { ...optionalNativeUsage, 'output.results[].code': text, 'output.results[].message': text },
    },
    /** A task that has failed. */
    failedTask: { reads: { ...task, 'output.code': 'string', 'output.message': 'string' } },
    /** The end of a file's transcription, and the transcript that its address leads to. */
    transcriptionTask: {
      reads: {
        ...task,
        'output.result': 'object',
        'output.result.transcription_url': 'string',
        usage: 'object',
        'usage.seconds': 'number',
      },
      optional: optionalNativeUsage,
    },
    transcript: { reads: { transcripts: 'array', 'transcripts[].text': 'string' } },
  },
} as const;

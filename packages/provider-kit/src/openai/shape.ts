/**
 * The fields of chat completions that this package reads, by kind of answer, as plain data for `checkDrift` of
 * `@vibe/contract-tests`. A service whose traffic lacks one of them, or sends another type, is read wrongly.
 */

const head = { id: 'string', model: 'string', choices: 'array' } as const;
const usage = { usage: 'object', 'usage.prompt_tokens': 'number', 'usage.completion_tokens': 'number' } as const;

/** Fields under a common path. */
function under<Path extends string>(
  path: Path,
  fields: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return {
    [path]: 'object|null',
    ...Object.fromEntries(Object.entries(fields).map(([key, type]) => [`${path}.${key}`, type])),
  };
}

const count = 'number|null';
/** What some services say about their bill, and others do not. */
const optionalUsage = {
  usage: 'object|null',
  'usage.prompt_tokens': count,
  'usage.completion_tokens': count,
  'usage.total_tokens': count,
  'usage.cached_tokens': count,
  'usage.prompt_cache_hit_tokens': count,
  ...under('usage.prompt_tokens_details', {
    cached_tokens: count,
    cache_creation_input_tokens: count,
    cache_write_tokens: count,
    audio_tokens: count,
    image_tokens: count,
    video_tokens: count,
  }),
  ...under('usage.completion_tokens_details', { reasoning_tokens: count, audio_tokens: count, image_tokens: count }),
};

/** What a message or a delta may have beside its text. */
function optionalMessage(path: string): Readonly<Record<string, string>> {
  const text = 'string|null';
  const called = { name: text, arguments: 'string|object|null' };
  return {
    [path]: 'object|null',
    [`${path}.content`]: 'string|array|null',
    [`${path}.content[].text`]: text,
    [`${path}.content[].refusal`]: text,
    [`${path}.content[].thinking`]: 'string|array|null',
    [`${path}.content[].thinking[].text`]: text,
    [`${path}.reasoning_content`]: text,
    [`${path}.reasoning`]: text,
    [`${path}.refusal`]: text,
    ...under(`${path}.audio`, { data: text, transcript: text }),
    ...under(`${path}.function_call`, called),
    [`${path}.tool_calls`]: 'array|null',
    [`${path}.tool_calls[].index`]: count,
    [`${path}.tool_calls[].id`]: text,
    ...under(`${path}.tool_calls[].function`, called),
  };
}

/** An error in the place of an answer, or behind its beginning. */
function optionalError(path: string): Readonly<Record<string, string>> {
  const word = 'string|number|null';
  const fields = { message: word, type: word, code: word, status: word, status_code: word, request_id: word };
  return { ...under(path, fields), [path]: 'object|string|null' };
}

const elsewhere = Object.fromEntries(
  ['x_groq', 'choices[]'].flatMap((place) =>
    Object.entries(optionalUsage).map(([path, type]) => [`${place}.${path}`, type]),
  ),
);
const optional = {
  ...optionalUsage,
  ...optionalError('error'),
  ...optionalError('choices[].error'),
  'choices[].index': count,
  service_tier: 'string|null',
  x_groq: 'object|null',
  ...elsewhere,
};
const optionalWhole = { ...optional, ...optionalMessage('choices[].message') };
const optionalStream = { ...optional, ...optionalMessage('choices[].delta') };

/** Sent beside them and not needed. */
const knows = ['object', 'created'];
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
      optional: optionalWhole,
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
      optional: optionalStream,
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
      optional: optionalWhole,
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
      optional: optionalStream,
      knows,
    },
    /** A refusal. */
    error: {
      reads: { error: 'object', 'error.message': 'string', 'error.type': 'string', 'error.code': 'string|number|null' },
      optional: {
        request_id: 'string|null',
        id: 'string|null',
        ...optionalError('error'),
        ...under('error.metadata', { raw: 'string' }),
      },
    },
  },
} as const;

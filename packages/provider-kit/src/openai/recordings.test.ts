/** Recorded answers of many services, served byte for byte, must come out exactly, however the network splits them. */
import type { FinishReason, ProviderEvent, ProviderResult } from '@vibe/core';
import { VibeError } from '@vibe/core';
import { collect, listen, type Recording, recordings, reply, slices } from '@vibe/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { chatCall } from '../testing.js';
import { openAiCompatible } from './open-ai-compatible.js';

interface Expected {
  readonly finish: FinishReason;
  readonly model: string;
  readonly quantities: Record<string, number> | null;
  readonly text?: string | RegExp;
  readonly reasoning?: string | RegExp;
  readonly calls?: readonly object[];
}

const answers: Record<string, Expected> = {
  'azure-empty-first-chunk': {
    finish: 'stop',
    model: 'gpt-5-nano-2025-08-07',
    text: 'Capital of Denmark.',
    quantities: {
      input_token: 15,
      cached_input_token: 0,
      input_audio_token: 0,
      output_token: 14,
      reasoning_token: 64,
      output_audio_token: 0,
    },
  },
  'cerebras-plain': {
    finish: 'stop',
    model: 'llama-3.3-70b',
    text: '2 + 2 = 4.',
    quantities: { input_token: 43, output_token: 9 },
  },
  'deepseek-stream-reasoning-usage-in-finish-chunk': {
    finish: 'stop',
    model: 'deepseek-reasoner',
    reasoning: 'We need to count the',
    text: ' three "r"s.',
    quantities: { input_token: 18, cached_input_token: 0, output_token: 14, reasoning_token: 205 },
  },
  'deepseek-stream-thinking': {
    finish: 'stop',
    model: 'deepseek-reasoner',
    reasoning: 'Hmm, the user just said',
    text: ' I help you today?',
    quantities: { input_token: 6, cached_input_token: 0, output_token: 14, reasoning_token: 198 },
  },
  'gateway-tool-call-index-starts-at-1': {
    finish: 'tool_calls',
    model: 'claude-haiku-4-5-20251001',
    text: 'Reading it.',
    calls: [{ id: 'toolu_sanitized', name: 'read_file', input: { path: 'a.txt' } }],
    quantities: null,
  },
  'gemini-compat-tool-call-empty-id': {
    finish: 'tool_calls',
    model: 'gemini-2.5-pro-preview-05-06',
    calls: [{ id: expect.stringMatching(/^call_.+/), name: 'get_current_time', input: {} }],
    quantities: { input_token: 35, output_token: 12, reasoning_token: 62 },
  },
  'groq-tool-call-xgroq-usage': {
    finish: 'tool_calls',
    model: 'llama-3.3-70b-versatile',
    calls: [{ id: 'tk85n1k4m', name: 'weather', input: {} }],
    quantities: { input_token: 210, output_token: 15 },
  },
  'huggingface-router-plain': {
    finish: 'stop',
    model: 'deepseek-ai/DeepSeek-R1',
    text: /^<think>\nHmm[\s\S]+Hello! 👋 How can I help you today\?$/,
    quantities: { input_token: 4, cached_input_token: 0, output_token: 197 },
  },
  'mistral-tool-call-empty-name': {
    finish: 'tool_calls',
    model: 'zai-glm-5-2',
    calls: [
      { id: 'chatcmpl-tool-9f149c74c42f265b', name: 'webSearchTool', input: { query: 'current Berlin weather' } },
    ],
    quantities: { input_token: 43, cached_input_token: 128, output_token: 14 },
  },
  'moonshot-stream-no-object': {
    finish: 'stop',
    model: 'kimi-k3',
    reasoning: 'Thinking aloud. ',
    text: 'Hello!',
    quantities: { input_token: 9, output_token: 5, reasoning_token: 7 },
  },
  'ollama-local': {
    finish: 'stop',
    model: 'qwen3:0.6b',
    reasoning: /^Okay, the user is asking for the capital of France\.[\s\S]+ the answer is Paris\.\n$/,
    text: '{ "city": "Paris", "country": "France" }',
    quantities: { input_token: 136, output_token: 15 },
  },
  'openai-stream-usage': {
    finish: 'stop',
    model: 'gpt-4.1-nano-2025-04-14',
    text: '**Holiday Name:** Harmony and mutual respect.',
    quantities: {
      input_token: 16,
      cached_input_token: 0,
      input_audio_token: 0,
      output_token: 300,
      reasoning_token: 0,
      output_audio_token: 0,
    },
  },
  'openrouter-stream-comments': {
    finish: 'stop',
    model: 'x-ai/grok-4',
    text: ' on your mind?',
    quantities: {
      input_token: 8,
      cached_input_token: 679,
      input_audio_token: 0,
      output_token: 69,
      reasoning_token: 118,
      output_image_token: 0,
    },
  },
  'xai-tool-call-late-usage': {
    finish: 'tool_calls',
    model: 'grok-3-mini',
    reasoning: 'First, the user is',
    calls: [{ id: 'call_55117580', name: 'weather', input: { location: 'San Francisco' } }],
    quantities: {
      input_token: 1,
      cached_input_token: 290,
      input_audio_token: 0,
      input_image_token: 0,
      output_token: 26,
      reasoning_token: 196,
      output_audio_token: 0,
    },
  },
  'zai-thinking': {
    finish: 'stop',
    model: 'glm-4.7',
    reasoning: /^\nThe user is asking for the product of 17 and 19\./,
    text: /^17 \* 19 is 323\.\n[\s\S]+324 - 1 = 323\$\.$/,
    quantities: { input_token: 17, cached_input_token: 0, output_token: 123, reasoning_token: 49 },
  },
};

const failures: Record<string, object> = {
  'groq-stream-tool-use-failed': {
    code: 'provider_rejected',
    status: 400,
    details: { providerCode: 'tool_use_failed' },
  },
  'openrouter-error-429': { code: 'provider_rate_limited', status: 429, retryable: true, retryAfterMs: undefined },
  'openrouter-stream-error': { code: 'provider_rejected', status: 400, mayBeBilled: true },
};

const all = recordings('openai-compat');
let replayed = 0;

if (all.length === 0) console.warn('openai-compat recordings: skipped, the folder is missing (VIBE_RECORDINGS)');
afterAll(() => {
  if (all.length > 0) console.info(`openai-compat recordings: ${all.length} cases, ${replayed} replays`);
});

async function replay({ status, headers }: Recording, pieces: readonly Uint8Array[]): Promise<ProviderEvent[]> {
  const server = await listen(reply(status, headers, ...pieces));
  const provider = openAiCompatible({ id: 'acme', endpoints: [{ id: 'main', baseUrl: server.url }], models: [] });
  const incremental = headers['content-type']?.includes('event-stream') === true;
  const [endpoint] = provider.endpoints;
  try {
    return await collect(provider.stream(chatCall({}, { incremental, ...(endpoint && { endpoint }) })));
  } finally {
    replayed += 1;
    expect(server.received).toHaveLength(1);
    await provider.close?.();
    await server.close();
  }
}

function splits({ body }: Recording): Uint8Array[][] {
  return [[body], slices(body, body.length < 8_000 ? 1 : 17), slices(body, 1_021)];
}

function check(events: readonly ProviderEvent[], expected: Expected): void {
  const finals = events.filter((event) => event.type === 'final');
  expect(finals).toEqual([events.at(-1)]);
  const result = finals[0]?.result as ProviderResult;
  const textOf = (type: string) =>
    result.content.flatMap((part) => (part.type === type && 'text' in part ? [part.text] : [])).join('');
  expect(textOf('text')).toEqual(typeof expected.text === 'string' ? expected.text : matching(expected.text));
  expect(textOf('reasoning')).toEqual(
    typeof expected.reasoning === 'string' ? expected.reasoning : matching(expected.reasoning),
  );
  expect(result.content.filter((part) => part.type === 'tool_call')).toEqual(
    (expected.calls ?? []).map((call) => ({ type: 'tool_call', ...call })),
  );
  expect(result).toMatchObject({ finishReason: expected.finish, servedModel: expected.model });
  expect(result.usage?.quantities ?? null).toEqual(expected.quantities);
  expect(deltaText(events)).toBe(textOf('text'));
}

/** The whole text, read in the plainest way. */
function recordedText({ headers, body }: Recording): string {
  const text = body.toString('utf8');
  const streamed = headers['content-type']?.includes('event-stream') === true;
  const documents = streamed ? text.split('\n').flatMap((line) => /^data: (\{.*)/.exec(line)?.[1] ?? []) : [text];
  const choices = documents.map((document) => JSON.parse(document).choices[0]);
  return choices.map((choice) => (choice?.delta ?? choice?.message)?.content ?? '').join('');
}

function matching(pattern: RegExp | undefined): unknown {
  return pattern === undefined ? '' : expect.stringMatching(pattern);
}

function deltaText(events: readonly ProviderEvent[]): string {
  return events.map((event) => (event.type === 'delta' ? (event.text ?? '') : '')).join('');
}

describe.skipIf(all.length === 0)('recorded answers of compatible services', () => {
  it('are all expected here', () => {
    expect(all.map(({ name }) => name).filter((name) => !(name in answers) && !(name in failures))).toEqual([]);
  });

  it.each(all.filter(({ name }) => name in answers).map((recording) => [recording.name, recording] as const))(
    'are read exactly: %s',
    async (name, recording) => {
      for (const pieces of splits(recording)) {
        const events = await replay(recording, pieces);
        check(events, answers[name] as Expected);
        expect(deltaText(events)).toBe(recordedText(recording));
      }
    },
  );

  it.each(all.filter(({ name }) => name in failures).map((recording) => [recording.name, recording] as const))(
    'fail exactly: %s',
    async (name, recording) => {
      for (const pieces of splits(recording)) {
        const error: unknown = await replay(recording, pieces).catch((reason) => reason);
        expect(VibeError.is(error)).toBe(true);
        expect(error).toMatchObject(failures[name] as object);
      }
    },
  );
});

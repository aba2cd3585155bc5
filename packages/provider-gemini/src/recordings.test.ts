/** Recorded answers of Gemini, served byte for byte, must come out exactly, however the network splits them. */
import type { FinishReason, ProviderEvent, ProviderResult } from '@vibe/core';
import { collect, failureOf, listen, type Recording, recordings, reply, resultOf, slices } from '@vibe/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { chatCall, provide, testKey } from './testing.js';

/** Finish reason, its raw form, the served model, the types of the parts, the usage. */
type Expected = readonly [FinishReason, string | null, string | null, string, Record<string, number> | null];

const answers: Record<string, Expected> = {
  'audio-transcription': [
    'stop',
    'STOP',
    'gemini-2.5-flash',
    'text',
    { input_token: 14, input_audio_token: 119, output_token: 10, reasoning_token: 21 },
  ],
  'audio-understanding-mp3': [
    'stop',
    'STOP',
    'gemini-2.5-flash',
    'text',
    { input_token: 6, input_audio_token: 139, output_token: 10, reasoning_token: 24 },
  ],
  'blocked-prompt-model-armor-vertex': ['content_filter', 'MODEL_ARMOR', 'gemini-2.5-flash', '', null],
  'blocked-response-model-armor-vertex': [
    'content_filter',
    'MODEL_ARMOR',
    'gemini-2.5-flash',
    '',
    { input_token: 19, output_token: 6, reasoning_token: 27 },
  ],
  'cache-2-use': [
    'stop',
    'STOP',
    'gemini-2.5-flash',
    'text',
    { input_token: 13, cached_input_token: 9609, output_token: 35, reasoning_token: 136 },
  ],
  'code-execution': [
    'stop',
    'STOP',
    'gemini-3.5-flash',
    'text text text',
    { input_token: 234, output_token: 122, reasoning_token: 87 },
  ],
  'code-execution-prompt-details-mismatch': [
    'stop',
    'STOP',
    'gemini-3-flash-preview',
    'text text text text text',
    { input_token: 1989, output_token: 170, reasoning_token: 773 },
  ],
  'file-upload-3-use': [
    'stop',
    'STOP',
    'gemini-2.5-flash',
    'text',
    { input_token: 9, input_image_token: 258, output_token: 24, reasoning_token: 67 },
  ],
  'finish-max-tokens': ['length', 'MAX_TOKENS', 'gemini-2.5-flash', 'text', { input_token: 15, output_token: 5 }],
  'finish-max-tokens-empty-thinking': [
    'length',
    'MAX_TOKENS',
    'gemini-2.5-pro',
    '',
    { input_token: 15, reasoning_token: 2 },
  ],
  'finish-safety': ['content_filter', 'SAFETY', 'gemini-1.5-flash', '', { input_token: 14 }],
  'grounding-google-search': [
    'stop',
    'STOP',
    'gemini-2.5-flash',
    'text',
    { input_token: 83, output_token: 30, reasoning_token: 109, web_search: 1 },
  ],
  'grounding-url-context': [
    'stop',
    'STOP',
    'gemini-2.5-flash',
    'text',
    { input_token: 2427, output_token: 41, reasoning_token: 47 },
  ],
  'image-gen-2-5-flash-image': [
    'stop',
    'STOP',
    'gemini-2.5-flash-image',
    'text image',
    { input_token: 17, output_token: 46, output_image_token: 1290 },
  ],
  'image-gen-3-pro-image': [
    'stop',
    'STOP',
    'gemini-3-pro-image',
    'image',
    { input_token: 22, output_token: 96, output_image_token: 1120, reasoning_token: 179 },
  ],
  'image-gen-flash-lite-image': [
    'stop',
    'STOP',
    'gemini-3.1-flash-lite-image',
    'image',
    { input_token: 5, output_token: 398, output_image_token: 1120 },
  ],
  'image-gen-stream': [
    'stop',
    'STOP',
    'gemini-2.0-flash-preview-image-generation',
    'text image',
    { input_token: 15, output_token: 28, output_image_token: 1290 },
  ],
  'image-gen-vertex-output-format': [
    'stop',
    'STOP',
    'gemini-2.5-flash-image',
    'image',
    { input_token: 9, output_token: 0, output_image_token: 1290 },
  ],
  'json-implicit-cache-hit': [
    'stop',
    'STOP',
    'gemini-2.5-flash',
    'text',
    { input_token: 2, cached_input_token: 3, output_token: 238, reasoning_token: 41 },
  ],
  'json-native-output': ['stop', 'STOP', 'gemini-2.0-flash', 'text', { input_token: 8, output_token: 20 }],
  'json-responseJsonSchema': [
    'stop',
    'STOP',
    'gemini-2.5-flash',
    'text',
    { input_token: 5, output_token: 177, reasoning_token: 331 },
  ],
  'json-responseSchema': ['stop', 'STOP', 'gemini-2.0-flash', 'text', { input_token: 33, output_token: 52 }],
  'json-stream': ['stop', 'STOP', 'gemini-2.0-flash', 'text', { input_token: 33, output_token: 51 }],
  'logprobs-vertex': [
    'stop',
    'STOP',
    'gemini-2.5-flash',
    'text',
    { input_token: 6, output_token: 1, reasoning_token: 23 },
  ],
  'mock-citations': ['stop', 'STOP', 'gemini-2.0-flash', 'text', { input_token: 15, output_token: 1667 }],
  'mock-finish-other-with-message': ['other', 'OTHER', null, '', null],
  'mock-stream-empty-parts': [
    'stop',
    'STOP',
    'gemini-2.5-flash-image-preview',
    'text image',
    { input_token: 16, output_token: 17, output_image_token: 1290 },
  ],
  'mock-stream-no-content-parts': [
    'stop',
    'STOP',
    'gemini-2.0-flash-preview-image-generation',
    'text',
    { input_token: 34, output_token: 80, output_image_token: 1290 },
  ],
  'mock-stream-prompt-blocked-safety': ['content_filter', 'SAFETY', null, '', null],
  'mock-stream-recitation-no-content': [
    'content_filter',
    'RECITATION',
    'gemini-2.0-flash',
    'text',
    { input_token: 9, output_token: 261 },
  ],
  'mock-thinking-function-call-stream': [
    'tool_calls',
    'STOP',
    'gemini-2.5-flash',
    'reasoning tool_call',
    { input_token: 38, output_token: 6, reasoning_token: 168 },
  ],
  'mock-usage-missing': ['other', null, null, 'text', null],
  'model-rerouted': [
    'stop',
    'STOP',
    'gemini-3.1-pro-preview',
    'text',
    { input_token: 11, output_token: 34, reasoning_token: 222 },
  ],
  'model-version-prefixed': [
    'stop',
    'STOP',
    'gemini-2.5-pro',
    'text',
    { input_token: 15, output_token: 8, reasoning_token: 275 },
  ],
  'paste-blocked-prompt-prohibited-content': [
    'content_filter',
    'PROHIBITED_CONTENT',
    'gemini-2.0-flash',
    '',
    { input_token: 9311 },
  ],
  'paste-candidate-other-no-content': ['other', 'OTHER', null, '', { input_token: 171 }],
  'stream-json-array-and-latest-alias': [
    'stop',
    'STOP',
    'gemini-3.6-flash',
    'reasoning text text',
    { input_token: 11, output_token: 2, reasoning_token: 291 },
  ],
  'stream-max-tokens': [
    'length',
    'MAX_TOKENS',
    'gemini-2.5-flash',
    'text',
    { input_token: 7, output_token: 153, reasoning_token: 45 },
  ],
  'stream-single-chunk': [
    'stop',
    'STOP',
    'gemini-2.5-flash',
    'text',
    { input_token: 6, output_token: 1, reasoning_token: 35 },
  ],
  'stream-text-long': [
    'stop',
    'STOP',
    'gemini-2.5-flash',
    'text',
    { input_token: 20, output_token: 253, reasoning_token: 260 },
  ],
  'stream-text-prompt-count-changes': [
    'stop',
    'STOP',
    'gemini-2.0-flash-exp',
    'text',
    { input_token: 13, output_token: 8 },
  ],
  'stream-text-usage-cumulative': [
    'stop',
    'STOP',
    'gemini-2.5-flash',
    'text',
    { input_token: 18, output_token: 80, reasoning_token: 35 },
  ],
  'stream-two-stop-chunks': [
    'stop',
    'STOP',
    'gemini-2.5-flash',
    'tool_call text text',
    { input_token: 146, output_token: 101, reasoning_token: 573 },
  ],
  'stream-unexpected-tool-call': ['other', 'UNEXPECTED_TOOL_CALL', null, '', { input_token: 50 }],
  'stream-vertex': [
    'stop',
    'STOP',
    'gemini-2.5-flash',
    'text',
    { input_token: 6, output_token: 475, reasoning_token: 1214 },
  ],
  'text-basic': ['stop', 'STOP', 'gemini-2.5-flash', 'text', { input_token: 10, output_token: 8, reasoning_token: 23 }],
  'text-candidates-plus-thoughts-accounting': [
    'stop',
    'STOP',
    'gemini-2.5-flash',
    'text',
    { input_token: 13, output_token: 65, reasoning_token: 110 },
  ],
  'text-gemini-3-5-flash': [
    'stop',
    'STOP',
    'gemini-3.5-flash',
    'text',
    { input_token: 15, output_token: 1, reasoning_token: 72 },
  ],
  'text-multiturn': [
    'stop',
    'STOP',
    'gemini-2.5-flash',
    'text',
    { input_token: 71, output_token: 58, reasoning_token: 147 },
  ],
  'text-stop-sequence': ['stop', 'STOP', 'gemini-1.5-flash', 'text', { input_token: 25, output_token: 8 }],
  'text-vertex': ['stop', 'STOP', 'gemini-2.0-flash', 'text', { input_token: 13, output_token: 8 }],
  'text-vertex-flex-tier': [
    'stop',
    'STOP',
    'gemini-3-flash-preview',
    'text',
    { input_token: 5, output_token: 1, reasoning_token: 51 },
  ],
  'thinking-budget-zero': ['stop', 'STOP', 'gemini-2.5-flash', 'text', { input_token: 14, output_token: 1 }],
  'thinking-gemini3-tool-stream': [
    'tool_calls',
    'STOP',
    'gemini-3.1-pro-preview',
    'tool_call',
    { input_token: 65, output_token: 16, reasoning_token: 94 },
  ],
  'thinking-nonstream': [
    'stop',
    'STOP',
    'gemini-3-flash-preview',
    'reasoning text',
    { input_token: 44, output_token: 551, reasoning_token: 1116 },
  ],
  'thinking-stream': [
    'stop',
    'STOP',
    'gemini-3-flash-preview',
    'reasoning text text',
    { input_token: 44, output_token: 608, reasoning_token: 902 },
  ],
  'tool-call-1-request': [
    'tool_calls',
    'STOP',
    'gemini-3.1-pro-preview',
    'tool_call',
    { input_token: 65, output_token: 16, reasoning_token: 102 },
  ],
  'tool-call-2-result': [
    'stop',
    'STOP',
    'gemini-3.1-pro-preview',
    'text',
    { input_token: 197, output_token: 13, reasoning_token: 71 },
  ],
  'tool-choice-any': [
    'tool_calls',
    'STOP',
    'gemini-2.5-flash',
    'tool_call',
    { input_token: 46, output_token: 15, reasoning_token: 48 },
  ],
  'tool-parallel-1-request': [
    'tool_calls',
    'STOP',
    'gemini-2.5-flash',
    'tool_call tool_call',
    { input_token: 143, output_token: 44, reasoning_token: 109 },
  ],
  'tool-parallel-2-result': ['stop', 'STOP', 'gemini-2.5-flash', 'text', { input_token: 277, output_token: 47 }],
  'tool-stream-args-vertex': [
    'tool_calls',
    'STOP',
    'gemini-3-pro-preview',
    'tool_call',
    { input_token: 36, output_token: 33, reasoning_token: 93 },
  ],
  'tool-stream-thought-signature': [
    'tool_calls',
    'STOP',
    'gemini-3-pro-preview',
    'tool_call',
    { input_token: 29, output_token: 10, reasoning_token: 202 },
  ],
  'tts-single-speaker': [
    'stop',
    'STOP',
    'gemini-2.5-flash-preview-tts',
    'audio',
    { input_token: 11, output_token: 0, output_audio_token: 111 },
  ],
  'unexpected-tool-call-nonstream-vertex': [
    'other',
    'UNEXPECTED_TOOL_CALL',
    'gemini-3-flash-preview',
    'tool_call',
    { input_token: 22, output_token: 3, reasoning_token: 388 },
  ],
  'vision-file-uri-youtube': [
    'stop',
    'STOP',
    'gemini-2.5-flash',
    'text',
    { input_token: 16, input_audio_token: 1917, input_image_token: 15780, output_token: 100, reasoning_token: 1176 },
  ],
  'vision-inline-image': [
    'stop',
    'STOP',
    'gemini-2.5-flash',
    'text',
    { input_token: 9, input_image_token: 258, output_token: 47, reasoning_token: 373 },
  ],
  'vision-youtube-implicit-cache-multimodal': [
    'stop',
    'STOP',
    'gemini-2.5-flash',
    'text',
    {
      input_token: 1,
      input_audio_token: 36,
      input_image_token: 297,
      cached_input_token: 15498,
      cached_input_audio_token: 1881,
      output_token: 68,
      reasoning_token: 821,
    },
  ],
};

const limited = { code: 'provider_rate_limited', retryable: true, status: 429 };
const unavailable = { code: 'provider_unavailable', retryable: true };
const rejected = { code: 'provider_rejected', retryable: false, status: 400 };
const tooLong = { code: 'context_length', retryable: false, status: 400 };

const failures: Record<string, object> = {
  'error-400-invalid-key': { code: 'auth', status: 400, details: { providerCode: 'API_KEY_INVALID' } },
  'error-400-vertex-invalid-role': rejected,
  'error-400-vertex-temperature': rejected,
  'error-400-vertex-token-limit': tooLong,
  'error-400-vertex-url-fetch': rejected,
  'error-401-vertex-api-key': { code: 'auth', status: 401 },
  'error-403-no-key': { code: 'auth', status: 403 },
  'error-404-model': { code: 'model_not_found', status: 404 },
  'error-404-stream': { code: 'model_not_found', status: 404 },
  'error-404-vertex': { code: 'model_not_found', status: 404 },
  'error-429-retryinfo-tpm-paid': {
    ...limited,
    retryAfterMs: 48_940,
    details: { limitScope: 'minute', quotaValue: '1000000' },
  },
  'mock-error-403-service-disabled': { code: 'auth', status: 403, details: { providerCode: 'SERVICE_DISABLED' } },
  'mock-stream-error-mid-stream': { ...unavailable, status: 499, mayBeBilled: true },
  'mock-vertex-403-iam': { code: 'auth', status: 403 },
  'mock-vertex-cache-not-found': { code: 'provider_rejected', status: 404 },
  'paste-empty-stop-no-parts': { code: 'invalid_response', retryable: true, mayBeBilled: true },
  'paste-error-400-location': { code: 'region_blocked', status: 400 },
  'paste-error-400-token-limit': tooLong,
  'paste-error-403-key-leaked': { code: 'auth', status: 403 },
  'paste-error-429-free-tier-tpm': { ...limited, retryAfterMs: 26_000, details: { limitScope: 'minute' } },
  'paste-error-429-no-details': { ...limited, retryAfterMs: undefined, details: { limitScope: 'unknown' } },
  'paste-error-429-region-quota': { code: 'provider_quota', retryable: false, details: { quotaValue: '0' } },
  'paste-error-429-vertex-dsq-array': limited,
  'paste-error-500-internal': { ...unavailable, status: 500 },
  'paste-error-503-high-demand': { ...unavailable, status: 503 },
  'paste-error-503-overloaded': { ...unavailable, status: 503 },
  'paste-stream-midstream-503-tail-fragment': { ...unavailable, status: 503, mayBeBilled: false },
  'stream-empty-200': { code: 'stream_truncated', retryable: true, mayBeBilled: true },
  'tts-400-text-only-model': rejected,
};

/** Not read here, each for a reason. */
const unread: readonly (readonly [RegExp, string])[] = [
  [/^(file-upload-[12]|imagen|mock-imagen)/, 'no chat: media-recordings.test.ts replays it'],
  [/^cache-[134]/, 'explicit caches are made by the caller; only their use is a call'],
  [/^(count-tokens|error-404-count)/, 'the provider bounds tokens without a request'],
  [/^models-list/, 'the manifest is data; a ping reads no more than the status'],
  [/^interactions/, 'the Interactions API is another API with its own wire'],
];

const all = recordings('gemini');
const chats = all.filter(({ name }) => name in answers || name in failures);
let replayed = 0;

if (all.length === 0) console.warn('gemini recordings: skipped, the folder is missing (VIBE_RECORDINGS)');
afterAll(() => {
  if (all.length === 0) return;
  console.info(`gemini recordings: ${chats.length} of ${all.length} cases, ${replayed} replays`);
  for (const { name } of all) {
    const reason = unread.find(([pattern]) => pattern.test(name))?.[1];
    if (reason !== undefined) console.info(`gemini recordings: ${name} is not read here: ${reason}`);
  }
});

/** One stream was recorded without `alt=sse`, as a JSON array. */
function isStream({ name, headers }: Recording): boolean {
  return (
    headers['content-type']?.startsWith('text/event-stream') === true ||
    /json-array|tail-fragment|error-404-stream/.test(name)
  );
}

async function replay(recording: Recording, pieces: readonly Uint8Array[]): Promise<ProviderEvent[]> {
  const server = await listen(reply(recording.status, recording.headers, ...pieces));
  const provider = provide({ apiKey: testKey, baseUrl: server.url });
  try {
    return await collect(provider.stream(chatCall(provider, {}, { incremental: isStream(recording) })));
  } finally {
    replayed += 1;
    expect(server.received).toHaveLength(1);
    await provider.close?.();
    await server.close();
  }
}

function splits({ body }: Recording): Uint8Array[][] {
  return [[body], slices(body, body.length < 8_000 ? 1 : 61), slices(body, 1_021)];
}

/** The JSON documents of a recording, read in the plainest way. */
function documents({ headers, body }: Recording): Document[] {
  const text = body.toString('utf8');
  if (headers['content-type'] !== 'text/event-stream') {
    const json = JSON.parse(text);
    return Array.isArray(json) ? json : [json];
  }
  return text
    .split(/\r?\n/)
    .flatMap((line) => (line.startsWith('data: ') ? [JSON.parse(line.slice('data: '.length))] : []));
}

interface Document {
  readonly candidates?: readonly { readonly content?: { readonly parts?: readonly WirePart[] } }[];
  readonly usageMetadata?: Record<string, number>;
  readonly responseId?: string;
}

interface WirePart {
  readonly text?: string;
  readonly thought?: boolean;
  readonly thoughtSignature?: string;
  readonly functionCall?: { readonly name: string; readonly args?: object };
}

function check(events: readonly ProviderEvent[], recording: Recording): void {
  const [finishReason, rawFinishReason, servedModel, kinds, quantities] = answers[recording.name] as Expected;
  const result = resultOf(events);
  expect(result).toMatchObject({ finishReason, rawFinishReason, servedModel });
  expect(result.content.map(({ type }) => type).join(' ')).toBe(kinds);
  expect(result.usage?.quantities ?? null).toEqual(quantities);
  const read = documents(recording);
  const parts = read.flatMap(({ candidates }) => candidates?.[0]?.content?.parts ?? []);
  expect(textOf(result, 'text')).toBe(
    parts.map(({ text, thought }) => (thought === true ? '' : (text ?? ''))).join(''),
  );
  expect(textOf(result, 'reasoning')).toBe(parts.map(({ text, thought }) => (thought === true ? text : '')).join(''));
  expect(deltaText(events)).toBe(textOf(result, 'text'));
  expect(signatures(result)).toEqual(parts.flatMap(({ thoughtSignature }) => thoughtSignature ?? []));
  expect(result.requestId).toBe(read.findLast(({ responseId }) => responseId !== undefined)?.responseId ?? null);
  checkTotal(result, read);
}

/** Facts: what the units add up to. */
function checkTotal({ usage }: ProviderResult, read: readonly Document[]): void {
  if (usage === null) return;
  const last =
    read.findLast(({ usageMetadata }) => usageMetadata?.['promptTokenCount'] !== undefined)?.usageMetadata ?? {};
  const said = (...names: readonly string[]) => names.reduce((sum, name) => sum + (last[name] ?? 0), 0);
  const units = Object.entries(usage.quantities);
  const sumOf = (pattern: RegExp) =>
    units.reduce((sum, [unit, count]) => sum + (pattern.test(unit) ? (count ?? 0) : 0), 0);
  expect(sumOf(/input/)).toBe(said('promptTokenCount', 'toolUsePromptTokenCount'));
  expect(sumOf(/output|reasoning/)).toBe(said('candidatesTokenCount', 'thoughtsTokenCount'));
}

function textOf({ content }: ProviderResult, type: 'text' | 'reasoning'): string {
  return content.flatMap((part) => (part.type === type ? [part.text] : [])).join('');
}

function deltaText(events: readonly ProviderEvent[]): string {
  return events.map((event) => (event.type === 'delta' ? (event.text ?? '') : '')).join('');
}

function signatures({ content }: ProviderResult): string[] {
  return content.flatMap(({ providerData }) => {
    const data = providerData as { thoughtSignature?: string; part?: { thoughtSignature?: string } } | undefined;
    return data?.thoughtSignature ?? data?.part?.thoughtSignature ?? [];
  });
}

describe.skipIf(all.length === 0)('recorded answers of Gemini', () => {
  it('of chats are all expected here', () => {
    const missing = all.map(({ name }) => name).filter((name) => !(name in answers) && !(name in failures));
    expect(missing.filter((name) => !unread.some(([pattern]) => pattern.test(name)))).toEqual([]);
  });

  it.each(chats.filter(({ name }) => name in answers).map((recording) => [recording.name, recording] as const))(
    'are read exactly: %s',
    async (_name, recording) => {
      for (const pieces of splits(recording)) check(await replay(recording, pieces), recording);
    },
  );

  it.each(chats.filter(({ name }) => name in failures).map((recording) => [recording.name, recording] as const))(
    'fail exactly: %s',
    async (name, recording) => {
      for (const pieces of splits(recording)) {
        const error = await failureOf(replay(recording, pieces));
        expect(error).toMatchObject(failures[name] as object);
        expect(JSON.stringify([error, error.message, error.stack])).not.toContain(testKey);
      }
    },
  );

  it('go back with their signatures where they came from', async () => {
    const recording = all.find(({ name }) => name === 'tool-parallel-1-request') as Recording;
    const { content } = resultOf(await replay(recording, [recording.body]));
    const calls = content.flatMap((part) => (part.type === 'tool_call' ? [part.id] : []));
    const provider = provide({ apiKey: testKey });
    const results = calls.map((id) => ({ type: 'tool_result' as const, id, output: 'fine' }));
    const call = chatCall(provider, {
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'Weather, and which language?' }] },
        { role: 'assistant', content },
        { role: 'tool', content: results },
      ],
    });
    const body = provider.describe?.(call).body as { contents: unknown[] };
    expect(body.contents[1]).toEqual(documents(recording)[0]?.candidates?.[0]?.content);
    expect(body.contents[2]).toEqual({
      role: 'user',
      parts: [
        { functionResponse: { name: 'weather', response: { result: 'fine' } } },
        { functionResponse: { name: 'best_language_to_learn', response: { result: 'fine' } } },
      ],
    });
  });
});

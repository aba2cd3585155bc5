/** Recorded answers of DashScope's chat, served byte for byte, must come out exactly, however the network splits them. */
import type { FinishReason, ProviderEvent } from '@vibe/core';
import {
  checkAllRead,
  collect,
  failureOf,
  listen,
  type Recording,
  recordings,
  reply,
  resultOf,
  slices,
} from '@vibe/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { callOf, chatCall, provide, testKey } from './testing.js';

interface Expected {
  readonly finish: FinishReason;
  readonly raw: string;
  readonly model: string;
  readonly requestId: string;
  readonly quantities: Record<string, number> | null;
  readonly text?: string | RegExp;
  readonly reasoning?: RegExp;
  readonly others?: readonly object[];
}

const answers: Record<string, Expected> = {
  'compat-chat-plain': {
    finish: 'stop',
    raw: 'stop',
    model: 'qwen3-max',
    requestId: '2655c1fe-749c-96df-b204-e413daa7caee',
    text: /^## The Festival of Forgotten Things \(Obsidiana\)\n[\s\S]{4800,4850}$/,
    quantities: { input_token: 18, cached_input_token: 0, output_token: 1064 },
  },
  'compat-chat-plain-qwen-plus': {
    finish: 'stop',
    raw: 'stop',
    model: 'qwen-plus',
    requestId: '63414f89-e97d-9449-8f3c-1e72cf1f6e40',
    text: /^你好！我是通义千问（Qwen），阿里巴巴集团旗下的超大规模语言模型。[\s\S]+$/,
    quantities: { input_token: 11, cached_input_token: 0, output_token: 65 },
  },
  'compat-legacy-function-call': {
    finish: 'tool_calls',
    raw: 'function_call',
    model: 'qwen-plus',
    requestId: '411e2d51-f228-9aac-9708-1125727fcb6c',
    others: [
      { type: 'tool_call', id: expect.stringMatching(/^call_/), name: 'get_world_info', input: { info_type: 'all' } },
    ],
    quantities: { input_token: 1707, cached_input_token: 0, output_token: 21 },
  },
  'compat-stream-include-usage': {
    finish: 'stop',
    raw: 'stop',
    model: 'qwen3-max',
    requestId: 'd2d6aab7-cbca-970f-8aa6-7d58c9724733',
    text: /^## The Festival of Shared Stories: "Taleweave Day"\n\n[\s\S]+$/,
    quantities: { input_token: 18, cached_input_token: 0, output_token: 779 },
  },
  'compat-stream-no-usage': {
    finish: 'stop',
    raw: 'stop',
    model: 'qwen-plus',
    requestId: '3bb05cf5cd819fbca5f0b8d67a025022',
    text: 'I am a large language model from Alibaba Cloud. My name is Qwen.',
    quantities: null,
  },
  'compat-stream-omni-audio-output': {
    finish: 'stop',
    raw: 'stop',
    model: 'qwen3.5-omni-plus',
    requestId: '9cdd5a26-f9e9-4eff-9dcc-93a878165afc',
    text: 'I am',
    others: [{ type: 'audio', mediaType: 'audio/pcm;rate=24000', data: Buffer.from('/v8AAAAAAAAAAAAAAA', 'base64') }],
    quantities: { input_token: 207, output_token: 20, output_audio_token: 83 },
  },
  'compat-stream-thinking': {
    finish: 'stop',
    raw: 'stop',
    model: 'qwen3-max',
    requestId: '3792851e-8f1b-9182-a1dc-b84603c81344',
    reasoning: /^We are asked: "How many 'r's are in the word 'strawberry'\?" We need to count/,
    text: /^ via standard English dictionaries \(e\.g\./,
    quantities: { input_token: 24, cached_input_token: 0, output_token: 271, reasoning_token: 1084 },
  },
  'compat-stream-tool-call': {
    finish: 'tool_calls',
    raw: 'tool_calls',
    model: 'qwen3-max',
    requestId: '8e243c57-23b3-9db2-a02e-e3c53929c368',
    others: [
      { type: 'tool_call', id: 'call_eee11723464a4b9eb8cee71d', name: 'weather', input: { location: 'San Francisco' } },
    ],
    quantities: { input_token: 295, cached_input_token: 0, output_token: 22 },
  },
  'compat-thinking': {
    finish: 'stop',
    raw: 'stop',
    model: 'qwen3-max',
    requestId: '296c9a8c-4984-9b34-9b83-844f6208995e',
    reasoning: /^We are asked: "How many 'r's are in the word 'strawberry'\?"[\s\S]+$/,
    text: /^The word \*\*"strawberry"\*\* contains \*\*3\*\*[\s\S]+🍓$/,
    quantities: { input_token: 24, cached_input_token: 0, output_token: 315, reasoning_token: 1353 },
  },
  'compat-tool-call': {
    finish: 'tool_calls',
    raw: 'tool_calls',
    model: 'qwen3-max',
    requestId: 'bc7fc58d-c03f-9c9f-af73-91bea326c99f',
    others: [
      { type: 'tool_call', id: 'call_962bfd2ab8f54b89a1161356', name: 'weather', input: { location: 'San Francisco' } },
    ],
    quantities: { input_token: 295, cached_input_token: 0, output_token: 22 },
  },
};

const quota = { code: 'provider_quota', retryable: false };
const limited = { code: 'provider_rate_limited', retryable: true };
const rejected = { code: 'provider_rejected', retryable: false };

/** Native error bodies too: a gateway may answer a compatible request with one. */
const failures: Record<string, object> = {
  'compat-error-400-arrearage': { ...quota, status: 400, requestId: '8605e472-81b4-9cd7-b04d-878e89847c14' },
  'compat-error-400-data-inspection': { code: 'content_filtered', retryable: false, status: 400 },
  'compat-error-400-data-inspection-sse-body': {
    code: 'content_filtered',
    status: 400,
    requestId: '8d1ef3ff-dfa9-98ef-854f-e2942931508b',
  },
  'compat-error-400-enable-thinking-nonstream': { ...rejected, status: 400 },
  'compat-error-401-documented-nolink': { code: 'auth', status: 401 },
  'compat-error-401-invalid-api-key': { code: 'auth', status: 401, details: { providerCode: 'invalid_api_key' } },
  'compat-error-403-free-tier-only': { ...quota, status: 403 },
  'compat-error-404-model-not-found': { code: 'model_not_found', status: 404 },
  'compat-error-429-burst-rate': { ...limited, status: 429, details: { limitScope: 'minute', burst: true } },
  'compat-error-429-insufficient-quota-is-tpm': { ...limited, status: 429 },
  'compat-error-429-limit-requests': { ...limited, status: 429, details: { limitScope: 'minute' } },
  'native-error-400-arrearage': { ...quota, status: 400 },
  'native-error-400-invalid-parameter': { ...rejected, status: 400 },
  'native-error-400-tts-bad-voice': { ...rejected, status: 400 },
  'native-error-401-invalid-api-key': { code: 'auth', status: 401 },
  'native-error-429-allocationquota': { ...limited, status: 429, details: { limitScope: 'minute' } },
  'native-error-429-ratequota': { ...limited, status: 429 },
  'native-error-500-internalerror': { code: 'provider_unavailable', retryable: true, status: 500 },
  'native-error-503-modelunavailable': { code: 'provider_unavailable', retryable: true, status: 503 },
  'native-error-in-stream-http-200': { ...rejected, details: { providerCode: 'InvalidParameter' } },
  'native-files-error-openai-shape': { ...rejected, status: 400 },
};

const asr = 'compat-asr-qwen3-asr-flash';

/** Why a case is in none of the lists above. */
const unread: Record<string, string> = {
  [asr]: 'a transcription: see below',
  'compat-batch-create': 'the batch API, which the provider does not use',
  'compat-batch-failed': 'the batch API, which the provider does not use',
  'ws-cosyvoice-tts-frames': 'a WebSocket API, which the provider does not use',
};

const all = recordings('qwen');
const chats = all.filter(({ name }) => name in answers || name in failures);
let replayed = 0;

if (all.length === 0) console.warn('qwen recordings: skipped, the folder is missing (VIBE_RECORDINGS)');
afterAll(() => {
  if (all.length > 0) console.info(`qwen recordings: ${chats.length} cases, ${replayed} replays`);
});

async function replay(recording: Recording, pieces: readonly Uint8Array[]): Promise<ProviderEvent[]> {
  const server = await listen(reply(recording.status, recording.headers, ...pieces));
  const provider = provide({ apiKey: testKey, baseUrl: server.url });
  const incremental = recording.headers['content-type']?.startsWith('text/event-stream') === true;
  try {
    return await collect(provider.stream(chatCall(provider, {}, { incremental })));
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
  const result = resultOf(events);
  const textOf = (type: string) =>
    result.content.flatMap((part) => (part.type === type && 'text' in part ? [part.text] : [])).join('');
  expect(textOf('text')).toEqual(matching(expected.text));
  expect(textOf('reasoning')).toEqual(matching(expected.reasoning));
  expect(result.content.filter(({ type }) => type !== 'text' && type !== 'reasoning')).toEqual(expected.others ?? []);
  expect(result).toMatchObject({
    finishReason: expected.finish,
    rawFinishReason: expected.raw,
    servedModel: expected.model,
    requestId: expected.requestId,
  });
  expect(result.usage?.quantities ?? null).toEqual(expected.quantities);
  expect(events.map((event) => (event.type === 'delta' ? (event.text ?? '') : '')).join('')).toBe(textOf('text'));
}

/** The whole text, read in the plainest way. */
function recordedText({ headers, body }: Recording): string {
  const text = body.toString('utf8');
  const streamed = headers['content-type']?.startsWith('text/event-stream') === true;
  const documents = streamed ? text.split('\n').flatMap((line) => /^data: (\{.*)/.exec(line)?.[1] ?? []) : [text];
  const choices = documents.map((document) => JSON.parse(document).choices[0]);
  return choices.map((choice) => (choice?.delta ?? choice?.message)?.content ?? '').join('');
}

function matching(expected: string | RegExp | undefined): unknown {
  return expected instanceof RegExp ? expect.stringMatching(expected) : (expected ?? '');
}

describe.skipIf(all.length === 0)('recorded answers of DashScope', () => {
  it('are all read here or with the native ones, or it is said why not', () => {
    const others = all.map(({ name }) => name).filter((name) => !name.startsWith('native-'));
    const known = [answers, failures, unread].flatMap((list) => Object.keys(list));
    checkAllRead(others, known);
  });

  it.skipIf(!all.some(({ name }) => name === asr))('of a transcription in compatible form are read too', async () => {
    const recording = all.find(({ name }) => name === asr) as Recording;
    for (const pieces of splits(recording)) {
      const server = await listen(reply(recording.status, recording.headers, ...pieces));
      const provider = provide({ apiKey: testKey, baseUrl: server.url, nativeBaseUrl: server.url });
      const audio = { type: 'audio', mediaType: 'audio/wav', data: new Uint8Array([1]) } as const;
      const asked = { operation: 'transcribe', request: { audio } } as const;
      const result = resultOf(await collect(provider.stream(callOf(provider, asked, 'qwen3-asr-flash'))));
      expect(result).toMatchObject({
        content: [{ type: 'text', text: '欢迎使用阿里云。' }],
        rawFinishReason: 'stop',
        usage: { quantities: { audio_second: 1 }, unknown: false },
        requestId: '487abe5f-d4f2-9363-a877-xxxxxxx',
      });
      expect(result.usage?.quantities).toEqual({ audio_second: 1 });
      await provider.close?.();
      await server.close();
    }
  });

  it.each(chats.filter(({ name }) => name in answers).map((recording) => [recording.name, recording] as const))(
    'are read exactly: %s',
    async (name, recording) => {
      for (const pieces of splits(recording)) {
        const events = await replay(recording, pieces);
        check(events, answers[name] as Expected);
        const { content } = resultOf(events);
        const text = content.map((part) => (part.type === 'text' ? part.text : '')).join('');
        expect(text).toBe(recordedText(recording));
      }
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
});

/** Recorded traffic of DashScope's native API, served byte for byte, must come out exactly, however the network splits it. */
import type { OperationRequest, Part, ProviderEvent, ProviderResult, Quantities } from '@vibe/core';
import { wavOf } from '@vibe/provider-kit';
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
  user,
} from '@vibe/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { callOf, provide, testKey } from './testing.js';

interface Expected {
  readonly asked: OperationRequest;
  readonly model: string;
  readonly finish?: string;
  readonly raw?: string;
  readonly requestId: string;
  readonly quantities: Quantities | null;
  readonly reasoning?: string | RegExp;
  /** Everything but text and reasoning. */
  readonly others?: readonly unknown[];
  readonly text?: string | RegExp;
}

const chat: OperationRequest = { operation: 'chat', request: { messages: [user('Hello')] } };
const hear: OperationRequest = {
  operation: 'transcribe',
  request: { audio: { type: 'audio', mediaType: 'audio/wav', data: new URL('https://a.example/a.wav') } },
};
const say: OperationRequest = { operation: 'speak', request: { text: 'Hello', voice: 'Cherry' } };
const draw: OperationRequest = { operation: 'paint', request: { prompt: 'A cat' } };
const weather = (id: string, location: string) => ({
  type: 'tool_call',
  id,
  name: 'get_current_weather',
  input: { location },
});

const answers: Record<string, Expected> = {
  'native-asr-qwen3-asr-flash': {
    asked: hear,
    model: 'qwen3-asr-flash',
    requestId: '568e2bf0-d6f2-97f8-9f15-a57b11dc6977',
    text: '欢迎使用阿里云。',
    quantities: { audio_second: 1 },
  },
  'native-audio-input': {
    asked: chat,
    model: 'qwen-audio-turbo',
    requestId: '6b6738bd-dd9d-9e78-958b-02574acbda44',
    text: /^这段音频在说中文，内容是"没有我互联网未来.*没有我互联网"。$/,
    quantities: { input_token: 34, input_audio_token: 752, output_token: 38 },
  },
  'native-chat-plain': {
    asked: chat,
    model: 'qwen-max',
    requestId: 'e764bfe3-c0b7-97a0-ae57-cd99e1580960',
    text: '1+1 等于 2。这是最基本的数学加法之一，在十进制计数体系中，任何两个相同的数字相加都等于该数字的二倍。',
    quantities: { input_token: 8, output_token: 39 },
  },
  'native-chat-plain-text-format': {
    asked: chat,
    model: 'qwen-max',
    requestId: '7e3d5586-cb70-98ce-97bf-8a2ac0091c3f',
    text: '1+1等于2。这是最基本的数学加法运算之一。',
    quantities: { input_token: 16, cached_input_token: 0, output_token: 14 },
  },
  'native-json-mode': {
    asked: chat,
    model: 'qwen-max',
    requestId: '6af9571b-1033-98f9-a287-c06f2e9d6f7f',
    text: '{\n  "result": 2\n}',
    quantities: { input_token: 25, output_token: 9 },
  },
  'native-logprobs': {
    asked: chat,
    model: 'qwen-max',
    requestId: '1d881da5-0028-9f20-8e7f-6bc7ae891c54',
    text: '2',
    quantities: { input_token: 20, cached_input_token: 0, output_token: 1 },
  },
  'native-stream-after-tool-result': {
    asked: chat,
    model: 'qwen-plus',
    requestId: 'dd51401b-146e-42a0-96d9-4067a5fac75a',
    text: /^目前杭州和[\s\S]+携带雨具以防下雨。$/,
    quantities: { input_token: 283, cached_input_token: 0, output_token: 53 },
  },
  'native-stream-audio-input': {
    asked: chat,
    model: 'qwen-audio-turbo',
    requestId: 'bb6ab962-af57-99f1-9af8-eb7016ebc18e',
    text: '第一句话说了没有我互联网。',
    quantities: { input_token: 31, input_audio_token: 752, output_token: 7 },
  },
  'native-stream-message': {
    asked: chat,
    model: 'qwen-max',
    requestId: 'd272255f-82d7-9cc7-93c5-17ff77024349',
    text: /^1\+1[\s\S]+ 1 的结果都是 2。$/,
    quantities: { input_token: 8, output_token: 40 },
  },
  'native-stream-mm-thinking-parallel-tools': {
    asked: chat,
    model: 'qwen3.6-plus',
    finish: 'tool_calls',
    raw: 'tool_calls',
    requestId: '0d95e615-418d-97a1-9302-ff622a7ceead',
    reasoning: /^用户现在需要先获取杭州/,
    others: [
      weather(expect.stringMatching(/^call_/) as never, '浙江省杭州市'),
      weather(expect.any(String) as never, '上海市'),
    ],
    quantities: { input_token: 304, input_image_token: 2503, output_token: 65, reasoning_token: 38 },
  },
  'native-stream-omni-captioner': {
    asked: chat,
    model: 'qwen3-omni-30b-a3b-captioner',
    requestId: '5159c491-56f4-47a3-8197-0c81114424d8',
    text: /^The audio[\s\S]+\.$/,
    quantities: { input_token: 8, input_audio_token: 152, output_token: 442 },
  },
  'native-stream-parallel-tool-calls': {
    asked: chat,
    model: 'qwen-max',
    finish: 'tool_calls',
    raw: 'tool_calls',
    requestId: '98b76af4-4c9f-9397-af42-500425556f95',
    others: [weather('call_29a870e7106f45deb8add3', '浙江省杭州市'), weather('call_026e44bb31a74266949a20', '上海市')],
    quantities: { input_token: 250, cached_input_token: 0, output_token: 37 },
  },
  'native-stream-text-format': {
    asked: chat,
    model: 'qwen-max',
    requestId: '5b441aa7-0b9c-9fbc-ae0a-e2b212b71eac',
    text: '1+1等于2。',
    quantities: { input_token: 16, output_token: 6 },
  },
  'native-stream-thinking': {
    asked: chat,
    model: 'qwen-plus-latest',
    // Of its header, which goes first: the recorded body names another one.
    requestId: 'd21851a2-675b-97a3-9132-2935c31d6ee3',
    reasoning: /^嗯，/,
    text: /！😊$/,
    quantities: { input_token: 16, output_token: 43, reasoning_token: 10 },
  },
  'native-stream-vision': {
    asked: chat,
    model: 'qwen-vl-plus',
    requestId: '13c5644d-339c-928a-a09a-e0414bfaa95c',
    text: /^这是一个海滩，[\s\S]+和其他访客。$/,
    quantities: { input_token: 36, input_image_token: 1247, output_token: 85 },
  },
  'native-thinking-length-empty-content': {
    asked: chat,
    model: 'deepseek-v4-pro',
    finish: 'length',
    raw: 'length',
    requestId: '7c8beccf-3e76-9034-95c1-db1f1ab9d6e0',
    reasoning: '我们被问到："请问 1+1 是多少？" 这是一个简单的问题。答案显然是',
    quantities: { input_token: 12, cached_input_token: 0, output_token: 1, reasoning_token: 20 },
  },
  'native-tool-call': {
    asked: chat,
    model: 'qwen-max',
    finish: 'tool_calls',
    requestId: '67300049-c108-9987-b1c1-8e0ee2de6b5d',
    others: [weather('call_cec4c19d27624537b583af', '浙江省杭州市')],
    quantities: { input_token: 211, output_token: 8 },
  },
  'native-vision': {
    asked: chat,
    model: 'qwen-vl-plus',
    requestId: 'e81aa922-be6c-9f9d-bd4f-0f43e21fd913',
    text: '海滩。',
    quantities: { input_token: 36, input_image_token: 3577, output_token: 3 },
  },
  'native-web-search': {
    asked: chat,
    model: 'qwen-plus',
    requestId: 'cc2b017d-df02-4ad6-8942-858ad10a3f8a',
    text: /^截至2025年10月17日，阿里巴巴美股（BABA）的实时价格为167\.05美元/,
    quantities: expect.objectContaining({ web_search: 1 }) as never,
  },
  'native-tts-url': {
    asked: say,
    model: 'qwen3-tts-flash',
    requestId: '658ad5f3-32f6-4fdc-aef8-f89535b1110a',
    others: [{ type: 'audio', mediaType: 'audio/wav', data: expect.any(Uint8Array) }],
    quantities: { character: 195 },
  },
  'native-image-sync-qwen-image': {
    asked: draw,
    model: 'qwen-image-max',
    requestId: '5795d646-7395-91d2-85d7-34d8b99a3d8d',
    others: [{ type: 'image', mediaType: 'image/png', data: expect.any(Uint8Array) }],
    quantities: { image: 1 },
  },
};

/** The submission is that of the case in front; the looks find first a running task, then the case itself. */
const tasks: Record<string, Expected & { readonly submit: string; readonly running: string }> = {
  'native-image-async-3-succeeded': {
    asked: { operation: 'paint', request: { prompt: 'A cat', count: 4, size: '1024x1024' } },
    model: 'wanx-v1',
    submit: 'native-image-async-1-submit-pending',
    running: 'native-image-async-2-running',
    raw: 'SUCCEEDED',
    requestId: '6662e925-4846-9afe-a3af-0d131805d378',
    others: Array.from({ length: 4 }, () => ({ type: 'image', mediaType: 'image/png', data: expect.any(Uint8Array) })),
    quantities: { image: 4 },
  },
  'native-image-async-3b-succeeded-other-model': {
    asked: draw,
    model: 'wanx-style-repaint-v1',
    submit: 'native-image-async-1b-submit-2026',
    running: 'native-image-async-2-running',
    raw: 'SUCCEEDED',
    requestId: 'f927c766-5079-90f8-9354-6a87d2167897',
    others: [{ type: 'image', mediaType: 'image/png', data: expect.any(Uint8Array) }],
    quantities: { image: 1 },
  },
  'native-image-async-5-partial-failure': {
    asked: { operation: 'paint', request: { prompt: 'A cat', count: 2 } },
    model: 'wan2.2-t2i-plus',
    submit: 'native-image-async-1-submit-pending',
    running: 'native-image-async-2-running',
    raw: 'SUCCEEDED',
    requestId: '85eaba38-0185-99d7-8d16-4d9135238846',
    others: [{ type: 'image', mediaType: 'image/png', data: expect.any(Uint8Array) }],
    quantities: { image: 1 },
  },
  'native-asr-async-3-succeeded': {
    asked: hear,
    model: 'qwen3-asr-flash-filetrans',
    submit: 'native-asr-async-1-submit-pending',
    running: 'native-asr-async-2-running',
    raw: 'SUCCEEDED',
    requestId: '1dca6c0a-0ed1-4662-aa39-************',
    text: '欢迎使用阿里云。',
    quantities: { audio_second: 3 },
  },
};

const failures: Record<string, object> = {
  'native-error-in-stream-http-200': { code: 'provider_rejected', status: 400, mayBeBilled: false },
  'native-error-400-arrearage': { code: 'provider_quota', status: 400 },
  'native-error-400-invalid-parameter': { code: 'provider_rejected', status: 400 },
  'native-error-400-tts-bad-voice': { code: 'provider_rejected', status: 400 },
  'native-error-401-invalid-api-key': { code: 'auth', status: 401, requestId: 'a1c0561c-1dfe-98a6-a62f-983577b8bc5e' },
  'native-error-429-allocationquota': { code: 'provider_rate_limited', details: { limitScope: 'minute' } },
  'native-error-429-ratequota': { code: 'provider_rate_limited', details: { limitScope: 'minute' } },
  'native-error-500-internalerror': { code: 'provider_unavailable', retryable: true },
  'native-error-503-modelunavailable': { code: 'provider_unavailable', retryable: true },
};

const taskFailures: Record<
  string,
  readonly [submit: string, asked: OperationRequest, model: string, expected: object]
> = {
  'native-image-async-4-failed': [
    'native-image-async-1-submit-pending',
    draw,
    'wan2.2-t2i-plus',
    { code: 'provider_rejected', retryable: false, mayBeBilled: false, details: { providerCode: 'InvalidParameter' } },
  ],
  'native-asr-async-3-failed': [
    'native-asr-async-1-submit-pending',
    hear,
    'fun-asr',
    {
      code: 'provider_rejected',
      retryable: false,
      mayBeBilled: false,
      details: { providerCode: 'FILE_403_FORBIDDEN' },
    },
  ],
  'native-task-unknown': [
    'native-image-async-1-submit-pending',
    draw,
    'wan2.2-t2i-plus',
    { code: 'invalid_response', retryable: false, mayBeBilled: true },
  ],
};

/** Why a native case is in none of the lists above. */
const unread: Record<string, string> = {
  'native-files-error-openai-shape': 'an error of the files API; its envelope is replayed with the compatible cases',
  'native-stream-asr-event': 'one event of many: it must fail as a cut stream, see below',
  'native-stream-tts-event': 'one event of many: it must fail as a cut stream, see below',
  'native-task-cancel-error-400': 'the answer to a cancellation, which nobody waits for',
  'native-tokenizer-endpoint': 'an API that the provider does not use',
};

const all = recordings('qwen');
const byName = new Map(all.map((recording) => [recording.name, recording]));
const native = all.filter(({ name }) => name.startsWith('native-'));
let replays = 0;
if (all.length === 0) console.warn('qwen native recordings: skipped, the folder is missing (VIBE_RECORDINGS)');
afterAll(() => {
  if (all.length > 0) console.info(`qwen native recordings: ${native.length} cases, ${replays} replays`);
});

const wav = wavOf(new Uint8Array(480), { rate: 24_000, channels: 1 });
const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
const transcript = () => byName.get('native-asr-async-3-succeeded')?.extra ?? Buffer.from('{}');

function splits(body: Buffer): Uint8Array[][] {
  return [[body], slices(body, body.length < 8_000 ? 1 : 17), slices(body, 1_021)];
}

interface Script {
  readonly asked: OperationRequest;
  readonly model: string;
  readonly posts: Recording;
  /** What the looks at a task find; the last one repeats. */
  readonly looks?: readonly Recording[];
  readonly split: (body: Buffer) => readonly Uint8Array[];
}

/** Plays one call. Addresses of results are turned to the loopback server; nothing else is changed. */
async function play({ asked, model, posts, looks = [], split }: Script): Promise<ProviderEvent[]> {
  let looked = 0;
  const send = (recording: Recording) => {
    const text = recording.body
      .toString('utf8')
      .replace(/https?:\/\/dashscope[\w.-]*\.oss-[\w.-]+\//g, `${server.url}/results/`);
    return reply(recording.status, recording.headers, ...split(Buffer.from(text)));
  };
  const server = await listen((response, { method, path, headers }) => {
    if (path.startsWith('/results/')) {
      expect(headers).not.toHaveProperty('authorization');
      const [type, body] = path.includes('.json')
        ? ['application/json', transcript()]
        : path.includes('.wav')
          ? ['audio/wav', wav]
          : ['image/png', png];
      return reply(200, { 'content-type': type }, body)(response);
    }
    expect(headers.authorization).toBe(`Bearer ${testKey}`);
    if (method === 'POST') return send(posts)(response);
    return send(looks[Math.min(looked++, looks.length - 1)] as Recording)(response);
  });
  const provider = provide({
    apiKey: testKey,
    api: 'native',
    baseUrl: server.url,
    nativeBaseUrl: `${server.url}/api/v1`,
    pollMs: 1,
  });
  const incremental = posts.headers['content-type']?.startsWith('text/event-stream') === true;
  try {
    return await collect(provider.stream(callOf(provider, asked, model, { incremental })));
  } finally {
    replays += 1;
    expect(server.received.filter(({ method }) => method === 'POST')).toHaveLength(1);
    await provider.close?.();
    await server.close();
  }
}

function check(result: ProviderResult, expected: Expected): void {
  const joined = (type: Part['type']) =>
    result.content.flatMap((part) => (part.type === type && 'text' in part ? [part.text] : [])).join('');
  expect(joined('text')).toEqual(matching(expected.text));
  expect(joined('reasoning')).toEqual(matching(expected.reasoning));
  expect(result.content.filter(({ type }) => type !== 'text' && type !== 'reasoning')).toEqual(expected.others ?? []);
  expect(result).toMatchObject({
    finishReason: expected.finish ?? 'stop',
    rawFinishReason: expected.raw ?? 'stop',
    requestId: expected.requestId,
    servedModel: null,
  });
  expect(result.usage?.quantities ?? null).toEqual(expected.quantities);
  expect(result.usage).toMatchObject({ unknown: false, source: 'provider' });
}

function matching(expected: string | RegExp | undefined): unknown {
  return expected instanceof RegExp ? expect.stringMatching(expected) : (expected ?? '');
}

/** The whole text, read in the plainest way. */
function recordedText({ headers, body }: Recording): string {
  const streamed = headers['content-type']?.startsWith('text/event-stream') === true;
  const documents = streamed
    ? [...body.toString('utf8').matchAll(/^data:(.*)$/gm)].map(([, data = '']) => data)
    : [body.toString('utf8')];
  return documents
    .map((document) => {
      const { output } = JSON.parse(document);
      const content = output.choices?.[0]?.message?.content ?? output.text ?? '';
      return typeof content === 'string' ? content : content.map((item: { text?: string }) => item.text ?? '').join('');
    })
    .join('');
}

const found = (name: string) => byName.get(name) as Recording;

describe.skipIf(all.length === 0)('recorded native answers of DashScope', () => {
  it('are all read, or it is said why not', () => {
    const submissions = Object.values(tasks).flatMap(({ submit, running }) => [submit, running]);
    const known = [answers, tasks, failures, taskFailures, unread]
      .flatMap((list) => Object.keys(list))
      .concat(submissions);
    checkAllRead(
      native.map(({ name }) => name),
      known,
    );
  });

  it.each(Object.entries(answers).filter(([name]) => byName.has(name)))(
    'are read exactly: %s',
    async (name, expected) => {
      const posts = found(name);
      for (const [at] of splits(posts.body).entries()) {
        const { asked, model } = expected;
        const events = await play({ asked, model, posts, split: (body) => splits(body)[at] ?? [] });
        check(resultOf(events), expected);
        if (asked.operation !== 'chat') continue;
        const streamed = events.map((event) => (event.type === 'delta' ? (event.text ?? '') : '')).join('');
        expect(streamed).toBe(recordedText(posts));
      }
    },
  );

  it.each(Object.entries(tasks).filter(([name]) => byName.has(name)))(
    'of tasks are read exactly: %s',
    async (name, expected) => {
      for (const at of [0, 1, 2]) {
        const { asked, model, submit, running } = expected;
        const looks = [found(running), found(name)];
        const events = await play({
          asked,
          model,
          posts: found(submit),
          looks,
          split: (body) => splits(body)[at] ?? [],
        });
        check(resultOf(events), expected);
        const failed = (resultOf(events).warnings ?? []).map(({ code }) => code);
        expect(failed).toEqual(name.includes('partial') ? ['image_failed'] : []);
      }
    },
  );

  it.each(Object.entries(failures).filter(([name]) => byName.has(name)))('fail exactly: %s', async (name, expected) => {
    const posts = found(name);
    for (const asked of [chat, hear, say, draw]) {
      const model = {
        chat: 'qwen-max',
        transcribe: 'qwen3-asr-flash',
        speak: 'qwen3-tts-flash',
        paint: 'qwen-image-max',
      };
      if (asked.operation === 'paint' && posts.headers['content-type']?.startsWith('text/event-stream') === true)
        continue;
      const error = await failureOf(
        play({ asked, model: model[asked.operation], posts, split: (body) => slices(body, 7) }),
      );
      expect(error).toMatchObject(expected);
      expect(JSON.stringify([error, error.message, error.stack])).not.toContain(testKey);
    }
  });

  it.each(Object.entries(taskFailures).filter(([name]) => byName.has(name)))(
    'of tasks that fail: %s',
    async (name, entry) => {
      const [submit, asked, model, expected] = entry;
      const error = await failureOf(
        play({ asked, model, posts: found(submit), looks: [found(name)], split: (body) => [body] }),
      );
      expect(error).toMatchObject(expected);
      expect(error.details['taskId']).toEqual(expect.any(String));
    },
  );

  it.each([
    ['native-stream-asr-event', hear, 'qwen3-asr-flash'],
    ['native-stream-tts-event', say, 'qwen3-tts-flash'],
  ] as const)('are cut when they have no end: %s', async (name, asked, model) => {
    const error = await failureOf(play({ asked, model, posts: found(name), split: (body) => slices(body, 5) }));
    expect(error).toMatchObject({ code: 'stream_truncated', mayBeBilled: true });
  });
});

import { recordingsFolder } from '@vibe/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asArray, type JsonObject } from '../json.js';
import { pngOf, pngSize } from '../media/png.js';
import { speechOf, wavOfSpeech, wavSeconds } from '../media/speech.js';
import { type Simulator, startSimulator } from '../simulator.js';
import { askQwen, at, eventData, parseEvents, postJson, readJson, recording, shapeOf } from '../testing.js';

let simulator: Simulator;
beforeEach(async () => {
  simulator = await startSimulator({ cachedShare: 0.5 });
});
afterEach(() => simulator.close());

const key = { authorization: 'Bearer test-key' };
const sse = { 'x-dashscope-sse': 'enable' };
const background = { 'x-dashscope-async': 'enable' };
const paths = {
  text: '/services/aigc/text-generation/generation',
  multimodal: '/services/aigc/multimodal-generation/generation',
  wan: '/services/aigc/text2image/image-synthesis',
  wan26: '/services/aigc/image-generation/generation',
  files: '/services/audio/asr/transcription',
};

function ask(path: keyof typeof paths, body: JsonObject, headers: Record<string, string> = {}) {
  return postJson(`${simulator.baseUrls.qwenNative}${paths[path]}`, body, { ...key, ...headers });
}

const chat = (text: string, parameters: JsonObject = {}, model = 'qwen-plus'): JsonObject => ({
  model,
  input: { messages: [{ role: 'user', content: text }] },
  parameters: { result_format: 'message', ...parameters },
});
const items = (content: readonly JsonObject[], model: string, parameters: JsonObject = {}): JsonObject => ({
  model,
  input: { messages: [{ role: 'user', content }] },
  parameters,
});
const speech = (text: string, model = 'qwen3-tts-flash'): JsonObject => ({ model, input: { text, voice: 'Cherry' } });
const dataUrl = (type: string, bytes: Buffer) => `data:${type};base64,${bytes.toString('base64')}`;
const wav = dataUrl('audio/wav', wavOfSpeech(speechOf('x'.repeat(50)))); // three seconds

async function task(path: 'wan' | 'wan26' | 'files', body: JsonObject): Promise<JsonObject[]> {
  const submitted = await readJson(await ask(path, body, background));
  const id = String(at(submitted, 'output', 'task_id'));
  const states = [submitted];
  for (let look = 0; look < 3; look++) states.push(await lookAt(id));
  return states;
}

async function lookAt(id: string): Promise<JsonObject> {
  return readJson(await fetch(`${simulator.baseUrls.qwenNative}/tasks/${id}`, { headers: key }));
}

const statusOf = (state: JsonObject | undefined) => at(state, 'output', 'task_status');

describe('native text', () => {
  it('is the same as in compatible mode, with the same bill', async () => {
    const compatible = await readJson(await askQwen(simulator, 'Tell me about rain'));
    const native = await readJson(await ask('text', chat('Tell me about rain')));
    expect(at(native, 'output', 'choices', 0, 'message', 'content')).toBe(
      at(compatible, 'choices', 0, 'message', 'content'),
    );
    expect(at(native, 'usage', 'input_tokens')).toBe(at(compatible, 'usage', 'prompt_tokens'));
    expect(at(native, 'usage', 'output_tokens')).toBe(at(compatible, 'usage', 'completion_tokens'));
    expect(at(native, 'usage', 'prompt_tokens_details')).toEqual(at(compatible, 'usage', 'prompt_tokens_details'));
  });

  it('comes in numbered events with the usage so far, incremental or repeating itself', async () => {
    const text = await (
      await ask('text', chat('echo: one two three four five', { incremental_output: true }), sse)
    ).text();
    expect(text.startsWith('id:1\nevent:result\n:HTTP_STATUS/200\ndata:{"output"')).toBe(true);
    expect(text).not.toContain('[DONE]');
    const events = parseEvents(text);
    const contents = (list: readonly JsonObject[]) =>
      list.map((event) => at(event, 'output', 'choices', 0, 'message', 'content'));
    expect(contents(events)).toEqual(['one two three four', ' five', '']);
    expect(events.map((event) => at(event, 'output', 'choices', 0, 'finish_reason'))).toEqual(['null', 'null', 'stop']);
    expect(events.map((event) => at(event, 'usage', 'output_tokens'))).toEqual([4, 5, 5]);
    const whole = parseEvents(await (await ask('text', chat('echo: one two three four five'), sse)).text());
    expect(contents(whole)).toEqual(['one two three four', 'one two three four five', 'one two three four five']);
  });

  it('calls tools whole and in fragments, and answers in JSON', async () => {
    const tools = [{ type: 'function', function: { name: 'weather', parameters: { properties: { city: {} } } } }];
    const whole = await readJson(await ask('text', chat('Rain?', { tools })));
    expect(at(whole, 'output', 'choices', 0)).toMatchObject({
      finish_reason: 'tool_calls',
      message: { content: '', tool_calls: [{ function: { name: 'weather', arguments: '{"city":"simulated city"}' } }] },
    });
    const forced = { tools, tool_choice: { type: 'function', function: { name: 'weather' } } };
    expect(at(await readJson(await ask('text', chat('Rain?', forced))), 'output', 'choices', 0, 'finish_reason')).toBe(
      'stop',
    );
    const events = parseEvents(
      await (await ask('text', chat('call: weather {"a":1}\ncall: clock {}', { tools }), sse)).text(),
    );
    const fragments = events.flatMap((event) => asArray(at(event, 'output', 'choices', 0, 'message', 'tool_calls')));
    expect(
      fragments.map((fragment) => [at(fragment, 'index'), at(fragment, 'id') === '', at(fragment, 'function', 'name')]),
    ).toEqual([
      [0, false, 'weather'],
      [0, true, undefined],
      [1, false, 'clock'],
      [1, true, undefined],
    ]);
    const json = { response_format: { type: 'json_object' } };
    expect((await ask('text', chat('A city?', json))).status).toBe(400);
    const answer = await readJson(await ask('text', chat('A city as json?', json)));
    expect(JSON.parse(String(at(answer, 'output', 'choices', 0, 'message', 'content')))).toEqual({
      answer: 'simulated',
    });
  });

  it.each([
    ['limit_requests', 429, 'Throttling.RateQuota'],
    ['insufficient_quota', 429, 'Throttling.AllocationQuota'],
    ['data_inspection_failed', 400, 'DataInspectionFailed'],
    ['model_unavailable', 503, 'ModelUnavailable'],
  ])('fails flat with %s', async (reason, status, code) => {
    simulator.script({ fault: { kind: 'status', reason } });
    const response = await ask('text', chat('Hi'), sse);
    expect([response.status, await readJson(response)]).toEqual([
      status,
      { code, message: expect.any(String), request_id: response.headers.get('x-request-id') },
    ]);
  });

  it('says the status of an error in a stream only in its comment', async () => {
    simulator.script({ fault: { kind: 'errorInStream', reason: 'model_unavailable', afterDeltas: 1 } });
    const text = await (await ask('text', chat('tokens: 20', { incremental_output: true }), sse)).text();
    expect(text).toMatch(/id:2\nevent:error\n:HTTP_STATUS\/503\ndata:\{"code":"ModelUnavailable"/);
    expect(eventData(text)).toHaveLength(2);
  });
});

describe('what a model sees and hears', () => {
  it('is counted apart, on both wires', async () => {
    const image = dataUrl('image/png', pngOf(56, 28, 'x'));
    const native = await readJson(
      await ask('multimodal', items([{ image }, { audio: wav }, { text: 'echo: hm' }], 'qwen3-omni-flash')),
    );
    expect(native['usage']).toMatchObject({
      image_tokens: 4,
      audio_tokens: 75,
      input_tokens_details: { image_tokens: 4, audio_tokens: 75 },
    });
    const content = [
      { type: 'image_url', image_url: { url: image } },
      { type: 'input_audio', input_audio: { data: wav } },
      { type: 'text', text: 'echo: hm' },
    ];
    const url = `${simulator.baseUrls.qwen}/chat/completions`;
    const body = { model: 'qwen3-omni-flash', messages: [{ role: 'user', content }] };
    const compatible = await readJson(await postJson(url, body, key));
    expect(at(compatible, 'usage', 'prompt_tokens')).toBe(at(native, 'usage', 'input_tokens'));
    expect(at(compatible, 'usage', 'prompt_tokens_details')).toMatchObject({ image_tokens: 4, audio_tokens: 75 });
  });
});

describe('native speech and recognition', () => {
  it('gives the address of a file that is served without a key only', async () => {
    const data = await readJson(await ask('multimodal', speech('你好, world')));
    expect(data['usage']).toEqual({ characters: 11 });
    const url = String(at(data, 'output', 'audio', 'url'));
    const file = await fetch(url);
    expect([file.status, file.headers.get('content-type')]).toEqual([200, 'audio/wav']);
    expect(wavSeconds(Buffer.from(await file.arrayBuffer()))).toBeCloseTo(9 * 0.06);
    expect((await fetch(url, { headers: key })).status).toBe(400);
    expect((await fetch(url.replace(/\?.*/, ''))).status).toBe(403);
    expect(simulator.stats().byEndpoint).toMatchObject({ 'qwen.multimodal': 1, 'qwen.result': 3 });
  });

  it('streams the same samples that are in the file', async () => {
    const events = parseEvents(await (await ask('multimodal', speech('The sky is blue.'), sse)).text());
    const chunks = events.map((event) => Buffer.from(String(at(event, 'output', 'audio', 'data')), 'base64'));
    expect(chunks.length).toBeGreaterThan(3);
    const file = await fetch(String(at(events.at(-1), 'output', 'audio', 'url')));
    expect(Buffer.concat(chunks).equals(Buffer.from(await file.arrayBuffer()).subarray(44))).toBe(true);
  });

  it.each([
    [{ text: '', voice: 'Cherry' }],
    [{ text: 'Hi' }],
    [{ text: 'Hi', voice: 'unknown' }],
    [{ text: 'x'.repeat(601), voice: 'Cherry' }],
  ])('refuses %j', async (input) => {
    expect((await ask('multimodal', { model: 'qwen3-tts-flash', input })).status).toBe(400);
  });

  it('hears the same in the same audio, whole and in events, and bills started seconds', async () => {
    const body = items([{ audio: wav }], 'qwen3-asr-flash', { asr_options: { language: 'de' } });
    const whole = await readJson(await ask('multimodal', body));
    expect(at(whole, 'usage', 'seconds')).toBe(3);
    expect(at(whole, 'output', 'choices', 0, 'message', 'annotations', 0, 'language')).toBe('de');
    const events = parseEvents(await (await ask('multimodal', body, sse)).text());
    const words = events.map((event) => at(event, 'output', 'choices', 0, 'message', 'content', 0, 'text') ?? '');
    expect(words.join('')).toBe(at(whole, 'output', 'choices', 0, 'message', 'content', 0, 'text'));
    expect((await ask('multimodal', items([{ text: 'no audio' }], 'qwen3-asr-flash'))).status).toBe(400);
  });
});

describe('native pictures', () => {
  it('come at once, in the size asked for', async () => {
    const data = await readJson(
      await ask('multimodal', items([{ text: 'a cat' }], 'qwen-image-max', { size: '1664*928' })),
    );
    expect(data['usage']).toEqual({ height: 928, image_count: 1, width: 1664 });
    const file = await fetch(String(at(data, 'output', 'choices', 0, 'message', 'content', 0, 'image')));
    expect(pngSize(Buffer.from(await file.arrayBuffer()))).toEqual({ width: 1664, height: 928 });
    expect((await ask('multimodal', items([{ text: 'a cat' }], 'qwen-image-max'), background)).status).toBe(403);
    const two = items([{ text: 'a cat' }], 'qwen-image-max', { n: 2 });
    expect((await ask('multimodal', two)).status).toBe(400);
  });

  it('are tasks of wan: pending, running, then there', async () => {
    const states = await task('wan', { model: 'wan2.2-t2i-plus', input: { prompt: 'a cat' }, parameters: { n: 2 } });
    expect(states.map(statusOf)).toEqual(['PENDING', 'PENDING', 'RUNNING', 'SUCCEEDED']);
    expect(at(states[3], 'usage')).toEqual({ image_count: 2 });
    const newer = await task('wan26', items([{ text: 'a cat' }], 'wan2.6-t2i', { n: 2 }));
    expect(asArray(at(newer[3], 'output', 'choices'))).toHaveLength(2);
  });

  it.each([
    ['failed InvalidParameter', 'FAILED'],
    ['canceled', 'CANCELED'],
    ['unknown', 'UNKNOWN'],
    ['stuck', 'RUNNING'],
  ])('may end as %s', async (outcome, status) => {
    const states = await task('wan', { model: 'wan2.2-t2i-plus', input: { prompt: `a cat, task: ${outcome}` } });
    expect(statusOf(states[3])).toBe(status);
    expect(at(states[3], 'usage')).toBeUndefined();
  });

  it('may fail in part', async () => {
    const parameters = { n: 3 };
    const states = await task('wan', { model: 'wan2.2-t2i-plus', input: { prompt: 'task: partial' }, parameters });
    expect(asArray(at(states[3], 'output', 'results')).map((result) => Object.keys(result as object))).toEqual([
      ['url'],
      ['url'],
      ['code', 'message'],
    ]);
    expect(at(states[3], 'output', 'task_metrics')).toEqual({ TOTAL: 3, SUCCEEDED: 2, FAILED: 1 });
    expect(at(states[3], 'usage', 'image_count')).toBe(2);
  });

  it('need the header of tasks, and are cancelled only while they are pending', async () => {
    const body = { model: 'wan2.2-t2i-plus', input: { prompt: 'a cat' } };
    expect((await ask('wan', body)).status).toBe(403);
    const cancel = (id: string) => postJson(`${simulator.baseUrls.qwenNative}/tasks/${id}/cancel`, {}, key);
    const id = String(at(await readJson(await ask('wan', body, background)), 'output', 'task_id'));
    expect((await cancel(id)).status).toBe(200);
    expect(statusOf(await lookAt(id))).toBe('CANCELED');
    const late = String(at((await task('wan', body))[0], 'output', 'task_id'));
    expect((await cancel(late)).status).toBe(400);
    expect(statusOf(await lookAt('nobody'))).toBe('UNKNOWN');
  });
});

describe('file transcription', () => {
  it('puts the words into a file', async () => {
    const input = { file_url: 'https://a.example/a.wav?echo=hello' };
    const states = await task('files', { model: 'qwen3-asr-flash-filetrans', input });
    expect(at(states[3], 'usage')).toEqual({ seconds: 10 });
    const file = await fetch(String(at(states[3], 'output', 'result', 'transcription_url')));
    expect(at(await readJson(file), 'transcripts', 0, 'text')).toBe('hello');
    const several = { model: 'fun-asr', input: { file_urls: ['https://a.example/a.wav', 'oss://b/c.wav'] } };
    const list = await task('files', several);
    expect(asArray(at(list[3], 'output', 'results'))).toHaveLength(2);
    expect(at(list[3], 'usage')).toEqual({ duration: 20 });
    const bytes = { model: 'fun-asr', input: { file_urls: ['UklGRg=='] } };
    expect((await ask('files', bytes, background)).status).toBe(400);
  });
});

describe('the tokenizer', () => {
  it('gives the pieces of a prompt', async () => {
    const response = await postJson(`${simulator.baseUrls.qwenNative}/tokenizer`, chat('one two'), key);
    expect(await readJson(response)).toMatchObject({ output: { tokens: ['one', ' two'] }, usage: { input_tokens: 2 } });
  });
});

/** Fields of single recordings only: the recorder's own, or of other versions of the service. */
const notOurs =
  /\.(cached_tokens|total_tokens|output_tokens_details.*|input_tokens_details.*|prompt_tokens_details|index|task_metrics.*|scheduled_time)$/;
const comparable = (value: unknown) => [...shapeOf(value)].filter((way) => !notOurs.test(way)).sort();

describe.skipIf(recordingsFolder === null)('against recorded native traffic (skipped without the recordings)', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['native-chat-plain', async () => readJson(await ask('text', chat('Hi')))],
    ['native-chat-plain-text-format', async () => readJson(await ask('text', chat('Hi', { result_format: 'text' })))],
    [
      'native-vision',
      async () => readJson(await ask('multimodal', items([{ image: 'https://a.example/a.png' }], 'qwen-vl-plus'))),
    ],
    ['native-audio-input', async () => readJson(await ask('multimodal', items([{ audio: wav }], 'qwen-audio-turbo')))],
    [
      'native-asr-qwen3-asr-flash',
      async () => readJson(await ask('multimodal', items([{ audio: wav }], 'qwen3-asr-flash'))),
    ],
    ['native-tts-url', async () => readJson(await ask('multimodal', speech('Hi')))],
    [
      'native-image-sync-qwen-image',
      async () => readJson(await ask('multimodal', items([{ text: 'a cat' }], 'qwen-image-max'))),
    ],
    [
      'native-error-401-invalid-api-key',
      async () => readJson(await ask('text', chat('Hi'), { authorization: 'Bearer wrong' })),
    ],
    [
      'native-image-async-1-submit-pending',
      async () => (await task('wan', { model: 'wanx-v1', input: { prompt: 'a' } }))[0],
    ],
    ['native-image-async-2-running', async () => (await task('wan', { model: 'wanx-v1', input: { prompt: 'a' } }))[2]],
    [
      'native-image-async-3-succeeded',
      async () => (await task('wan', { model: 'wanx-v1', input: { prompt: 'a' } }))[3],
    ],
    ['native-task-unknown', () => lookAt('nobody')],
    [
      'native-asr-async-3-succeeded',
      async () =>
        (await task('files', { model: 'qwen3-asr-flash-filetrans', input: { file_url: 'https://a.example/a' } }))[3],
    ],
    [
      'native-tokenizer-endpoint',
      async () => readJson(await postJson(`${simulator.baseUrls.qwenNative}/tokenizer`, chat('a'), key)),
    ],
  ])('%s has the recorded fields', async (name, own) => {
    expect(comparable(await own())).toEqual(comparable(JSON.parse(recording(`qwen/${name}/response.json`))));
  });

  it.each<[string, () => Promise<Response>]>([
    ['native-stream-message', () => ask('text', chat('Hi', { incremental_output: true }), sse)],
    [
      'native-stream-vision',
      () =>
        ask(
          'multimodal',
          items([{ image: 'https://a.example/a.png' }], 'qwen-vl-plus', { incremental_output: true }),
          sse,
        ),
    ],
  ])('%s has the recorded frame and fields', async (name, own) => {
    const [recorded, ours] = [recording(`qwen/${name}/response.sse`), await (await own()).text()];
    const frame = (text: string) => text.split('\n').slice(0, 3);
    expect(frame(ours)).toEqual(frame(recorded));
    const first = (text: string) => comparable(parseEvents(text)[0]);
    expect(first(ours)).toEqual(first(recorded));
  });
});

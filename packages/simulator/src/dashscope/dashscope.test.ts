import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countTokens } from '../answer/tokens.js';
import { type Simulator, startSimulator } from '../simulator.js';
import { askQwen, at, chatText, eventData, parseEvents, postJson, readEvents, readJson } from '../testing.js';

let simulator: Simulator;
const key = { authorization: 'Bearer test-key' };

beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());

describe('chat completions on the DashScope wire', () => {
  it('answer with text and usage, and name the request in header and id', async () => {
    const response = await askQwen(simulator, '你是谁？');
    const data = await readJson(response);
    expect(chatText(data)).toContain('simulated answer from qwen-plus');
    const completion = countTokens(chatText(data));
    expect(data['usage']).toEqual({
      prompt_tokens: 11,
      completion_tokens: completion,
      total_tokens: 11 + completion,
      prompt_tokens_details: { cached_tokens: 0 },
    });
    expect(at(data, 'choices', 0, 'finish_reason')).toBe('stop');
    expect(data['id']).toBe(`chatcmpl-${response.headers.get('x-request-id')}`);
  });

  it('stream the role, the text, the finish, the usage and the end mark, in this order', async () => {
    const response = await askQwen(simulator, 'echo: one two three four five six', { stream: true });
    const text = await response.text();
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(text.endsWith('\n\ndata: [DONE]\n\n')).toBe(true);
    const [opening, first, second, finish, usage, ...rest] = parseEvents(text);
    expect(rest).toEqual([]);
    expect(at(opening, 'choices', 0, 'delta')).toEqual({ content: '', role: 'assistant' });
    expect(chatText(first ?? {}) + chatText(second ?? {})).toBe('one two three four five six');
    expect(at(finish, 'choices', 0)).toMatchObject({ delta: { content: '' }, finish_reason: 'stop' });
    expect(usage?.['choices']).toEqual([]);
    expect(at(usage, 'usage', 'completion_tokens')).toBe(6);
    for (const chunk of [opening, first, second, finish]) expect(chunk?.['usage']).toBeNull();
  });

  it('say nothing about usage in a stream that did not ask', async () => {
    const response = await askQwen(simulator, 'hi', { fields: { stream: true } });
    const events = await readEvents(response);
    expect(events.every((event) => event['usage'] === null)).toBe(true);
    expect(at(events.at(-1), 'choices', 0, 'finish_reason')).toBe('stop');
  });

  it('give the same text and usage whole and in events, also when thinking', async () => {
    for (const fields of [{}, { enable_thinking: true, thinking_budget: 40 }]) {
      const whole = await readJson(await askQwen(simulator, 'Tell me about rain', { fields }));
      const events = await readEvents(await askQwen(simulator, 'Tell me about rain', { stream: true, fields }));
      expect(events.map(chatText).join('')).toBe(chatText(whole));
      expect(events.at(-1)?.['usage']).toEqual(whole['usage']);
    }
  });

  it('think before they answer when asked, and count reasoning inside the completion', async () => {
    const events = await readEvents(
      await askQwen(simulator, 'hm', { stream: true, fields: { enable_thinking: true } }),
    );
    const deltas = events.slice(1, -2).map((event) => at(event, 'choices', 0, 'delta'));
    const firstText = deltas.findIndex((delta) => at(delta, 'reasoning_content') === null);
    expect(firstText).toBeGreaterThan(0);
    for (const [index, delta] of deltas.entries()) {
      expect(delta).toEqual(
        index < firstText
          ? { content: null, reasoning_content: expect.any(String) }
          : { content: expect.any(String), reasoning_content: null },
      );
    }
    const usage = events.at(-1)?.['usage'];
    const reasoning = Number(at(usage, 'completion_tokens_details', 'reasoning_tokens'));
    expect(reasoning).toBeGreaterThan(0);
    expect(at(usage, 'completion_tokens')).toBe(reasoning + countTokens(events.map(chatText).join('')));
  });

  it('stop at max_tokens and max_completion_tokens with length, reasoning included', async () => {
    for (const fields of [{ max_tokens: 5 }, { max_completion_tokens: 5 }]) {
      const data = await readJson(await askQwen(simulator, 'tokens: 50', { fields }));
      expect(at(data, 'choices', 0, 'finish_reason')).toBe('length');
      expect(at(data, 'usage', 'completion_tokens')).toBe(5);
    }
    const fields = { enable_thinking: true, max_tokens: 5 };
    const data = await readJson(await askQwen(simulator, 'tokens: 50', { fields }));
    expect(chatText(data)).toBe('');
    expect(at(data, 'usage')).toMatchObject({
      completion_tokens: 5,
      completion_tokens_details: { reasoning_tokens: 5 },
    });
  });

  it('stop at a stop sequence, alone or in a list', async () => {
    for (const stop of ['END', ['none', 'END']]) {
      const data = await readJson(await askQwen(simulator, 'echo: before END after', { fields: { stop } }));
      expect(chatText(data)).toBe('before ');
      expect(at(data, 'choices', 0, 'finish_reason')).toBe('stop');
    }
  });

  it('read the text parts of a list', async () => {
    const content = [
      { type: 'text', text: 'echo: listed ' },
      { type: 'text', text: 'text' },
    ];
    const url = `${simulator.baseUrls.qwen}/chat/completions`;
    const data = await readJson(
      await postJson(url, { model: 'qwen-plus', messages: [{ role: 'user', content }] }, key),
    );
    expect(chatText(data)).toBe('listed text');
  });

  it.each([
    ['qwen3-8b', {}, 'parameter.enable_thinking must be set to false for non-streaming calls'],
    ['qwq-plus', {}, 'only support stream mode'],
  ])('refuse %s outside a stream, because it thinks', async (model, fields, message) => {
    const refused = await askQwen(simulator, 'hi', { model, fields });
    expect(refused.status).toBe(400);
    expect(at(await readJson(refused), 'error', 'message')).toContain(message);
    expect((await askQwen(simulator, 'hi', { model, stream: true })).status).toBe(200);
  });

  it('answer an open hybrid outside a stream when thinking is off', async () => {
    const response = await askQwen(simulator, 'hi', { model: 'qwen3-8b', fields: { enable_thinking: false } });
    expect(response.status).toBe(200);
  });
});

describe('a request DashScope would refuse', () => {
  const messages = [{ role: 'user', content: 'hi' }];
  it.each([
    ['malformed JSON', '{', 400, 'invalid_parameter_error'],
    ['no model', { messages }, 400, 'invalid_parameter_error'],
    ['no messages', { model: 'qwen-plus', messages: [] }, 400, 'invalid_parameter_error'],
    ['no room to answer', { model: 'qwen-plus', messages, max_tokens: 0 }, 400, 'invalid_parameter_error'],
    ['an unknown model', { model: 'gpt-4', messages }, 404, 'model_not_found'],
    ['a model in the wrong case', { model: 'Qwen-Plus', messages }, 404, 'model_not_found'],
  ])('gets its error for %s', async (_, body, status, code) => {
    const response = await postJson(`${simulator.baseUrls.qwen}/chat/completions`, body, key);
    const data = await readJson(response);
    expect(response.status).toBe(status);
    expect(at(data, 'error', 'code')).toBe(code);
    expect(data['request_id']).toBe(response.headers.get('x-request-id'));
  });

  it('gets an event as the body of the 400 when the content filter refuses a stream', async () => {
    const headers = { 'x-vibe-fault': '{"kind":"status","reason":"data_inspection_failed"}' };
    const refused = await askQwen(simulator, 'hi', { stream: true, headers });
    expect(refused.status).toBe(400);
    const [event = ''] = eventData(await refused.text());
    expect(at(JSON.parse(event), 'error', 'code')).toBe('data_inspection_failed');
    const whole = await askQwen(simulator, 'hi', { headers });
    expect(at(await readJson(whole), 'error', 'code')).toBe('data_inspection_failed');
  });
});

describe('the models of the DashScope wire', () => {
  it('are listed in the shape of OpenAI', async () => {
    const data = await readJson(await fetch(`${simulator.baseUrls.qwen}/models`, { headers: key }));
    expect(data['object']).toBe('list');
    expect(at(data, 'data', 0)).toEqual({ id: 'qwen-max', object: 'model', created: 0, owned_by: 'system' });
  });

  it('can be restricted by an option', async () => {
    await using small = await startSimulator({ models: ['qwen-plus', 'acme-*'] });
    const data = await readJson(await fetch(`${small.baseUrls.qwen}/models`, { headers: key }));
    expect(data['data']).toEqual([expect.objectContaining({ id: 'qwen-plus' })]);
    expect((await askQwen(small, 'hi', { model: 'acme-large' })).status).toBe(200);
    expect((await askQwen(small, 'hi', { model: 'qwen-max' })).status).toBe(404);
  });
});

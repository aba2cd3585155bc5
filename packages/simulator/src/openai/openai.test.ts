import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../simulator.js';
import { askOpenai, at, chatText, parseEvents, postJson, readEvents, readJson } from '../testing.js';

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());

describe('the generic OpenAI-compatible wire', () => {
  it('gives the same text whole and in events, with usage after the finish', async () => {
    const whole = await readJson(await askOpenai(simulator, 'Tell me about rain'));
    const text = await (await askOpenai(simulator, 'Tell me about rain', { stream: true })).text();
    const events = parseEvents(text);
    expect(events.map(chatText).join('')).toBe(chatText(whole));
    expect(at(events.at(-2), 'choices', 0, 'finish_reason')).toBe('stop');
    expect(events.at(-1)).toMatchObject({ choices: [], usage: whole['usage'] });
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
  });

  it('has no usage field at all in a stream that did not ask', async () => {
    const events = await readEvents(await askOpenai(simulator, 'hi', { fields: { stream: true } }));
    expect(events.some((event) => 'usage' in event)).toBe(false);
  });

  it.each([
    ['malformed JSON', '{', 400, null],
    ['no model', { messages: [{ role: 'user', content: 'hi' }] }, 400, null],
    ['no messages', { model: 'qwen-plus' }, 400, null],
    ['stream options without a stream', { model: 'qwen-plus', messages: [{}], stream_options: {} }, 400, null],
    ['an unknown model', { model: 'gpt-4', messages: [{}] }, 404, 'model_not_found'],
  ])('refuses %s', async (_, body, status, code) => {
    const url = `${simulator.baseUrls.openai}/chat/completions`;
    const response = await postJson(url, body, { authorization: 'Bearer test-key' });
    expect(response.status).toBe(status);
    expect(at(await readJson(response), 'error', 'code')).toBe(code);
  });

  it('wants a key', async () => {
    expect((await askOpenai(simulator, 'hi', { key: '' })).status).toBe(401);
    expect((await askOpenai(simulator, 'hi', { key: 'wrong-key' })).status).toBe(401);
  });

  it('lists its models', async () => {
    const headers = { authorization: 'Bearer test-key' };
    const data = await readJson(await fetch(`${simulator.baseUrls.openai}/models`, { headers }));
    expect(at(data, 'data', 0)).toMatchObject({ object: 'model' });
    expect((await fetch(`${simulator.baseUrls.openai}/models`)).status).toBe(401);
  });

  it('answers unknown paths with its own error', async () => {
    const response = await fetch(`${simulator.url}/v2/nothing`);
    expect(response.status).toBe(404);
    expect(at(await readJson(response), 'error', 'type')).toBe('invalid_request_error');
  });
});

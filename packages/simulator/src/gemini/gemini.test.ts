import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countTokens } from '../answer/tokens.js';
import { asArray, type JsonObject } from '../json.js';
import { type Simulator, startSimulator } from '../simulator.js';
import { askGemini, at, geminiText, postJson, readEvents, readJson } from '../testing.js';

let simulator: Simulator;
const key = { 'x-goog-api-key': 'test-key' };

beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());

function expectConsistentUsage(usage: unknown): void {
  const count = (name: string) => Number(at(usage, name) ?? 0);
  expect(count('totalTokenCount')).toBe(
    count('promptTokenCount') + count('candidatesTokenCount') + count('thoughtsTokenCount'),
  );
  expect(at(usage, 'promptTokensDetails', 0)).toEqual({ modality: 'TEXT', tokenCount: count('promptTokenCount') });
}

describe('generateContent', () => {
  it('answers with text, usage that adds up, model and id', async () => {
    const response = await askGemini(simulator, 'Why is the sky blue?');
    const data = await readJson(response);
    expect(response.headers.get('content-type')).toBe('application/json; charset=UTF-8');
    expect(geminiText(data)).toContain('simulated answer from gemini-2.5-flash');
    expect(at(data, 'candidates', 0, 'finishReason')).toBe('STOP');
    expect(at(data, 'usageMetadata', 'candidatesTokenCount')).toBe(countTokens(geminiText(data)));
    expect(at(data, 'usageMetadata', 'thoughtsTokenCount')).toBeGreaterThan(0);
    expectConsistentUsage(at(data, 'usageMetadata'));
    expect(data['modelVersion']).toBe('gemini-2.5-flash');
    expect(data['responseId']).toEqual(expect.any(String));
  });

  it('answers an alias under the name of the model that served it', async () => {
    const data = await readJson(await askGemini(simulator, 'hi', { model: 'gemini-flash-latest' }));
    expect(data['modelVersion']).toBe('gemini-3.6-flash');
  });

  it('gives the same text and usage whole and in events', async () => {
    for (const model of ['gemini-2.5-flash', 'gemini-3.6-flash']) {
      const whole = await readJson(await askGemini(simulator, 'Tell me about rain', { model }));
      const events = await readEvents(await askGemini(simulator, 'Tell me about rain', { model, stream: true }));
      expect(events.map(geminiText).join('')).toBe(geminiText(whole));
      expect(events.at(-1)?.['usageMetadata']).toEqual(whole['usageMetadata']);
    }
  });

  it('stops at maxOutputTokens with MAX_TOKENS', async () => {
    const fields = { maxOutputTokens: 5 };
    const data = await readJson(await askGemini(simulator, 'What is the capital of France?', { fields }));
    expect(at(data, 'candidates', 0, 'finishReason')).toBe('MAX_TOKENS');
    expect(countTokens(geminiText(data))).toBe(5);
    expect(at(data, 'usageMetadata', 'candidatesTokenCount')).toBe(5);
  });

  it('leaves nothing to say when a model that must think spends its cap on it', async () => {
    const options = { model: 'gemini-2.5-pro', fields: { maxOutputTokens: 5 } };
    for (const stream of [false, true]) {
      const response = await askGemini(simulator, 'What is the capital of France?', { ...options, stream });
      const data = stream ? ((await readEvents(response))[0] ?? {}) : await readJson(response);
      expect(at(data, 'candidates', 0)).toEqual({
        content: { role: 'model' },
        finishReason: 'MAX_TOKENS',
        index: 0,
      });
      expect(at(data, 'usageMetadata', 'candidatesTokenCount')).toBeUndefined();
      expect(at(data, 'usageMetadata', 'thoughtsTokenCount')).toBe(5);
    }
  });

  it('does not think with a budget of 0, written in either case', async () => {
    for (const thinkingConfig of [{ thinkingBudget: 0 }, { thinking_budget: 0 }]) {
      const data = await readJson(await askGemini(simulator, 'hi', { fields: { thinkingConfig } }));
      expect(at(data, 'usageMetadata', 'thoughtsTokenCount')).toBeUndefined();
      expectConsistentUsage(at(data, 'usageMetadata'));
    }
  });

  it('stops at a stop sequence with a plain STOP', async () => {
    const data = await readJson(
      await askGemini(simulator, 'echo: before END after', { fields: { stopSequences: ['END'] } }),
    );
    expect(geminiText(data)).toBe('before ');
    expect(at(data, 'candidates', 0, 'finishReason')).toBe('STOP');
  });

  it('reports a cached share inside the prompt only when there is one', async () => {
    await using caching = await startSimulator({ cachedShare: 0.5 });
    const cached = await readJson(await askGemini(caching, 'tell me a long story about the sea'));
    const plain = await readJson(await askGemini(simulator, 'tell me a long story about the sea'));
    const promptTokens = Number(at(cached, 'usageMetadata', 'promptTokenCount'));
    expect(at(cached, 'usageMetadata', 'cachedContentTokenCount')).toBe(Math.floor(promptTokens / 2));
    expect(at(plain, 'usageMetadata')).not.toHaveProperty('cachedContentTokenCount');
  });
});

describe('streamGenerateContent', () => {
  it('sends CRLF CRLF events with cumulative usage, the finish reason on the last one, and no end mark', async () => {
    const response = await askGemini(simulator, 'tokens: 30', { stream: true });
    const text = await response.text();
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(text.endsWith('}\r\n\r\n')).toBe(true);
    expect(text).not.toContain('[DONE]');
    const events = text.split('\r\n\r\n').slice(0, -1);
    expect(events.every((event) => event.startsWith('data: {'))).toBe(true);
    const chunks = events.map((event) => JSON.parse(event.slice('data: '.length)) as JsonObject);
    const candidates = chunks.map((chunk) => at(chunk, 'usageMetadata', 'candidatesTokenCount'));
    expect(candidates).toEqual([4, 8, 12, 16, 20, 24, 28, 30]);
    for (const chunk of chunks) expectConsistentUsage(chunk['usageMetadata']);
    const reasons = chunks.map((chunk) => at(chunk, 'candidates', 0, 'finishReason'));
    expect(reasons).toEqual([...Array(7).fill(undefined), 'STOP']);
  });

  it('shows thoughts first, without counting them while they come', async () => {
    const fields = { thinkingConfig: { includeThoughts: true, thinkingLevel: 'low' } };
    const options = { model: 'gemini-3-flash-preview', stream: true, fields };
    const events = await readEvents(await askGemini(simulator, 'A riddle', options));
    const isThought = events.map((event) => at(event, 'candidates', 0, 'content', 'parts', 0, 'thought') === true);
    expect(isThought.lastIndexOf(true)).toBe(isThought.indexOf(false) - 1);
    const counts = events.map((event) => at(event, 'usageMetadata', 'thoughtsTokenCount'));
    expect(counts.slice(0, isThought.indexOf(false)).every((count) => count === undefined)).toBe(true);
    expect(counts.at(-1)).toBeGreaterThan(0);
    const lastPart = at(events.at(-1), 'candidates', 0, 'content', 'parts', 0);
    expect(lastPart).toEqual({ text: '', thoughtSignature: expect.any(String) });
  });

  it('is one JSON array of chunks without alt=sse', async () => {
    const url = `${simulator.baseUrls.gemini}/models/gemini-2.5-flash:streamGenerateContent`;
    const response = await postJson(url, { contents: [{ parts: [{ text: 'echo: one two three four five' }] }] }, key);
    expect(response.headers.get('content-type')).toBe('application/json; charset=UTF-8');
    const chunks = asArray(await response.json()) as JsonObject[];
    expect(chunks.length).toBeGreaterThan(1);
    expect(chunks.map(geminiText).join('')).toBe('one two three four five');
  });

  it('refuses with bare JSON under the content type of the stream, or in a list', async () => {
    const response = await askGemini(simulator, 'hi', { model: 'nothing-like-it', stream: true });
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(at(await readJson(response), 'error', 'status')).toBe('NOT_FOUND');
    const url = `${simulator.baseUrls.gemini}/models/nothing-like-it:streamGenerateContent`;
    const list = await (await postJson(url, { contents: [] }, key)).json();
    expect(at(list, 0, 'error', 'code')).toBe(404);
  });
});

describe('the other Gemini endpoints', () => {
  it('count tokens as the usage does', async () => {
    const url = `${simulator.baseUrls.gemini}/models/gemini-3.5-flash:countTokens`;
    const contents = [{ role: 'user', parts: [{ text: 'What is the capital of France?' }] }];
    const bare = await readJson(await postJson(url, { contents }, key));
    expect(bare).toEqual({ totalTokens: 8, promptTokensDetails: [{ modality: 'TEXT', tokenCount: 8 }] });
    const systemInstruction = { parts: [{ text: 'Be short.' }] };
    const generateContentRequest = { model: 'models/gemini-3.5-flash', contents, systemInstruction };
    const whole = await readJson(await postJson(url, { generateContentRequest }, key));
    expect(whole['totalTokens']).toBeGreaterThan(8);
  });

  it('list models page by page and show one', async () => {
    const list = async (query: string) =>
      readJson(await fetch(`${simulator.baseUrls.gemini}/models?${query}`, { headers: key }));
    const all = asArray((await list('pageSize=100'))['models']);
    const first = await list('pageSize=5');
    const rest = await list(`pageSize=100&pageToken=${first['nextPageToken']}`);
    expect([...asArray(first['models']), ...asArray(rest['models'])]).toEqual(all);
    expect(rest).not.toHaveProperty('nextPageToken');
    const one = await fetch(`${simulator.baseUrls.gemini}/models/gemini-2.5-pro`, { headers: key });
    expect(await readJson(one)).toMatchObject({ name: 'models/gemini-2.5-pro', inputTokenLimit: 1_048_576 });
  });

  it('answer unknown paths with a Google error', async () => {
    const response = await fetch(`${simulator.baseUrls.gemini}/nothing`, { headers: key });
    expect(response.status).toBe(404);
    expect(at(await readJson(response), 'error', 'status')).toBe('NOT_FOUND');
  });
});

describe('a request Gemini would refuse', () => {
  const url = () => `${simulator.baseUrls.gemini}/models/gemini-2.5-flash:generateContent`;
  const contents = [{ role: 'user', parts: [{ text: 'hi' }] }];
  it.each([
    ['malformed JSON', '{"contents": [', 'Invalid JSON payload'],
    ['a body that is no object', '[]', 'Invalid JSON payload'],
    ['an unknown field', { contents, prompt: 'hi' }, 'Unknown name "prompt"'],
    ['an unknown generation field', { contents, generationConfig: { max_tokens: 5 } }, 'Unknown name "max_tokens" at'],
    ['no contents', {}, 'contents is not specified'],
    ['a wrong role', { contents: [{ role: 'assistant', parts: [] }] }, 'Please use a valid role: user, model.'],
    ['no room to answer', { contents, generationConfig: { maxOutputTokens: 0 } }, 'must be positive'],
  ])('gets a 400 INVALID_ARGUMENT for %s', async (_, body, message) => {
    const response = await postJson(url(), body, key);
    const data = await readJson(response);
    expect(response.status).toBe(400);
    expect(at(data, 'error', 'status')).toBe('INVALID_ARGUMENT');
    expect(at(data, 'error', 'message')).toContain(message);
  });
});

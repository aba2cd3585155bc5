import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_BODY_BYTES } from './http/body.js';
import { type Simulator, startSimulator } from './simulator.js';
import { SimulatorError } from './simulator-error.js';
import { type Ask, askGemini, askOpenai, askQwen, at, chatText, postJson, readEvents, readJson } from './testing.js';

let simulator: Simulator;

beforeEach(async () => {
  simulator = await startSimulator({ region: 'sg' });
});
afterEach(() => simulator.close());

const asks: readonly (readonly [string, Ask])[] = [
  ['gemini', askGemini],
  ['qwen', askQwen],
  ['openai', askOpenai],
];

/** A pace at which the second event never comes. */
const FROZEN = { tokensPerSecond: 1e-9 };

async function firstChunk(response: Response): Promise<string> {
  const { value } = (await response.body?.getReader().read()) ?? {};
  return new TextDecoder().decode(value);
}

describe('starting and closing', () => {
  it('listens on loopback only and tells its addresses', async () => {
    expect(simulator.url).toBe(`http://127.0.0.1:${simulator.port}`);
    expect(simulator.baseUrls).toEqual({
      gemini: `${simulator.url}/v1beta`,
      qwen: `${simulator.url}/compatible-mode/v1`,
      qwenNative: `${simulator.url}/api/v1`,
      openai: `${simulator.url}/v1`,
    });
    await expect(startSimulator({ host: '0.0.0.0' as '127.0.0.1' })).rejects.toThrow('only listens on 127.0.0.1');
  });

  it.each([
    ['port', { port: 70_000 }],
    ['seed', { seed: 1.5 }],
    ['ttftMs', { ttftMs: -1 }],
    ['tokensPerSecond', { tokensPerSecond: 0 }],
    ['chunkTokens', { chunkTokens: 0 }],
    ['cachedShare', { cachedShare: 2 }],
    ['keepRequests', { keepRequests: Number.NaN }],
  ])('refuses a %s it cannot use', async (name, options) => {
    await expect(startSimulator(options)).rejects.toThrow(`The simulator option ${name} cannot be`);
  });

  it('says so when its port is taken', async () => {
    const failure = await startSimulator({ port: simulator.port }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(SimulatorError);
    expect(failure).toMatchObject({
      code: 'port_unavailable',
      message: expect.stringContaining('choose another port'),
    });
  });

  it('ends running streams when it closes, twice is as good as once, and frees the port', async () => {
    simulator.script({ fault: { kind: 'stall', afterDeltas: 1 } });
    const response = await askQwen(simulator, 'tokens: 40', { stream: true });
    const body = response.text();
    await Promise.all([simulator.close(), simulator.close()]);
    await expect(body).rejects.toThrow();
    const next = createServer().listen(simulator.port, '127.0.0.1');
    await new Promise((resolve) => next.once('listening', resolve));
    expect((next.address() as AddressInfo).port).toBe(simulator.port);
    await new Promise((resolve) => next.close(resolve));
  });

  it('can be disposed of', async () => {
    let url = '';
    {
      await using short = await startSimulator();
      url = short.url;
      expect((await fetch(`${url}/__stats`)).status).toBe(200);
    }
    await expect(fetch(`${url}/__stats`)).rejects.toThrow('fetch failed');
  });
});

describe('determinism', () => {
  it.each(asks)('gives the same answers and ids for the same seed on the %s wire', async (_, ask) => {
    const answer = async (seed: number) => {
      await using seeded = await startSimulator({ seed });
      const text = await (await ask(seeded, 'Why is the sky blue?', { stream: true })).text();
      return text.replace(/"created":\d+/g, '');
    };
    expect(await answer(1)).toBe(await answer(1));
    expect(await answer(1)).not.toBe(await answer(2));
  });

  it('numbers its requests: no two have the same id', async () => {
    const [first, second] = await Promise.all([askQwen(simulator, 'hi'), askQwen(simulator, 'hi')]);
    const [one, other] = [await readJson(first), await readJson(second)];
    expect(one['id']).not.toBe(other['id']);
    expect(chatText(one)).toBe(chatText(other));
  });
});

describe('keys', () => {
  it('are restricted to a list when there is one', async () => {
    await using strict = await startSimulator({ keys: ['good-wrong-key'] });
    expect((await askQwen(strict, 'hi', { key: 'good-wrong-key' })).status).toBe(200);
    expect((await askQwen(strict, 'hi', { key: 'other' })).status).toBe(401);
    expect((await askGemini(strict, 'hi', { key: 'other' })).status).toBe(400);
  });
});

describe('pace', () => {
  it.each(asks)('holds the second delta of the %s wire back, and an abort is noticed meanwhile', async (_, ask) => {
    await using slow = await startSimulator(FROZEN);
    const leave = new AbortController();
    const response = await ask(slow, 'tokens: 40', { ...modelFor(ask), stream: true, signal: leave.signal });
    expect(await firstChunk(response)).toContain('data: ');
    await slow.waitFor(({ tokensOut }) => tokensOut >= 4);
    expect(slow.stats().streams).toMatchObject({ running: 1 });
    leave.abort();
    const stats = await slow.waitFor(({ streams }) => streams.running === 0);
    expect(stats.streams).toEqual({ total: 1, running: 0, completed: 0, aborted: 1, broken: 0 });
    expect(slow.requests()[0]).toMatchObject({ outcome: 'aborted', deltas: 1 });
  });

  it('holds back the first token, also of a whole answer', async () => {
    await using slow = await startSimulator({ ttftMs: 1e9 });
    const leave = new AbortController();
    const answer = askQwen(slow, 'hi', { signal: leave.signal });
    await slow.waitFor(({ attempts }) => attempts.running === 1);
    expect(slow.stats().tokensOut).toBe(0);
    leave.abort();
    await expect(answer).rejects.toThrow('abort');
    await slow.waitFor(({ attempts }) => attempts.aborted === 1);
  });

  it('does not hold errors and lists back', async () => {
    await using slow = await startSimulator({ ttftMs: 1e9 });
    expect((await askQwen(slow, 'hi', { model: 'nothing' })).status).toBe(404);
    const headers = { authorization: 'Bearer test-key' };
    expect((await fetch(`${slow.baseUrls.qwen}/models`, { headers })).status).toBe(200);
  });

  it('is slowed down by a rule, before the answer and between deltas', async () => {
    const leave = new AbortController();
    simulator.script({ fault: { kind: 'slow', perDeltaMs: 1e9 }, match: { stream: true } });
    simulator.script({ fault: { kind: 'slow' }, delayMs: 1e9, match: { stream: false } });
    const pending = [
      askQwen(simulator, 'hi', { stream: true, signal: leave.signal }).then((response) => response.text()),
      askQwen(simulator, 'hi', { signal: leave.signal }),
    ];
    await simulator.waitFor(({ attempts }) => attempts.running === 2);
    expect(simulator.stats().tokensOut).toBe(0);
    leave.abort();
    for (const answer of pending) await expect(answer).rejects.toThrow('abort');
    await simulator.waitFor(({ attempts }) => attempts.aborted === 2);
  });

  it('groups tokens as told', async () => {
    await using coarse = await startSimulator({ chunkTokens: 100 });
    const events = await readEvents(await askQwen(coarse, 'tokens: 250', { stream: true }));
    expect(events.filter((event) => chatText(event) !== '')).toHaveLength(3);
  });

  function modelFor(ask: Ask) {
    return ask === askGemini ? { fields: { thinkingConfig: { thinkingBudget: 0 } } } : {};
  }
});

describe('statistics', () => {
  it('count attempts, streams, tokens and connections', async () => {
    const data = await readJson(await askQwen(simulator, 'tokens: 10'));
    await (await askQwen(simulator, 'tokens: 20', { stream: true })).text();
    await (await askGemini(simulator, 'hi', { model: 'gemini-2.5-pro', key: 'wrong' })).text();
    await fetch(`${simulator.url}/__stats`);
    const stats = simulator.stats();
    expect(stats).toMatchObject({
      region: 'sg',
      attempts: { total: 3, running: 0, completed: 3, aborted: 0, broken: 0 },
      streams: { total: 1, running: 0, completed: 1, aborted: 0, broken: 0 },
      byModel: { 'qwen-plus': 2, 'gemini-2.5-pro': 1 },
      byEndpoint: { 'qwen.chat': 2, 'gemini.generate': 1 },
      byPath: { '/compatible-mode/v1/chat/completions': 2, '/v1beta/models/gemini-2.5-pro:generateContent': 1 },
      byStatus: { 200: 2, 400: 1 },
      byFault: {},
      tokensOut: Number(at(data, 'usage', 'completion_tokens')) + 20,
      retryAfterViolations: 0,
    });
    expect(stats.connections.open).toBeGreaterThan(0);
  });

  it('count hidden thoughts as tokens', async () => {
    for (const stream of [false, true]) {
      simulator.reset();
      const response = await askGemini(simulator, 'tokens: 10', { stream });
      const data = stream ? (await readEvents(response)).at(-1) : await readJson(response);
      const thoughts = Number(at(data, 'usageMetadata', 'thoughtsTokenCount'));
      expect(thoughts).toBeGreaterThan(0);
      expect(simulator.stats().tokensOut).toBe(10 + thoughts);
    }
  });

  it('start over with a reset, except for what still runs', async () => {
    const leave = new AbortController();
    simulator.script({ fault: { kind: 'stall', afterDeltas: 1 } });
    const body = askQwen(simulator, 'hi', { stream: true, signal: leave.signal }).then((response) => response.text());
    await simulator.waitFor(({ streams }) => streams.running === 1);
    simulator.reset();
    expect(simulator.stats().streams).toEqual({ total: 1, running: 1, completed: 0, aborted: 0, broken: 0 });
    expect(simulator.requests()).toEqual([]);
    leave.abort();
    await expect(body).rejects.toThrow('abort');
    const stats = await simulator.waitFor(({ streams }) => streams.running === 0);
    expect(stats.streams).toEqual({ total: 1, running: 0, completed: 0, aborted: 1, broken: 0 });
    expect((await askQwen(simulator, 'hi')).status).toBe(200);
  });

  it('can be waited for, until a signal, an error or the end', async () => {
    expect((await simulator.waitFor(() => true)).attempts.total).toBe(0);
    const later = simulator.waitFor(({ attempts }) => attempts.completed === 1);
    await askQwen(simulator, 'hi');
    expect((await later).attempts.completed).toBe(1);
    const cancel = new AbortController();
    const never = simulator.waitFor(() => false, cancel.signal);
    cancel.abort(new Error('enough'));
    await expect(never).rejects.toThrow('enough');
    await expect(simulator.waitFor(() => false, cancel.signal)).rejects.toThrow('enough');
    const broken = () => {
      throw new Error('bad predicate');
    };
    await expect(simulator.waitFor(broken)).rejects.toThrow('bad predicate');
    const last = simulator.waitFor(() => false);
    await simulator.close();
    await expect(last).rejects.toMatchObject({ code: 'closed' });
  });
});

describe('remembered requests', () => {
  it('have what was asked and how it ended, without secrets', async () => {
    await askGemini(simulator, 'hello', { key: 'secret-key', headers: { cookie: 'secret-cookie', 'x-mine': 'kept' } });
    await fetch(`${simulator.baseUrls.qwen}/models?key=secret-query`, { headers: { authorization: 'Bearer secret' } });
    const [first, second] = simulator.requests();
    expect(first).toMatchObject({
      method: 'POST',
      path: '/v1beta/models/gemini-2.5-flash:generateContent',
      endpoint: 'gemini.generate',
      model: 'gemini-2.5-flash',
      headers: { 'x-goog-api-key': 'redacted', cookie: 'redacted', 'x-mine': 'kept' },
      body: { contents: [{ role: 'user', parts: [{ text: 'hello' }] }] },
      status: 200,
      outcome: 'completed',
      faults: [],
    });
    expect(second).toMatchObject({ method: 'GET', path: '/compatible-mode/v1/models?key=redacted', body: null });
    expect(JSON.stringify(simulator.requests())).not.toContain('secret');
  });

  it('are bounded, oldest forgotten first', async () => {
    await using forgetful = await startSimulator({ keepRequests: 2 });
    for (const prompt of ['one', 'two', 'three']) await askQwen(forgetful, prompt);
    const prompts = forgetful.requests().map((request) => at(request.body, 'messages', 0, 'content'));
    expect(prompts).toEqual(['two', 'three']);
    expect(forgetful.requests(1)).toHaveLength(1);
    expect(forgetful.requests(0)).toEqual([]);
  });

  it('leave large bodies out', async () => {
    await askQwen(simulator, 'x'.repeat(100_000));
    expect(simulator.requests()[0]).toMatchObject({ body: null, outcome: 'completed' });
    expect(simulator.requests()[0]?.bodyBytes).toBeGreaterThan(100_000);
  });
});

describe('bodies', () => {
  it.each(asks)('beyond the limit get a 413 of the %s wire', async (_, ask) => {
    const response = await ask(simulator, 'x'.repeat(MAX_BODY_BYTES));
    expect(response.status).toBe(413);
    expect(at(await response.json(), 'error', 'message')).toEqual(expect.any(String));
  });

  it('with unpaired surrogates and control characters come back as they were', async () => {
    const odd = 'a\u0000b\ud800c';
    const data = await readJson(await askQwen(simulator, `echo: ${odd}`));
    expect(chatText(data)).toBe(odd);
  });

  it('that never end are forgotten when their client leaves', async () => {
    const leave = new AbortController();
    const endless = new ReadableStream({ pull: (sink) => sink.enqueue(new Uint8Array(1024)) });
    const init = { method: 'POST', body: endless, duplex: 'half', signal: leave.signal } as RequestInit;
    const upload = fetch(`${simulator.baseUrls.qwen}/chat/completions`, init);
    await simulator.waitFor(({ connections }) => connections.open === 1);
    leave.abort();
    await expect(upload).rejects.toThrow('abort');
    await simulator.waitFor(({ connections }) => connections.open === 0);
    expect(simulator.stats().attempts.total).toBe(0);
  });
});

describe('control over HTTP', () => {
  const control = (body: unknown) => postJson(`${simulator.url}/__control`, body, {});

  it('scripts rules, alone or in a list, and resets', async () => {
    await control({ fault: { kind: 'status', status: 503 }, times: 1 });
    await control({ rules: [{ fault: { kind: 'empty' }, times: 1 }] });
    expect((await askQwen(simulator, 'hi')).status).toBe(503);
    const listed = await readJson(await fetch(`${simulator.url}/__control`));
    expect(listed['rules']).toMatchObject([{ fired: 1 }, { fired: 0, rule: { fault: { kind: 'empty' } } }]);
    const after = await readJson(await control({ reset: true, rules: [{ fault: { kind: 'html' } }] }));
    expect(after['rules']).toMatchObject([{ fired: 0, rule: { fault: { kind: 'html' } } }]);
    expect(await readJson(await control({ reset: true }))).toEqual({ rules: [] });
    expect((await askQwen(simulator, 'hi')).status).toBe(200);
  });

  it.each([
    ['no JSON', 'nonsense', 'wants a JSON object'],
    ['an unknown fault', { fault: { kind: 'explode' } }, 'rule.fault.kind must be one of'],
    ['rules that are no list', { rules: {} }, 'must be a list'],
    ['one bad rule of two', { rules: [{ fault: { kind: 'empty' } }, {}] }, 'rule.fault must be an object'],
  ])('refuses %s and changes nothing', async (_, body, message) => {
    const response = await control(body);
    expect(response.status).toBe(400);
    expect(at(await readJson(response), 'error', 'message')).toContain(message);
    expect((await askQwen(simulator, 'hi')).status).toBe(200);
  });

  it('gives statistics and requests', async () => {
    for (const prompt of ['one', 'two']) await askQwen(simulator, prompt);
    expect(await readJson(await fetch(`${simulator.url}/__stats`))).toMatchObject({ attempts: { total: 2 } });
    const listed = await readJson(await fetch(`${simulator.url}/__requests?n=1`));
    expect(at(listed, 'requests', 0, 'body', 'messages', 0, 'content')).toBe('two');
    expect((await fetch(`${simulator.url}/__requests?n=all`)).status).toBe(400);
    expect((await fetch(`${simulator.url}/__nothing`)).status).toBe(404);
  });

  it('takes faults for one request from a header, before all rules', async () => {
    simulator.script({ fault: { kind: 'html' } });
    const headers = { 'x-vibe-fault': '[{"kind":"status","status":429,"retryAfterMs":1000}]' };
    expect((await askQwen(simulator, 'hi', { headers })).status).toBe(429);
    const bad = await askQwen(simulator, 'hi', { headers: { 'x-vibe-fault': '{' } });
    expect(bad.status).toBe(400);
    expect(at(await readJson(bad), 'error', 'message')).toContain('x-vibe-fault');
  });
});

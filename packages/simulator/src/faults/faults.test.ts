/** Every kind of fault over real HTTP, on each wire it concerns. */
import { request } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../simulator.js';
import {
  type Ask,
  askGemini,
  askOpenai,
  askQwen,
  at,
  chatText,
  eventData,
  geminiText,
  parseEvents,
  readEvents,
  readJson,
} from '../testing.js';
import type { Fault } from './fault.js';

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator();
});
afterEach(() => simulator.reset());
afterAll(() => simulator.close());

const PROMPT = 'echo: one two three four five six seven eight nine ten';
const TEXT = 'one two three four five six seven eight nine ten';

const wires = [
  {
    name: 'gemini',
    ask: askGemini,
    text: geminiText,
    finish: ['candidates', 0, 'finishReason'],
    usage: 'usageMetadata',
  },
  { name: 'qwen', ask: askQwen, text: chatText, finish: ['choices', 0, 'finish_reason'], usage: 'usage' },
  { name: 'openai', ask: askOpenai, text: chatText, finish: ['choices', 0, 'finish_reason'], usage: 'usage' },
] as const;

const asked = (ask: Ask, fault: Fault | readonly Fault[], stream = false) => {
  simulator.script({ fault, times: 1 });
  return ask(simulator, PROMPT, { stream });
};

/** Reads a body as far as it comes: the text, and whether it ended by itself. */
async function readAll(response: Response): Promise<{ text: string; ended: boolean }> {
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const bytes of response.body ?? []) text += decoder.decode(bytes as Uint8Array, { stream: true });
    return { text, ended: true };
  } catch {
    return { text, ended: false };
  }
}

describe.each(wires)('on the $name wire', ({ ask, text, finish, usage }) => {
  it('reset without deltas tears the connection down before the status line', async () => {
    await expect(asked(ask, { kind: 'reset' })).rejects.toThrow('fetch failed');
    expect(simulator.stats().attempts).toEqual({ total: 1, running: 0, completed: 0, aborted: 0, broken: 1 });
    expect(simulator.stats().byStatus).toEqual({ none: 1 });
  });

  it.each([0, 1, 2])('reset after %i deltas lets exactly these through', async (afterDeltas) => {
    const response = await asked(ask, { kind: 'reset', afterDeltas }, true);
    const { text: body, ended } = await readAll(response);
    expect(ended).toBe(false);
    expect(parseEvents(body).filter((event) => text(event) !== '')).toHaveLength(afterDeltas);
    expect(simulator.stats().streams.broken).toBe(1);
    expect(simulator.requests()[0]).toMatchObject({ outcome: 'broken', deltas: afterDeltas, faults: ['reset'] });
  });

  it('reset after deltas breaks a whole answer in the middle', async () => {
    const { text: body, ended } = await readAll(await asked(ask, { kind: 'reset', afterDeltas: 1 }));
    expect(ended).toBe(false);
    expect(body.length).toBeGreaterThan(10);
  });

  it('stall without deltas sends nothing until the client leaves', async () => {
    const leave = new AbortController();
    simulator.script({ fault: { kind: 'stall' } });
    const answer = ask(simulator, PROMPT, { signal: leave.signal });
    await simulator.waitFor((stats) => stats.attempts.running === 1);
    leave.abort();
    await expect(answer).rejects.toThrow('abort');
    const stats = await simulator.waitFor(({ attempts }) => attempts.running === 0);
    expect(stats.attempts).toMatchObject({ aborted: 1, completed: 0 });
  });

  it('stall after deltas sends these and goes silent', async () => {
    const leave = new AbortController();
    simulator.script({ fault: { kind: 'stall', afterDeltas: 2 } });
    const response = await ask(simulator, PROMPT, { stream: true, signal: leave.signal });
    await simulator.waitFor(() => simulator.requests()[0]?.deltas === 2);
    leave.abort();
    const { ended } = await readAll(response);
    expect(ended).toBe(false);
    await simulator.waitFor(({ streams }) => streams.aborted === 1);
  });

  it('truncate ends a stream cleanly without a finish reason', async () => {
    const { text: body, ended } = await readAll(await asked(ask, { kind: 'truncate', afterDeltas: 2 }, true));
    const events = parseEvents(body);
    expect(ended).toBe(true);
    expect(body).not.toContain('[DONE]');
    expect(TEXT.startsWith(events.map(text).join(''))).toBe(true);
    expect(events.some((event) => at(event, ...finish))).toBe(false);
    expect(simulator.stats().streams).toMatchObject({ broken: 1, completed: 0 });
  });

  it('truncate never lets the finish through, however many deltas it asks for', async () => {
    const events = await readEvents(await asked(ask, { kind: 'truncate', afterDeltas: 1000 }, true));
    expect(events.some((event) => at(event, ...finish))).toBe(false);
  });

  it('truncate ends a whole answer cleanly in the middle of its JSON', async () => {
    const whole = JSON.stringify(await readJson(await ask(simulator, PROMPT)));
    const { text: body, ended } = await readAll(await asked(ask, { kind: 'truncate' }));
    expect(ended).toBe(true);
    expect(body.slice(0, 10)).toBe(whole.slice(0, 10));
    expect(() => JSON.parse(body)).toThrow(SyntaxError);
  });

  it('missingUsage leaves no usage anywhere', async () => {
    const events = await readEvents(await asked(ask, { kind: 'missingUsage' }, true));
    expect(events.map(text).join('')).toBe(TEXT);
    expect(events.some((event) => usage in event)).toBe(false);
    expect(at(events.at(-1), ...finish)).toBeTruthy();
    expect(await readJson(await asked(ask, { kind: 'missingUsage' }))).not.toHaveProperty(usage);
  });

  it('usageAfterFinish sends the usage in a later event', async () => {
    const events = await readEvents(await asked(ask, { kind: 'usageAfterFinish' }, true));
    const finishAt = events.findIndex((event) => at(event, ...finish));
    expect(finishAt).toBe(events.length - 2);
    expect(events[finishAt]?.[usage] ?? null).toBeNull();
    expect(events.at(-1)?.[usage]).toBeTruthy();
    expect(events.map(text).join('')).toBe(TEXT);
  });

  it('twoFinish has the finish reason twice and loses no text', async () => {
    const events = await readEvents(await asked(ask, { kind: 'twoFinish' }, true));
    expect(events.filter((event) => at(event, ...finish))).toHaveLength(2);
    expect(events.map(text).join('')).toBe(TEXT);
  });

  it('servedModel answers under another name, whole and in events', async () => {
    const fault: Fault = { kind: 'servedModel', model: 'other-model' };
    const names = (data: unknown) => at(data, 'modelVersion') ?? at(data, 'model');
    expect(names(await readJson(await asked(ask, fault)))).toBe('other-model');
    const events = await readEvents(await asked(ask, fault, true));
    expect(new Set(events.map(names))).toEqual(new Set(['other-model']));
  });

  it('empty is a 200 without a body', async () => {
    for (const stream of [false, true]) {
      const response = await asked(ask, { kind: 'empty' }, stream);
      expect([response.status, await response.text()]).toEqual([200, '']);
    }
  });

  it('html is a page of a gateway', async () => {
    const response = await asked(ask, { kind: 'html' });
    expect(response.status).toBe(502);
    expect(response.headers.get('content-type')).toBe('text/html');
    expect(await response.text()).toContain('<h1>502 Bad Gateway</h1>');
  });

  it('hugeError has a body of 10 MB', async () => {
    const response = await asked(ask, { kind: 'hugeError' });
    const size = (await response.text()).length;
    expect(response.status).toBe(500);
    expect(size).toBeGreaterThan(10 * 1024 * 1024);
  });

  it.each(['crlf', 'lf', 'cr'] as const)('%s is the line end of events', async (kind) => {
    const body = await (await asked(ask, { kind }, true)).text();
    const newline = { crlf: '\r\n', lf: '\n', cr: '\r' }[kind];
    expect(body.endsWith(newline + newline)).toBe(true);
    expect(body.replaceAll(newline, '')).not.toMatch(/[\r\n]/);
    expect(parseEvents(body).map(text).join('')).toBe(TEXT);
  });

  it('comments stand before every event', async () => {
    const body = await (await asked(ask, { kind: 'comments' }, true)).text();
    expect(body.match(/^: KEEP-ALIVE/gm)).toHaveLength(eventData(body).length);
    expect(parseEvents(body).map(text).join('')).toBe(TEXT);
  });

  it('multiLineData spreads the JSON of an event over several lines', async () => {
    const body = await (await asked(ask, { kind: 'multiLineData' }, true)).text();
    const lines = body.split(/\r?\n/).filter((line) => line.startsWith('data:'));
    expect(lines.length).toBeGreaterThan(3 * eventData(body).length);
    expect(parseEvents(body).map(text).join('')).toBe(TEXT);
  });

  it('faults combine', async () => {
    const faults: Fault[] = [{ kind: 'crlf' }, { kind: 'comments' }, { kind: 'missingUsage' }, { kind: 'truncate' }];
    const body = await (await asked(ask, faults, true)).text();
    expect(body).toContain(': KEEP-ALIVE\r\n');
    expect(parseEvents(body).some((event) => usage in event || at(event, ...finish))).toBe(false);
    expect(simulator.stats().byFault).toEqual({ crlf: 1, comments: 1, missingUsage: 1, truncate: 1 });
  });

  it.each([400, 401, 403, 404, 413, 418, 429, 499, 500, 503])(
    'status %i has a body of this provider',
    async (status) => {
      const response = await asked(ask, { kind: 'status', status });
      expect(response.status).toBe(status);
      expect(at(await response.json(), 'error', 'message')).toEqual(expect.any(String));
      expect(response.headers.get('retry-after')).toBeNull();
    },
  );
});

describe('errors inside a 200', () => {
  it('end a Gemini stream as bare JSON behind the events', async () => {
    const body = await (await asked(askGemini, { kind: 'errorInStream', afterDeltas: 2 }, true)).text();
    const tail = body.slice(body.lastIndexOf('\r\n\r\n') + 4);
    expect(eventData(body)).toHaveLength(2);
    expect(at(JSON.parse(tail), 'error')).toMatchObject({ code: 503, status: 'UNAVAILABLE' });
    expect(simulator.stats().streams.broken).toBe(1);
  });

  it.each([askQwen, askOpenai])('are events on the chat wires', async (ask) => {
    const events = await readEvents(await asked(ask, { kind: 'errorInStream', afterDeltas: 2, status: 500 }, true));
    expect(at(events.at(-1), 'error', 'message')).toEqual(expect.any(String));
    expect(events.filter((event) => chatText(event) !== '')).toHaveLength(2);
  });

  it('stand instead of a whole answer', async () => {
    for (const ask of [askGemini, askQwen, askOpenai]) {
      const response = await asked(ask, { kind: 'errorInStream' });
      expect(response.status).toBe(200);
      expect(at(await response.json(), 'error', 'message')).toEqual(expect.any(String));
    }
  });
});

describe('retry hints', () => {
  const hinted = (ask: Ask, hints?: Extract<Fault, { kind: 'status' }>['hints'], retryAfterMs = 1500) =>
    asked(ask, { kind: 'status', status: 429, retryAfterMs, ...(hints && { hints }) });

  it('are in the body of Gemini: rounded down in RetryInfo, exact in the text', async () => {
    const response = await hinted(askGemini);
    const data = await response.json();
    expect(response.headers.get('retry-after')).toBeNull();
    expect(at(data, 'error', 'message')).toMatch(/\nPlease retry in 1\.5s\.$/);
    expect(at(data, 'error', 'details', 2, 'retryDelay')).toBe('1s');
  });

  it('are short when the wait is', async () => {
    const data = await (await hinted(askGemini, undefined, 250)).json();
    expect(at(data, 'error', 'message')).toMatch(/\nPlease retry in 250ms\.$/);
    expect(at(data, 'error', 'details', 2, 'retryDelay')).toBe('0.25s');
  });

  it('can be RetryInfo or text alone', async () => {
    const info = await (await hinted(askGemini, ['retry-info'])).text();
    expect(info).toContain('RetryInfo');
    expect(info).not.toContain('Please retry in');
    const words = await (await hinted(askGemini, ['text'])).text();
    expect(words).not.toContain('RetryInfo');
    expect(words).toContain('Please retry in 1.5s.');
  });

  it('are headers elsewhere: seconds, an HTTP date, or milliseconds', async () => {
    for (const ask of [askQwen, askOpenai]) {
      expect((await hinted(ask)).headers.get('retry-after')).toBe('2');
      expect((await hinted(ask, ['retry-after-ms'])).headers.get('retry-after-ms')).toBe('1500');
      const before = Date.now();
      const date = (await hinted(ask, ['retry-after-date'])).headers.get('retry-after') ?? '';
      expect(date).toMatch(/GMT$/);
      expect(Date.parse(date)).toBeGreaterThanOrEqual(before + 1500);
    }
  });

  it.each(['per_day', 'limit_zero', 'spend_cap'])('come only when asked for, also with %s', async (reason) => {
    const text = await (await asked(askGemini, { kind: 'status', reason })).text();
    expect(text).not.toMatch(/RetryInfo|Please retry/);
    expect(JSON.parse(text)).toMatchObject({ error: { code: 429, status: 'RESOURCE_EXHAUSTED' } });
  });

  it('count requests of the model that come too early, and no others', async () => {
    await hinted(askQwen, undefined, 3_600_000);
    await askQwen(simulator, 'another model', { model: 'qwen-max' });
    await askGemini(simulator, 'another provider');
    expect(simulator.stats().retryAfterViolations).toBe(0);
    await askQwen(simulator, 'too early');
    expect(simulator.stats().retryAfterViolations).toBe(1);
    expect(simulator.requests().at(-1)?.earlyByMs).toBeGreaterThan(3_000_000);
  });

  it('are kept by who waits as long as the most precise one says', async () => {
    await hinted(askGemini, ['retry-info'], 0);
    await askGemini(simulator, 'in time');
    expect(simulator.stats().retryAfterViolations).toBe(0);
  });
});

describe('reasons of DashScope', () => {
  it.each([
    ['limit_requests', 429, 'limit_requests'],
    ['limit_burst_rate', 429, 'limit_burst_rate'],
    ['insufficient_quota', 429, 'insufficient_quota'],
    ['arrearage', 400, 'Arrearage'],
    ['free_tier_only', 403, 'AllocationQuota.FreeTierOnly'],
    ['data_inspection_failed', 400, 'data_inspection_failed'],
    ['internal_error', 500, 'internal_error'],
    ['model_unavailable', 503, 'ModelUnavailable'],
  ])('%s is a %i with its code', async (reason, status, code) => {
    const response = await asked(askQwen, { kind: 'status', reason });
    expect(response.status).toBe(status);
    expect(at(await response.json(), 'error', 'code')).toBe(code);
  });

  it('mean on another wire what their status means there', async () => {
    const response = await asked(askGemini, { kind: 'status', status: 429, reason: 'limit_requests' });
    expect(at(await response.json(), 'error', 'status')).toBe('RESOURCE_EXHAUSTED');
  });
});

describe('splitUtf8', () => {
  it.each([
    ['gemini', `/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse`],
    ['qwen', '/compatible-mode/v1/chat/completions'],
  ])('ends writes inside characters on the %s wire', async (_, path) => {
    simulator.script({ fault: { kind: 'splitUtf8' } });
    const content = 'echo: 天空是蓝色的，因为光在散射 ✨ — ça va';
    const body = {
      gemini: { contents: [{ parts: [{ text: content }] }] },
      qwen: { model: 'qwen-plus', stream: true, messages: [{ role: 'user', content }] },
    }[_ as 'gemini' | 'qwen'];
    const chunks = await rawChunks(path, JSON.stringify(body));
    const alone = chunks.filter((chunk) => !isWholeUtf8(chunk));
    expect(alone.length).toBeGreaterThan(2);
    const events = parseEvents(Buffer.concat(chunks).toString('utf8'));
    expect(events.map(_ === 'gemini' ? geminiText : chatText).join('')).toBe(content.slice('echo: '.length));
  });

  function isWholeUtf8(bytes: Buffer): boolean {
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes);
      return true;
    } catch {
      return false;
    }
  }

  function rawChunks(path: string, body: string): Promise<Buffer[]> {
    return new Promise((resolve, reject) => {
      const headers = { 'x-goog-api-key': 'test-key', authorization: 'Bearer test-key' };
      const call = request(simulator.url + path, { method: 'POST', headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(chunks));
      });
      call.on('error', reject).end(body);
    });
  }
});

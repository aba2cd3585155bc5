import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { openLedgerFile } from '@vibe/ledger-sqlite/file';
import { qwen } from '@vibe/provider-qwen';
import { startSimulator } from '@vibe/simulator';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Services } from '../services.js';
import { all, openCall, openLive, say } from '../testing/page.js';
import { type RunningChat, runChat } from '../testing/running-chat.js';
import { type LiveState, pageHeader, type Quote } from '../wire.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let chat: RunningChat;
beforeEach(async () => {
  chat = await runChat();
});
afterEach(() => chat.close());

/** A request as a hostile page, or a curious program, may send it: with any header. */
function raw(path: string, method: string, headers: Record<string, string>, body = ''): Promise<number> {
  const { hostname, port } = new URL(chat.url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

describe('a call', () => {
  it('tells its route, its hold, its pieces and its receipt, in this order, and is in the ledger', async () => {
    const { events } = await openCall(chat, say('echo: all is well', { model: 'qwen-plus' }));
    const told = await all(events);
    const types = told.map(({ type }) => type);
    expect([...new Set(types)]).toEqual(['plan', 'hold', 'delta', 'attempt', 'final']);
    const final = told.at(-1);
    if (final?.type !== 'final') throw new Error('no final');
    expect(final.text).toBe('all is well');
    expect(final.receipt).toMatchObject({ status: 'ok', providerMeta: { model: 'qwen-plus', endpoint: 'cn' } });
    expect(rows()).toMatchObject([
      { status: 'ok', model: 'qwen-plus', actualNanoUsd: final.receipt.cost.actualNanoUsd },
    ]);
  });

  it('that is stopped ends with what it cost, and its row is cancelled', async () => {
    chat.simulator('cn').script({ fault: { kind: 'hold', afterDeltas: 2 } });
    const input = say('tokens: 500', { model: 'qwen-plus' });
    const { events } = await openCall(chat, input);
    let last: unknown;
    for await (const event of events) {
      if (event.type === 'delta')
        await fetch(`${chat.url}/api/calls/${input.id}`, { method: 'DELETE', headers: fromPage() });
      last = event;
    }
    expect(last).toMatchObject({ type: 'final', receipt: { status: 'cancelled' } });
    const [row] = rows();
    expect(row).toMatchObject({ status: 'cancelled', last: true });
    expect(row?.actualNanoUsd).toBeGreaterThan(0);
  });

  it('whose page is closed is cancelled too', async () => {
    chat.simulator('cn').script({ fault: { kind: 'hold', afterDeltas: 2 } });
    const { events, leave } = await openCall(chat, say('tokens: 500', { model: 'qwen-plus' }));
    for await (const event of events) if (event.type === 'delta') break;
    leave();
    await chat.simulator('cn').waitFor(({ streams }) => streams.aborted === 1);
    await chat.close();
    expect(chat.simulator('cn').stats().streams).toMatchObject({ running: 0, aborted: 1 });
  });

  it('that takes most of a budget says so', async () => {
    const input = say('echo: nearly', { model: 'qwen-plus' });
    const quote = { method: 'POST', headers: fromPage(), body: JSON.stringify(input) };
    const { worstCaseUsd } = (await (await fetch(`${chat.url}/api/quote`, quote)).json()) as Quote;
    const narrow = await runChat({ dayLimitUsd: (worstCaseUsd ?? 0) * 1.1 });
    const told = await all((await openCall(narrow, input)).events);
    expect(told.at(-1)).toMatchObject({ type: 'final', receipt: { warnings: [{ code: 'budget_threshold' }] } });
    await narrow.close();
  });

  it('cannot run twice under one id', async () => {
    chat.simulator('cn').script({ fault: { kind: 'hold' } });
    const input = say('tokens: 500', { model: 'qwen-plus' });
    const first = await openCall(chat, input);
    await chat.simulator('cn').waitFor(({ streams }) => streams.running === 1);
    const second = await openCall(chat, input);
    expect((await all(second.events)).at(-1)).toMatchObject({ failure: { code: 'invalid_request' } });
    first.leave();
  });

  function rows() {
    const file = openLedgerFile({ path: chat.ledgerPath });
    const all = [...file.attempts()];
    file.close();
    return all;
  }
});

describe('the door', () => {
  it('is open for the page itself', async () => {
    const page = await fetch(chat.url);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('<title>');
    expect((await fetch(`${chat.url}/api/models`)).status).toBe(200);
  });

  it('has a content security policy without unsafe-inline, on pages and on answers', async () => {
    for (const path of ['/', '/report', '/chat.js', '/api/models', '/nowhere']) {
      const { headers } = await fetch(chat.url + path);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self'");
      expect(policy).toContain("require-trusted-types-for 'script'");
      expect(policy).not.toMatch(/unsafe|\*|https?:/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  it.each(['evil.example', 'evil.example:80', '127.0.0.1.evil.example', 'localhost.evil.example', '[::1]', '0.0.0.0'])(
    'is shut for the host %j, which only a rebound name has',
    async (host) => {
      expect(await raw('/', 'GET', { host })).toBe(421);
      expect(await raw('/api/models', 'GET', { host })).toBe(421);
    },
  );

  const paths: readonly (readonly [string, string])[] = [
    ['POST', '/api/calls'],
    ['POST', '/api/quote'],
    ['POST', '/api/faults'],
    ['DELETE', '/api/calls/x'],
  ];
  it.each(paths)('is shut for %s %s of another site', async (method, path) => {
    const { host } = new URL(chat.url);
    const json = { host, 'content-type': 'text/plain' };
    const body = method === 'POST' ? '{}' : '';
    const origin = `http://${host}`;
    expect(await raw(path, method, { ...json, origin: 'https://evil.example', [pageHeader]: '1' }, body)).toBe(403);
    expect(await raw(path, method, { ...json, origin: 'null', [pageHeader]: '1' }, body)).toBe(403);
    expect(await raw(path, method, { ...json, [pageHeader]: '1' }, body)).toBe(403);
    expect(await raw(path, method, { ...json, origin }, body)).toBe(403);
    expect(await raw(path, method, { ...json, origin, [pageHeader]: '1', 'sec-fetch-site': 'cross-site' }, body)).toBe(
      403,
    );
    expect(chat.simulator('cn').stats().attempts.total).toBe(0);
  });

  it('is shut for reads of another site', async () => {
    const { host } = new URL(chat.url);
    expect(await raw('/api/report', 'GET', { host, 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await raw('/api/report', 'GET', { host, 'sec-fetch-site': 'same-site' })).toBe(403);
  });

  it('lets nothing out but its own files', async () => {
    const { host } = new URL(chat.url);
    for (const path of ['/package.json', '/../package.json', '/%2e%2e/package.json', '/src/main.ts', '/simulated.db'])
      expect(await raw(path, 'GET', { host })).toBe(404);
  });

  it.each([
    ['no JSON', '{'],
    ['an empty object', '{}'],
    ['a foreign kind', JSON.stringify({ ...say('x'), kind: 'shell' })],
    ['a picture that is a page', JSON.stringify(say('x', {}, [{ mediaType: 'text/html', base64: 'AAAA' }]))],
    ['a picture that is no base64', JSON.stringify(say('x', {}, [{ mediaType: 'image/png', base64: '<b>' }]))],
    ['five pictures', JSON.stringify(say('x', {}, Array(5).fill({ mediaType: 'image/png', base64: 'AAAA' })))],
    ['a long message', JSON.stringify(say('x'.repeat(100_001)))],
    ['a foreign id', JSON.stringify({ ...say('x'), id: '../..' })],
  ])('refuses %s', async (_what, body) => {
    const response = await fetch(`${chat.url}/api/calls`, { method: 'POST', headers: fromPage(), body });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ failure: { code: 'invalid_request' } });
  });

  it('refuses what is too large, whether it says so or not', async () => {
    const body = 'x'.repeat(16_000_001);
    const declared = await fetch(`${chat.url}/api/calls`, { method: 'POST', headers: fromPage(), body });
    expect(declared.status).toBe(413);
    const stream = new Blob([body]).stream();
    const chunked = { method: 'POST', headers: fromPage(), body: stream, duplex: 'half' };
    expect((await fetch(`${chat.url}/api/calls`, chunked as RequestInit)).status).toBe(413);
  });
});

function fromPage(): Record<string, string> {
  return { origin: chat.url, [pageHeader]: '1', 'content-type': 'application/json' };
}

describe('the live state', () => {
  it('shows money held while a call runs and settled after it, and only the budget of its own conversation', async () => {
    chat.simulator('cn').script({ fault: { kind: 'hold' } });
    const input = say('tokens: 50', { model: 'qwen-plus' });
    const live = await openLive(chat, input.conversation);
    const stranger = await openLive(chat, randomUUID());
    const first = await live.states.next();
    expect(first.value?.budgets).toMatchObject([
      { id: 'today', heldNanoUsd: 0 },
      { id: 'conversation', heldNanoUsd: 0 },
    ]);
    const call = await openCall(chat, input);
    const held = await until(live.states, ({ budgets }) => budgets.every(({ heldNanoUsd }) => heldNanoUsd > 0));
    expect(held.budgets[1]?.heldNanoUsd).toBe(held.budgets[0]?.heldNanoUsd);
    await chat.simulator('cn').waitFor(({ streams }) => streams.running === 1);
    chat.simulator('cn').release();
    await all(call.events);
    const settled = await until(live.states, ({ budgets }) => budgets.every(({ heldNanoUsd }) => heldNanoUsd === 0));
    expect(settled.budgets.every(({ spentNanoUsd }) => spentNanoUsd > 0)).toBe(true);
    const seen = await until(stranger.states, ({ budgets }) => (budgets[0]?.spentNanoUsd ?? 0) > 0);
    expect(seen.budgets[1]).toMatchObject({ id: 'conversation', spentNanoUsd: 0 });
    live.leave();
    stranger.leave();
  });

  async function until(states: AsyncGenerator<LiveState>, isSo: (state: LiveState) => boolean): Promise<LiveState> {
    for (let state = await states.next(); !state.done; state = await states.next())
      if (isSo(state.value)) return state.value;
    throw new Error('The stream ended.');
  }
});

describe('a key', () => {
  it('reaches no page, no answer and no error, also when a provider refuses it', async () => {
    const key = 'sk-wrong-0123456789abcdef';
    const simulator = await startSimulator();
    const providers = [qwen({ apiKey: key, baseUrl: simulator.baseUrls.qwen })];
    const services: Services = { providers, simulators: new Map(), limits: {}, close: () => simulator.close() };
    const guarded = await runChat({ services });
    const { events } = await openCall(guarded, say('Hello', { model: 'qwen-plus' }));
    const told = await all(events);
    expect(told.at(-1)).toMatchObject({ failure: { code: 'auth' } });
    const texts = [JSON.stringify(told)];
    for (const path of ['/', '/chat.js', '/report.js', '/api/models', '/api/report'])
      texts.push(await (await fetch(guarded.url + path)).text());
    const body = JSON.stringify(say('Hello', { model: 'qwen-plus' }));
    const headers = { origin: guarded.url, [pageHeader]: '1' };
    texts.push(await (await fetch(`${guarded.url}/api/quote`, { method: 'POST', headers, body })).text());
    expect(texts.join('')).not.toContain(key);
    await guarded.close();
  });
});

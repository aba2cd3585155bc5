/** Everything a test in another process needs, over HTTP alone: per request, by rate, by schedule, and the counters. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../simulator.js';
import { askGemini, askOpenai, askQwen, at, postJson, readEvents } from '../testing.js';
import type { SimulatorStats } from '../watch/stats.js';
import type { Fault } from './fault.js';

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator();
});
afterEach(() => simulator.reset());
afterAll(() => simulator.close());

const control = (body: unknown) => postJson(`${simulator.url}/__control`, body, {});
const stats = async () => (await (await fetch(`${simulator.url}/__stats`)).json()) as SimulatorStats;

const every: readonly Fault[] = [
  { kind: 'status', status: 429, retryAfterMs: 1 },
  { kind: 'reset' },
  { kind: 'reset', afterDeltas: 1 },
  { kind: 'stall' },
  { kind: 'stall', afterDeltas: 1 },
  { kind: 'hold', afterDeltas: 1 },
  { kind: 'truncate' },
  { kind: 'errorInStream' },
  { kind: 'errorInStream', bare: true },
  { kind: 'missingUsage' },
  { kind: 'usageAfterFinish' },
  { kind: 'twoFinish' },
  { kind: 'servedModel', model: 'other' },
  { kind: 'slow', delayMs: 1 },
  { kind: 'empty' },
  { kind: 'html' },
  { kind: 'hugeError', bytes: 10 },
  { kind: 'hugeEvent' },
  { kind: 'crlf' },
  { kind: 'lf' },
  { kind: 'cr' },
  { kind: 'comments' },
  { kind: 'multiLineData' },
  { kind: 'splitUtf8' },
];

/** Sends a request and reads as much of the answer as comes by itself; leaves what goes silent. */
async function ask(headers: Record<string, string> = {}): Promise<void> {
  const leave = new AbortController();
  const answer = askQwen(simulator, 'tokens: 20', { stream: true, headers, signal: leave.signal });
  const read = answer.then((response) => response.text()).catch(() => '');
  const silent = simulator.requests().length + 1;
  await simulator.waitFor(() => simulator.requests().length === silent);
  const faults = simulator.requests()[silent - 1]?.faults ?? [];
  if (faults.includes('stall') || faults.includes('hold')) leave.abort();
  await read;
  await simulator.waitFor(({ attempts }) => attempts.running === 0);
}

describe.each(every)('$kind', (fault) => {
  it('is scripted by a POST, and by a header for one request', async () => {
    expect((await control({ fault, times: 1 })).status).toBe(200);
    await ask();
    await ask({ 'x-vibe-fault': JSON.stringify(fault) });
    await ask();
    const { attempts, byFault } = await stats();
    expect(byFault).toEqual({ [fault.kind]: 2 });
    expect(attempts).toMatchObject({ total: 3, running: 0 });
  });
});

describe('a rate', () => {
  let round = 0;
  const hits = async (seed: number) => {
    // with another rule before it or not, and however many there were
    const other = { match: { model: 'nobody' }, fault: { kind: 'html' } };
    await control({ reset: true, rules: [other, { fault: { kind: 'html' }, rate: 0.3, seed }].slice(round++ % 2) });
    const statuses: number[] = [];
    for (let count = 0; count < 40; count += 1) statuses.push((await askQwen(simulator, 'echo: a')).status);
    return statuses.map((status) => (status === 502 ? 'x' : '.')).join('');
  };

  it('hits the same requests for the same seed, wherever its rule stands', async () => {
    const first = await hits(7);
    expect(await hits(7)).toBe(first);
    expect(await hits(8)).not.toBe(first);
    expect(first).toMatch(/x.*\..*x/);
  });
});

describe('a schedule', () => {
  it('is a list of rules that follow each other', async () => {
    await control({
      rules: [
        { fault: { kind: 'status', status: 503 }, afterRequests: 1, times: 2 },
        // a rule counts the requests it is asked for: the first and the fourth
        { fault: { kind: 'html' }, afterRequests: 2, times: 1 },
      ],
    });
    const statuses: number[] = [];
    for (let count = 0; count < 6; count += 1) statuses.push((await askQwen(simulator, 'echo: a')).status);
    expect(statuses).toEqual([200, 503, 503, 200, 502, 200]);
  });

  it('ends at its moment', async () => {
    await control({ rules: [{ fault: { kind: 'html' }, untilMs: 0 }] });
    expect((await askQwen(simulator, 'echo: a')).status).toBe(200);
  });
});

describe('the counters', () => {
  it('tell of running and aborted streams, and of bytes', async () => {
    await control({ fault: { kind: 'stall', afterDeltas: 1 } });
    const leave = new AbortController();
    await askQwen(simulator, 'tokens: 20', { stream: true, signal: leave.signal });
    await simulator.waitFor(() => simulator.requests()[0]?.deltas === 1);
    expect(await stats()).toMatchObject({ attempts: { total: 1 }, streams: { running: 1, aborted: 0 } });
    leave.abort();
    await simulator.waitFor(({ streams }) => streams.aborted === 1);
    const { streams, bytesOut } = await stats();
    expect(streams).toMatchObject({ running: 0, aborted: 1 });
    expect(bytesOut).toBeGreaterThan(100);
  });

  it('tell of requests that came before a hint allowed', async () => {
    await control({ fault: { kind: 'status', status: 429, retryAfterMs: 3_600_000 }, times: 1 });
    await askQwen(simulator, 'a');
    await askQwen(simulator, 'a');
    expect((await stats()).retryAfterViolations).toBe(1);
  });

  it('count every byte of a body', async () => {
    for (const stream of [false, true]) {
      simulator.reset();
      const body = await (await askGemini(simulator, 'echo: ä', { stream })).arrayBuffer();
      expect((await stats()).bytesOut).toBe(body.byteLength);
    }
  });
});

describe('an event of more than a megabyte', () => {
  it.each([askGemini, askQwen, askOpenai])('is the first one with text', async (asks) => {
    simulator.script({ fault: { kind: 'hugeEvent' } });
    const events = await readEvents(await asks(simulator, 'tokens: 20', { stream: true }));
    const sizes = events.map((event) => String(at(event, 'padding') ?? '').length);
    expect(sizes.filter((size) => size > 0)).toEqual([2 * 1024 * 1024]);
  });
});

describe('a bare error', () => {
  it('stands behind the events of a chat', async () => {
    simulator.script({ fault: { kind: 'errorInStream', bare: true, status: 500 } });
    const text = await (await askQwen(simulator, 'tokens: 20', { stream: true })).text();
    const tail = text.slice(text.lastIndexOf('\n\n') + 2);
    expect(at(JSON.parse(tail), 'error', 'code')).toBe('internal_error');
  });
});

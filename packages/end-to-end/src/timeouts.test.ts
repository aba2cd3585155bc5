import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { gemini } from '@vibe/provider-gemini';
import { qwen } from '@vibe/provider-qwen';
import { failureOf } from '@vibe/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openHolds } from './testing/rows.js';
import { testKey, wires } from './testing/wires.js';
import { useWorld } from './testing/world.js';

const world = useWorld({}, 'file');
const once = { retry: { attempts: 1 }, maxOutputTokens: 200 } as const;
const patient = { breaker: { failures: 1_000_000, failRate: 1, windowMs: 1 } } as const;

/** Takes connections and never says a word: with https a connection never stands. */
let silent: Server;
const sockets = new Set<Socket>();
beforeAll(async () => {
  silent = createServer((socket) => sockets.add(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  silent.close();
});

describe('a connection that never stands', () => {
  it.each(['gemini', 'qwen'] as const)('ends after timeout.connectMs, free of charge: %s', async (name) => {
    const baseUrl = `https://127.0.0.1:${(silent.address() as AddressInfo).port}/compatible-mode/v1`;
    const provider = name === 'qwen' ? qwen({ apiKey: testKey, baseUrl }) : gemini({ apiKey: testKey, baseUrl });
    const vibe = world.client(provider, patient);
    const model = name === 'qwen' ? 'qwen-plus' : 'gemini-3.6-flash';
    for (const attempts of [1, 2]) {
      const error = await failureOf(
        vibe.generate({ model, prompt: 'Hi', retry: { attempts }, timeout: { connectMs: 60 } }),
      );
      expect(error).toMatchObject({ code: 'timeout', cost: { actualNanoUsd: 0 } });
      expect(error.message).toMatch(/^No connection to .* within timeout\.connectMs\. Nothing was sent\./);
      const rows = await vibe.rows(error.callId);
      expect(rows).toHaveLength(attempts);
      expect(rows[0]).toMatchObject({
        status: 'failed',
        error_code: 'timeout',
        cost_actual_nano: 0,
        usage_source: null,
      });
    }
    expect(openHolds(vibe.ledgerPath)).toBe(0);
  });

  it.each(['gemini', 'qwen'] as const)('is free of charge too when timeout.firstChunkMs ends it: %s', async (name) => {
    const baseUrl = `https://127.0.0.1:${(silent.address() as AddressInfo).port}/compatible-mode/v1`;
    const provider = name === 'qwen' ? qwen({ apiKey: testKey, baseUrl }) : gemini({ apiKey: testKey, baseUrl });
    const vibe = world.client(provider, patient);
    const model = name === 'qwen' ? 'qwen-plus' : 'gemini-3.6-flash';
    const asked = { ...once, model, prompt: 'Hi', timeout: { firstChunkMs: 60 } };
    const error = await failureOf(vibe.stream(asked).final());
    expect(error).toMatchObject({ code: 'timeout', cost: { actualNanoUsd: 0 }, details: { timeout: 'firstChunkMs' } });
    expect(error.message).toContain('nothing was sent');
    expect(await vibe.rows(error.callId)).toMatchObject([{ cost_actual_nano: 0, usage_source: null }]);
  });
});

const timeouts = [
  {
    name: 'the first chunk',
    fault: { kind: 'stall' },
    timeout: { firstChunkMs: 60 },
    message: /did not begin to answer within 60 ms \(timeout\.firstChunkMs\)/,
    source: 'estimated',
  },
  {
    name: 'the next chunk',
    fault: { kind: 'stall', afterDeltas: 1 },
    timeout: { chunkMs: 500 },
    message: /sent nothing for 500 ms in the middle of its answer \(timeout\.chunkMs\)/,
    source: 'partial',
  },
  {
    name: 'the end',
    fault: { kind: 'stall', afterDeltas: 1 },
    timeout: { totalMs: 2_000 },
    message: /did not end within 2000 ms \(timeout\.totalMs\)/,
    source: 'partial',
  },
] as const;

describe.each(wires)('$name', (wire) => {
  it.each(timeouts)('waits for $name as long as it may, and says which time was up', async (each) => {
    const vibe = world.client(wire.provider(world.simulator), patient);
    await vibe.generate({ model: wire.model, prompt: 'echo: warm' });
    world.simulator.script({ fault: each.fault });
    const request = { model: wire.model, prompt: 'tokens: 100', ...once, timeout: each.timeout };
    const error = await failureOf(vibe.stream(request).final());
    expect(error.code).toBe('timeout');
    expect(error.message).toMatch(each.message);
    expect(error.attempts).toMatchObject([{ status: 'failed', errorCode: 'timeout', usage: { source: each.source } }]);
    const rows = await vibe.rows(error.callId);
    expect(rows).toMatchObject([{ status: 'failed', error_code: 'timeout', usage_source: each.source }]);
    expect(openHolds(vibe.ledgerPath)).toBe(0);
    await world.simulator.waitFor(({ attempts }) => attempts.running === 0);
    expect(world.simulator.stats().streams.aborted).toBe(1);
  });

  it('may time out while it waits for a retry, and sends nothing more', async () => {
    const vibe = world.client(wire.provider(world.simulator), patient);
    const hints = ['retry-after-ms', 'retry-info'] as const;
    world.simulator.script({ fault: { kind: 'status', status: 429, retryAfterMs: 20_000, hints } });
    const timeout = { totalMs: 2_000 };
    const error = await failureOf(vibe.generate({ model: wire.model, prompt: 'Hi', timeout }));
    expect(error.message).toMatch(/timeout\.totalMs/);
    const rows = await vibe.rows(error.callId);
    expect(rows).toMatchObject([{ status: 'failed', error_code: 'provider_rate_limited', cost_actual_nano: 0 }]);
    expect(world.simulator.stats().attempts.total).toBe(1);
    expect(openHolds(vibe.ledgerPath)).toBe(0);
  });

  it('sends nothing when its signal was aborted before', async () => {
    const vibe = world.client(wire.provider(world.simulator), patient);
    const request = { model: wire.model, prompt: 'Hi', signal: AbortSignal.abort(new Error('too late')) };
    for (const work of [() => vibe.generate(request), () => vibe.stream(request).final()]) {
      const error = await failureOf(work());
      expect(error).toMatchObject({ code: 'cancelled', attempts: [], cost: { actualNanoUsd: 0 } });
      expect(await vibe.rows(error.callId)).toMatchObject([{ attempt: 0, status: 'cancelled' }]);
    }
    expect(world.simulator.stats().attempts.total).toBe(0);
    expect(openHolds(vibe.ledgerPath)).toBe(0);
  });
});

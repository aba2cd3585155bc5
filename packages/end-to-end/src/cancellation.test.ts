import { getEventListeners } from 'node:events';
import type { GenerationStream } from '@vibe/core';
import { failureOf } from '@vibe/testing';
import { describe, expect, it } from 'vitest';
import { attemptRows, openHolds } from './testing/rows.js';
import { wires } from './testing/wires.js';
import { type Client, useWorld } from './testing/world.js';

// However a caller leaves, the service is told, and what arrived is paid for once.

const world = useWorld();
const prompt = 'tokens: 400';

/** A stream that has shown its first words and keeps the rest back. */
async function begun(vibe: Client, model: string, options: object = {}) {
  world.simulator.script({ fault: { kind: 'hold', afterDeltas: 2 }, times: 1 });
  const stream = vibe.stream({ model, prompt, maxOutputTokens: 500, ...options });
  const iterator = stream[Symbol.asyncIterator]();
  for (;;) {
    const { value, done } = await iterator.next();
    if (done === true || value.type === 'delta') return { stream, iterator };
  }
}

type Begun = Awaited<ReturnType<typeof begun>>;

const leaving: Readonly<Record<string, (begun: Begun, vibe: Client, controller: AbortController) => unknown>> = {
  'return()': ({ iterator }) => iterator.return?.(),
  'cancel()': ({ stream }) => stream.cancel(),
  'an aborted signal': (_begun, _vibe, controller) => controller.abort(new Error('enough')),
  'close()': (_begun, vibe) => vibe.close(),
  'nobody reading on': () => undefined,
  'time that is up while nobody reads': () => undefined,
};

const timeouts: Readonly<Record<string, object>> = {
  'nobody reading on': { idleMs: 100 },
  'time that is up while nobody reads': { totalMs: 3_000 },
};

/** How the row says that it ended: time that is up is nobody's leaving, and the caller hears of it as an error. */
const cancelled = { status: 'cancelled', error_code: 'cancelled' };
const endings: Readonly<Record<string, object>> = {
  'time that is up while nobody reads': { status: 'failed', error_code: 'timeout' },
};

describe.each(wires)('$name', (wire) => {
  const open = () => world.client(wire.provider(world.simulator));

  it.each(Object.entries(leaving))('%s closes the connection and settles what arrived', async (name, leave) => {
    const vibe = open();
    const { usage: whole } = await vibe.generate({ model: wire.model, prompt, maxOutputTokens: 500 });
    const controller = new AbortController();
    const timeout = timeouts[name] ?? {};
    const started = await begun(vibe, wire.model, { signal: controller.signal, timeout });
    await leave(started, vibe, controller);
    await world.simulator.waitFor(({ streams, attempts }) => streams.aborted === 1 && attempts.running === 0);
    const { id } = await ended(started.stream);
    if (name !== 'close()') await vibe.flush();
    const rows = attemptRows(vibe.ledgerPath, id);
    expect(rows).toMatchObject([{ ...(endings[name] ?? cancelled), usage_source: 'partial' }]);
    const [row] = rows;
    const used = JSON.parse(String(row?.['usage_json'])) as Record<string, number>;
    // The input was sent as a whole; of the output, what came.
    expect(used['input_token']).toBeGreaterThanOrEqual(whole?.quantities['input_token'] ?? Number.NaN);
    expect(used['output_token']).toBeGreaterThan(0);
    expect(used['output_token']).toBeLessThan(400);
    expect(row?.cost_actual_nano).toBeGreaterThan(0);
    expect(openHolds(vibe.ledgerPath)).toBe(0);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    await vibe.close();
    await world.simulator.waitFor(({ connections }) => connections.open === 0);
  });

  it('break in a loop resolves when the row is written', async () => {
    const vibe = open();
    world.simulator.script({ fault: { kind: 'hold', afterDeltas: 2 } });
    const stream = vibe.stream({ model: wire.model, prompt, maxOutputTokens: 500 });
    for await (const event of stream) if (event.type === 'delta') break;
    expect(await stream.final()).toMatchObject({ status: 'cancelled', finishReason: 'cancelled' });
    expect(openHolds(vibe.ledgerPath)).toBe(0);
    await world.simulator.waitFor(({ streams }) => streams.aborted === 1);
  });

  it('a caller who leaves before the first word has paid for the input, as far as anybody knows', async () => {
    const vibe = open();
    world.simulator.script({ fault: { kind: 'stall' } });
    const controller = new AbortController();
    const answer = vibe.generate({ model: wire.model, prompt, maxOutputTokens: 500, signal: controller.signal });
    await world.simulator.waitFor(({ attempts }) => attempts.running === 1);
    controller.abort();
    const error = await failureOf(answer);
    expect(error).toMatchObject({ code: 'cancelled', usage: { unknown: true, source: 'estimated' } });
    expect(await vibe.rows(error.callId)).toMatchObject([{ status: 'cancelled', usage_source: 'estimated' }]);
    expect(openHolds(vibe.ledgerPath)).toBe(0);
    await world.simulator.waitFor(({ attempts }) => attempts.aborted === 1 && attempts.running === 0);
  });

  it("reads on behind a caller who left with onCancel: 'drain', so that the bill is exact", async () => {
    const vibe = open();
    const { stream, iterator } = await begun(vibe, wire.model, { onCancel: 'drain' });
    await iterator.return?.();
    world.simulator.release();
    const { id, status, usage } = await ended(stream);
    expect(status).toBe('cancelled');
    expect(usage).toMatchObject({ unknown: false, source: 'provider', quantities: { output_token: 400 } });
    expect(await vibe.rows(id)).toMatchObject([{ status: 'cancelled', usage_source: 'provider' }]);
    expect(world.simulator.stats().streams).toMatchObject({ aborted: 0, completed: 1 });
    expect(openHolds(vibe.ledgerPath)).toBe(0);
  });

  it('a hundred callers who leave at once leave nothing behind', async () => {
    const vibe = open();
    const streams = await Promise.all(Array.from({ length: 100 }, () => begun(vibe, wire.model)));
    await Promise.all(streams.map(({ iterator }) => iterator.return?.()));
    await world.simulator.waitFor(({ streams: seen, attempts }) => seen.aborted === 100 && attempts.running === 0);
    const rows = await vibe.rows();
    expect(rows).toHaveLength(100);
    expect(new Set(rows.map(({ status }) => status))).toEqual(new Set(['cancelled']));
    expect(openHolds(vibe.ledgerPath)).toBe(0);
  });
});

/** What became of a call, whether it counts as an answer or as an error. */
async function ended(stream: GenerationStream) {
  const { id, status, usage } = await stream.final().catch((error: unknown) => {
    const { callId: id, usage } = error as { callId: string; usage: unknown };
    return { id, status: 'cancelled', usage };
  });
  return { id, status, usage };
}

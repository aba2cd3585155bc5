import type { Fault } from '@vibe/simulator';
import { failureOf } from '@vibe/testing';
import { describe, expect, it } from 'vitest';
import { wires } from './testing/wires.js';
import { useWorld } from './testing/world.js';

// What a stream may look like, and what becomes of it.

const world = useWorld();
const text = '天空是蓝色的，因为光在散射 ✨ — ça va, toute la journée, vraiment bien';
const prompt = `echo: ${text}`;

const readable: readonly (readonly Fault[])[] = [
  [{ kind: 'splitUtf8' }],
  [{ kind: 'crlf' }],
  [{ kind: 'cr' }],
  [{ kind: 'lf' }],
  [{ kind: 'comments' }],
  [{ kind: 'multiLineData' }],
  [{ kind: 'hugeEvent' }],
  [{ kind: 'hugeEvent', bytes: 5_000_000 }, { kind: 'splitUtf8' }, { kind: 'multiLineData' }],
  [{ kind: 'twoFinish' }],
  [{ kind: 'usageAfterFinish' }],
  [{ kind: 'crlf' }, { kind: 'comments' }, { kind: 'multiLineData' }, { kind: 'splitUtf8' }, { kind: 'twoFinish' }],
];

describe.each(wires)('$name', (wire) => {
  const ask = (options = {}) =>
    world.light(wire.provider(world.simulator), options).stream({ model: wire.model, prompt, maxOutputTokens: 500 });

  it.each(readable.map((faults) => [faults.map(({ kind }) => kind).join(', '), faults] as const))(
    'reads a stream with %s as if it were none',
    async (_, faults) => {
      const plain = await ask().final();
      world.simulator.script({ fault: faults });
      const stream = ask();
      let seen = '';
      for await (const piece of stream.text) seen += piece;
      const { finishReason, usage, attempts } = await stream.final();
      expect(seen).toBe(text);
      expect(finishReason).toBe('stop');
      expect(usage).toEqual(plain.usage);
      expect(attempts).toHaveLength(1);
    },
  );

  it('estimates what it cost when the provider does not say', async () => {
    world.simulator.script({ fault: { kind: 'missingUsage' } });
    const { text: read, usage, cost } = await ask().final();
    expect(read).toBe(text);
    expect(usage).toMatchObject({ unknown: true, source: 'partial' });
    expect(usage?.quantities['output_token']).toBeGreaterThan(0);
    expect(cost.actualNanoUsd).toBeGreaterThan(0);
  });

  it.each<[Fault, string]>([
    [{ kind: 'truncate', afterDeltas: 0 }, 'stream_truncated'],
    [{ kind: 'truncate', afterDeltas: 2 }, 'stream_truncated'],
    [{ kind: 'truncate', afterDeltas: 1_000 }, 'stream_truncated'],
    [{ kind: 'empty' }, 'stream_truncated'],
    [{ kind: 'reset', afterDeltas: 2 }, 'stream_truncated'],
    [{ kind: 'errorInStream', afterDeltas: 2 }, 'provider_unavailable'],
    [{ kind: 'errorInStream', afterDeltas: 2, bare: true }, 'provider_unavailable'],
    [{ kind: 'errorInStream', afterDeltas: 2, status: 400 }, 'provider_rejected'],
    [{ kind: 'errorInStream', afterDeltas: 2, status: 429 }, 'provider_rate_limited'],
    [{ kind: 'errorInStream', afterDeltas: 2, status: 429, bare: true }, 'provider_rate_limited'],
  ])('never takes %j for an answer', async (fault, code) => {
    world.simulator.script({ fault });
    const request = { model: wire.model, prompt, retry: { attempts: 1 }, maxOutputTokens: 500 };
    const stream = world.light(wire.provider(world.simulator)).stream(request);
    let seen = '';
    const error = await failureOf(
      (async () => {
        for await (const event of stream) if (event.type === 'delta') seen += event.text ?? '';
      })(),
    );
    expect(error.code).toBe(code);
    expect(text.startsWith(seen)).toBe(true);
    expect(error.attempts).toMatchObject([{ status: 'failed', errorCode: code }]);
    if (seen !== '') expect(error.usage).toMatchObject({ unknown: true, source: 'partial' });
    expect(await failureOf(stream.final())).toBe(error);
  });
});

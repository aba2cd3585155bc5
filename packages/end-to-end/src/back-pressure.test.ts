import { setImmediate as turn } from 'node:timers/promises';
import type { ModelManifest, PluginInput } from '@vibe/core';
import { gemini } from '@vibe/provider-gemini';
import { openAiCompatible } from '@vibe/provider-kit/openai';
import type { Simulator } from '@vibe/simulator';
import { describe, expect, it } from 'vitest';
import { testKey } from './testing/wires.js';
import { useWorld } from './testing/world.js';

// A reader who takes his time is not read ahead for: what he has not asked for stays with the service.

const world = useWorld();
/** About 15 MB on the wire: far more than sockets and parsers may keep. */
const tokens = 60_000;

const manifest: ModelManifest = {
  id: 'qwen-plus',
  operations: ['chat'],
  input: ['text'],
  output: ['text'],
  streams: true,
  tools: false,
  structured: false,
  reasoning: false,
  tier: 'standard',
};
const services: readonly (readonly [string, (at: Simulator) => PluginInput])[] = [
  ['gemini-3.6-flash', ({ baseUrls }) => gemini({ apiKey: testKey, baseUrl: baseUrls.gemini })],
  [
    'acme/qwen-plus',
    ({ baseUrls }) =>
      openAiCompatible({
        id: 'acme',
        endpoints: [{ id: 'main', baseUrl: baseUrls.openai, apiKey: testKey }],
        models: [manifest],
      }),
  ],
];

describe.each(services)('%s', (model, provider) => {
  it('is read no faster than by its caller, and loses nothing', async () => {
    const vibe = world.light(provider(world.simulator));
    const prompt = `tokens: ${tokens}`;
    const stream = vibe.stream({ model, prompt, maxOutputTokens: tokens, reasoning: 'off' });
    const iterator = stream[Symbol.asyncIterator]();
    expect((await iterator.next()).value).toMatchObject({ type: 'delta' });
    await untilStill();
    const { streams, bytesOut: sentAhead } = world.simulator.stats();
    expect(streams).toMatchObject({ running: 1, completed: 0 });
    let events = 1;
    for (let step = await iterator.next(); step.done !== true; step = await iterator.next()) events++;
    const { usage } = await stream.final();
    expect((usage?.quantities['output_token'] ?? 0) + (usage?.quantities['reasoning_token'] ?? 0)).toBe(tokens);
    expect(events).toBeGreaterThan(tokens / 10);
    expect(world.simulator.stats().bytesOut).toBeGreaterThan(sentAhead);
  });
});

/** Until the simulator sends no more: both ends live in this process, so turns of its loop are what they need. */
async function untilStill(): Promise<void> {
  let still = 0;
  let sent = world.simulator.stats().bytesOut;
  while (still < 200) {
    await turn();
    const { bytesOut } = world.simulator.stats();
    still = bytesOut === sent ? still + 1 : 0;
    sent = bytesOut;
  }
}

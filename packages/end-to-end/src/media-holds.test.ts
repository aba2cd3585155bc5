/** Pictures and sound are held to the nano-dollar: refused when the budget is one short, admitted when it is exact. */
import { createVibe, type GenerationResponse, type Vibe, VibeError } from '@vibe/core';
import { pricingRegistry } from '@vibe/pricing-registry';
import { qwen } from '@vibe/provider-qwen';
import { type Simulator, startSimulator } from '@vibe/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const atMs = Date.UTC(2026, 10, 22);
let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());

function client(limitNanoUsd: number): Vibe {
  const { qwen: baseUrl, qwenNative: nativeBaseUrl } = simulator.baseUrls;
  return createVibe(
    {
      plugins: [qwen({ apiKey: 'a-key-for-tests', baseUrl, nativeBaseUrl }), pricingRegistry()],
      budgets: [{ window: 'total', limitUsd: limitNanoUsd / 1e9 }],
      mode: 'strict_budget',
    },
    { now: () => atMs },
  );
}

/** A minute of silence, 16 kHz. */
function minuteOfSound(): Uint8Array {
  const samples = 60 * 16_000 * 2;
  const bytes = Buffer.alloc(44 + samples);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(36 + samples, 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(16_000, 24);
  bytes.writeUInt32LE(32_000, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(samples, 40);
  return bytes;
}

const audio = { type: 'audio', mediaType: 'audio/wav', data: minuteOfSound() } as const;
const cases: readonly (readonly [string, number, (vibe: Vibe) => Promise<GenerationResponse>, string])[] = [
  // 4 × 0.20 CNY × 0.1433525
  ['four pictures', 114_682_000, (vibe) => vibe.paint({ model: 'qwen-image-2.0', prompt: 'A cat', count: 4 }), 'image'],
  // 60 s × 0.000032 USD, the length read from the header
  [
    'a minute of recognition',
    1_920_000,
    (vibe) => vibe.transcribe({ model: 'qwen3-asr-flash', audio }),
    'audio_second',
  ],
  // 200 ideographs, two characters each, × 0.8 / 10,000 CNY × 0.1433525 = 400 × 11,468.2
  [
    'a long speech',
    4_587_280,
    (vibe) => vibe.speak({ model: 'qwen3-tts-flash', text: '今天天气'.repeat(50) }),
    'character',
  ],
];

describe.each(cases)('%s', (_, nanoUsd, call, unit) => {
  it('is refused when the budget is one nano-dollar short, and nothing is sent', async () => {
    simulator.reset();
    const vibe = client(nanoUsd - 1);
    const error = await call(vibe).catch((thrown: unknown) => thrown);
    expect(VibeError.is(error, 'budget_exceeded')).toBe(true);
    expect(simulator.requests()).toHaveLength(0);
    await vibe.close();
  });

  it('is admitted when it is exact, and settles to what was used', async () => {
    const vibe = client(nanoUsd);
    const { cost, usage } = await call(vibe);
    expect(cost.actualNanoUsd).toBeGreaterThan(0);
    expect(cost.actualNanoUsd).toBeLessThanOrEqual(nanoUsd);
    expect(cost.lines.map((line) => line.unit)).toEqual([unit]);
    expect(usage).toMatchObject({ unknown: false, source: 'provider' });
    const [budget] = await vibe.budgets();
    expect(budget).toMatchObject({ spentNanoUsd: cost.actualNanoUsd, heldNanoUsd: 0 });
    await vibe.close();
  });
});

/** Whole calls: client, hold, HTTP, settlement, for every operation and kind of media. */
import { createVibe, type Ledger, memoryLedger, type Pricing, type Settlement, type VibeEvents } from '@vibe/core';
import { type Simulator, startSimulator } from '@vibe/simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gemini, uploadFile } from './index.js';
import { testKey } from './testing.js';

let simulator: Simulator;
let vibe: ReturnType<typeof createVibe>;
let settled: Settlement[];
let holds: VibeEvents['hold'][];

/** Nano-USD per unit; what is not here has no price, and then nothing could be sent in strict mode. */
const rates: Readonly<Record<string, number>> = {
  input_token: 300,
  output_token: 2_500,
  reasoning_token: 2_500,
  input_audio_token: 1_000,
  input_image_token: 300,
  output_audio_token: 10_000,
  output_image_token: 30_000,
  image: 40_000_000,
};

const prices: Pricing = {
  kind: 'pricing',
  price({ usage }) {
    const entries = Object.entries(usage.quantities).filter(([, quantity]) => (quantity ?? 0) > 0);
    if (entries.some(([unit]) => rates[unit] === undefined)) return null;
    const lines = entries.map(([unit, quantity = 0]) => {
      const nanoUsd = quantity * (rates[unit] ?? 0);
      return { unit, quantity, nanoUsd, usd: nanoUsd / 1e9, priceId: `test/${unit}` };
    });
    const totalNanoUsd = lines.reduce((sum, { nanoUsd }) => sum + nanoUsd, 0);
    return { lines, totalNanoUsd, priceIds: lines.map(({ priceId }) => priceId), currency: 'USD', fxRate: null };
  },
  rates: () => [],
};

beforeEach(async () => {
  simulator = await startSimulator();
  settled = [];
  holds = [];
  const inner = memoryLedger();
  const ledger: Ledger = {
    ...inner,
    settle: (callId, settlement) => {
      settled.push(settlement);
      return inner.settle(callId, settlement);
    },
  };
  const models = [{ id: 'imagen-4.0-generate-001', operations: ['paint'], streams: false, output: ['image' as const] }];
  vibe = createVibe({
    plugins: [gemini({ apiKey: testKey, baseUrl: simulator.baseUrls.gemini, models }), prices, ledger],
    mode: 'strict_budget',
    budgets: [{ window: 'day', limitUsd: 5 }],
  });
  vibe.on('hold', (hold) => holds.push(hold));
});
afterEach(async () => {
  await vibe.close();
  await simulator.close();
});

/** One settlement, with a price for every unit, within what was held. */
function expectPaid(units: readonly string[]): void {
  expect(settled).toHaveLength(1);
  const [{ usage, actualNanoUsd } = { usage: null, actualNanoUsd: null }] = settled;
  const billed = Object.entries(usage?.quantities ?? {}).filter(([, quantity]) => (quantity ?? 0) > 0);
  expect(billed.map(([unit]) => unit).sort()).toEqual([...units].sort());
  const held = holds[0]?.amountNanoUsd ?? 0;
  expect(actualNanoUsd).toBeGreaterThan(0);
  expect(actualNanoUsd ?? Number.NaN).toBeLessThanOrEqual(held);
}

/** A second of silence. */
const sound = { type: 'audio', mediaType: 'audio/wav', data: silence() } as const;
const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

function silence(): Uint8Array {
  const wav = Buffer.alloc(44 + 32_000);
  wav.write('RIFF', 0);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(16_000, 24);
  wav.writeUInt32LE(32_000, 28);
  wav.write('data', 36);
  return wav;
}

describe('a call through the whole chain', () => {
  it('looks at a picture', async () => {
    const response = await vibe.generate({
      model: 'gemini-2.5-flash-lite',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image', mediaType: 'image/png', data: Buffer.from(pixel, 'base64') },
            { type: 'text', text: 'What is this?' },
          ],
        },
      ],
    });
    expect(response.usage?.quantities['input_image_token']).toBe(258);
    expectPaid(['input_token', 'input_image_token', 'output_token']);
  });

  it('transcribes, and holds no more than the sound can cost', async () => {
    const response = await vibe.transcribe({ model: 'gemini-2.5-flash', audio: sound, language: 'German' });
    expect(response.text).toContain('simulated');
    expect(response.usage?.quantities).toMatchObject({ input_audio_token: 32 });
    expectPaid(['input_token', 'input_audio_token', 'output_token']);
    expect(holds[0]?.amountNanoUsd).toBeLessThan(10_000_000);
    const body = JSON.stringify(simulator.requests().at(-1)?.body);
    expect(body).toContain('The language of the audio is German.');
    expect(body).toContain('"thinkingBudget":0');
  });

  it('streams a transcript while the rest of it is held back', async () => {
    simulator.script({ fault: { kind: 'hold', afterDeltas: 1 } });
    const stream = vibe.transcribeStream({ model: 'gemini-2.5-flash', audio: sound });
    let deltas = 0;
    for await (const event of stream) {
      if (event.type !== 'delta') continue;
      deltas += 1;
      if (deltas > 1) continue;
      expect(simulator.stats().attempts).toMatchObject({ running: 1, completed: 0 });
      simulator.release();
    }
    expect(deltas).toBeGreaterThanOrEqual(3);
    expectPaid(['input_token', 'input_audio_token', 'output_token']);
  });

  it('stops the bill of a transcript when its reader leaves', async () => {
    simulator.script({ fault: { kind: 'hold', afterDeltas: 1 } });
    const stream = vibe.transcribeStream({ model: 'gemini-2.5-flash', audio: sound });
    for await (const event of stream) if (event.type === 'delta') break;
    const { status, usage } = await stream.final();
    await simulator.waitFor(({ attempts }) => attempts.aborted === 1);
    expect(status).toBe('cancelled');
    expect(usage).toMatchObject({
      source: 'partial',
      quantities: { input_audio_token: 32, output_token: expect.any(Number) },
    });
    expect(usage?.quantities['output_token']).toBeLessThan(10);
    expect(settled).toMatchObject([{ status: 'cancelled' }]);
  });

  it('speaks a file that plays', async () => {
    const response = await vibe.speak({
      model: 'gemini-2.5-flash-preview-tts',
      text: 'The sky is blue.',
      voice: 'Puck',
    });
    const [part] = response.content;
    if (part?.type !== 'audio') throw new Error('no sound');
    expect([part.mediaType, Buffer.from(part.data as Uint8Array).toString('latin1', 0, 4)]).toEqual([
      'audio/wav',
      'RIFF',
    ]);
    expectPaid(['input_token', 'output_audio_token']);
    expect(JSON.stringify(simulator.requests().at(-1)?.body)).toContain('"voiceName":"Puck"');
  });

  it('streams speech, and ends its bill with its reader', async () => {
    simulator.script({ fault: { kind: 'hold', afterDeltas: 2 } });
    const asked = { model: 'gemini-3.1-flash-tts-preview', text: 'The sky is blue, and so is the sea.' } as const;
    const stream = vibe.speakStream(asked);
    let pieces = 0;
    let bytes = 0;
    for await (const event of stream) {
      if (event.type !== 'delta' || event.part.type !== 'audio') continue;
      pieces += 1;
      bytes += (event.part.data as Uint8Array).byteLength;
      if (pieces === 2) simulator.release();
    }
    const whole = (await stream.final()).content[0];
    expect(pieces).toBeGreaterThanOrEqual(3);
    expect(whole?.type === 'audio' && (whole.data as Uint8Array).byteLength).toBe(bytes + 44);
    expectPaid(['input_token', 'output_audio_token']);
    simulator.reset();
    simulator.script({ fault: { kind: 'hold', afterDeltas: 1 } });
    const left = vibe.speakStream(asked);
    for await (const event of left) if (event.type === 'delta') break;
    const { usage } = await left.final();
    expect(usage?.quantities['output_audio_token']).toBeGreaterThan(0);
    expect(usage?.quantities['output_audio_token']).toBeLessThan(10);
  });

  it('says what it cannot do for speech', async () => {
    const { warnings, content } = await vibe.speak({
      model: 'gemini-2.5-flash-preview-tts',
      text: 'Hi',
      format: 'mp3',
    });
    expect(warnings).toMatchObject([{ code: 'unsupported_parameter', details: { parameter: 'format' } }]);
    expect(content).toMatchObject([{ mediaType: 'audio/wav' }]);
  });

  it('paints, from a picture too', async () => {
    const response = await vibe.paint({
      model: 'gemini-2.5-flash-image',
      prompt: 'A cat in the style of this',
      size: '1280x720',
      count: 2,
      images: [{ type: 'image', mediaType: 'image/png', data: pixel }],
    });
    expect(response.content.filter(({ type }) => type === 'image')).toHaveLength(1);
    expect(response.warnings.map(({ details }) => details?.['parameter'])).toEqual(['count', 'size']);
    expect(simulator.requests().at(-1)?.body).toMatchObject({
      generationConfig: { imageConfig: { aspectRatio: '16:9' } },
    });
    expectPaid(['input_token', 'input_image_token', 'output_image_token', 'output_token']);
  });

  it('paints with Imagen and pays for what was not filtered', async () => {
    const response = await vibe.paint({ model: 'imagen-4.0-generate-001', prompt: 'A cat. filter: 1', count: 3 });
    expect(response.content.map(({ type }) => type)).toEqual(['image', 'image']);
    expect(response.cost.actualNanoUsd).toBe(80_000_000);
    expect(holds[0]?.amountNanoUsd).toBe(120_000_000);
  });

  it('uploads a file and asks about it', async () => {
    const place = { apiKey: testKey, baseUrl: simulator.baseUrls.gemini, pollMs: 1 };
    const file = await uploadFile({
      data: Buffer.alloc(64_000),
      mediaType: 'audio/wav',
      displayName: 'processing: 1',
      ...place,
    });
    const content = [file, { type: 'text' as const, text: 'What is said?' }];
    const response = await vibe.generate({ model: 'gemini-2.5-flash-lite', messages: [{ role: 'user', content }] });
    expect(response.usage?.quantities['input_audio_token']).toBe(64);
    expectPaid(['input_token', 'input_audio_token', 'output_token']);
    const heard = await vibe.transcribe({ model: 'gemini-2.5-flash', audio: file });
    expect(heard.usage?.quantities['input_audio_token']).toBe(64);
  });

  it('describes every operation without sending anything or showing the key', async () => {
    const dry = { dryRun: true } as const;
    const responses = [
      await vibe.generate({ model: 'gemini-2.5-flash', prompt: 'Hi', ...dry }),
      await vibe.transcribe({ model: 'gemini-2.5-flash', audio: sound, ...dry }),
      await vibe.speak({ model: 'gemini-2.5-flash-preview-tts', text: 'Hi', ...dry }),
      await vibe.paint({ model: 'gemini-2.5-flash-image', prompt: 'A cat', ...dry }),
      await vibe.paint({ model: 'imagen-4.0-generate-001', prompt: 'A cat', ...dry }),
    ];
    for (const { plan } of responses) {
      expect(plan?.wire).toMatchObject({ method: 'POST', headers: { 'x-goog-api-key': '<redacted>' } });
      expect(plan?.worstCaseUsd).toBeGreaterThan(0);
      expect(JSON.stringify(plan)).not.toContain(testKey);
    }
    expect(responses.map(({ plan }) => plan?.wire?.url.split(':').at(-1))).toEqual([
      ...Array.from({ length: 4 }, () => 'generateContent'),
      'predict',
    ]);
    expect(simulator.stats().attempts.total).toBe(0);
    expect(settled).toEqual([]);
  });
});

describe('structured answers and tools', () => {
  const output = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } as const;

  it('fit their schema', async () => {
    const response = await vibe.generate({ model: 'gemini-3.5-flash', prompt: 'A city', output });
    expect(response.object).toEqual({ city: expect.any(String) });
  });

  it('call tools in parallel and go on with their results', async () => {
    const tools = ['weather', 'clock'].map((name) => ({ name, input: output }));
    const question = { role: 'user', content: 'call: weather {"city":"Bonn"}\ncall: clock {"city":"Bonn"}' } as const;
    for (const model of ['gemini-2.5-flash', 'gemini-3.5-flash']) {
      const first = await vibe.generate({ model, messages: [question], tools });
      expect(first.finishReason).toBe('tool_calls');
      const calls = first.content.flatMap((part) => (part.type === 'tool_call' ? [part] : []));
      expect(calls.map(({ name }) => name)).toEqual(['weather', 'clock']);
      const second = await vibe.generate({
        model,
        tools,
        messages: [
          question,
          { role: 'assistant', content: first.content },
          { role: 'tool', content: calls.map(({ id }) => ({ type: 'tool_result', id, output: 'fine' })) },
        ],
      });
      expect(second.finishReason).toBe('stop');
    }
  });
});

import { createVibe, type Warning } from '@vibe/core';
import { type Simulator, startSimulator } from '@vibe/simulator';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { gemini } from './plugin.js';
import { testKey } from './testing.js';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterEach(() => simulator.reset());
afterAll(() => simulator.close());

const client = () =>
  createVibe({
    plugins: [gemini({ apiKey: testKey, baseUrl: simulator.baseUrls.gemini })],
    defaults: { countTokens: true },
  });
const request = {
  model: 'gemini-3.5-flash',
  system: 'Be terse.',
  prompt: 'Why is the sky blue?',
  maxOutputTokens: 500,
};

/** Without a price list every call is told to be unpriced. */
const codes = (warnings: readonly Warning[]) => warnings.map(({ code }) => code).filter((code) => code !== 'unpriced');

it('counts what will be billed, by one free request before the call', async () => {
  const vibe = client();
  const { inputTokens } = await vibe.estimate({ ...request, countTokens: true });
  const { usage, warnings } = await vibe.generate(request);
  expect(usage?.quantities.input_token).toBe(inputTokens);
  expect(codes(warnings)).toEqual([]);
  expect(simulator.requests().map(({ path }) => path.replace(/^.*:/, ''))).toEqual([
    'countTokens',
    'countTokens',
    'generateContent',
  ]);
  const [, counted] = simulator.requests();
  expect(counted?.path).not.toContain(testKey);
  await vibe.close();
});

it('tells sound and pictures apart, which have prices of their own', async () => {
  const vibe = client();
  const image = { type: 'image', mediaType: 'image/png', data: Buffer.alloc(64) } as const;
  const text = { type: 'text', text: 'What is this?' } as const;
  const messages = [{ role: 'user' as const, content: [text, image] }];
  const { inputTokens } = await vibe.estimate({ model: 'gemini-2.5-flash', messages, countTokens: true });
  const { usage } = await vibe.generate({ model: 'gemini-2.5-flash', messages, maxOutputTokens: 50 });
  const { input_token: words = 0, input_image_token: pictures = 0 } = usage?.quantities ?? {};
  expect(pictures).toBeGreaterThan(0);
  expect(inputTokens).toBe(words + pictures);
  await vibe.close();
});

it('that is refused leaves the estimate and a warning without the key', async () => {
  const vibe = client();
  simulator.script({ fault: { kind: 'status', status: 404 }, times: 1 });
  const { status, warnings } = await vibe.generate(request);
  expect(status).toBe('ok');
  expect(codes(warnings)).toEqual(['tokens_not_counted']);
  expect(JSON.stringify(warnings)).not.toContain(testKey);
  await vibe.close();
});

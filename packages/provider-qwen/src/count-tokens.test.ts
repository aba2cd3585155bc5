import { createVibe, type Part, type Warning } from '@vibe/core';
import { type Simulator, startSimulator } from '@vibe/simulator';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { qwen } from './plugin.js';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterEach(() => simulator.reset());
afterAll(() => simulator.close());

function client(native = true) {
  const { qwen: baseUrl, qwenNative: nativeBaseUrl } = simulator.baseUrls;
  return createVibe({
    plugins: [qwen({ apiKey: 'a-key-for-tests', baseUrl, ...(native && { nativeBaseUrl }) })],
    defaults: { countTokens: true },
  });
}

const request = { model: 'qwen-plus', system: 'Be terse.', prompt: '代码改变世界', maxOutputTokens: 50 } as const;
const paths = () => simulator.requests().map(({ path }) => path.replace(/^.*\//, ''));

/** Without a price list every call is told to be unpriced. */
const codes = (warnings: readonly Warning[]) => warnings.map(({ code }) => code).filter((code) => code !== 'unpriced');

it('counts words by the tokenizer of the service, and bounds what stands around them', async () => {
  const vibe = client();
  const { inputTokens } = await vibe.estimate({ ...request, countTokens: true });
  const { usage, warnings } = await vibe.generate(request);
  const billed = usage?.quantities.input_token ?? Number.NaN;
  expect(inputTokens).toBeGreaterThanOrEqual(billed);
  expect(inputTokens).toBeLessThanOrEqual(billed + 15);
  expect(codes(warnings)).toEqual([]);
  expect(paths()).toEqual(['tokenizer', 'tokenizer', 'completions']);
  await vibe.close();
});

it('does not count pictures', async () => {
  const vibe = client();
  const content: readonly Part[] = [
    { type: 'text', text: 'What is this?' },
    { type: 'image', mediaType: 'image/png', data: Buffer.alloc(64) },
  ];
  const { warnings } = await vibe.generate({
    model: 'qwen3-vl-plus',
    messages: [{ role: 'user', content: [...content] }],
  });
  expect([paths(), codes(warnings)]).toEqual([['completions'], []]);
  await vibe.close();
});

it('that is refused leaves the estimate and a warning without the key', async () => {
  const vibe = client();
  simulator.script({ fault: { kind: 'status', status: 404 }, times: 1 });
  const { status, warnings } = await vibe.generate(request);
  expect([status, codes(warnings)]).toEqual(['ok', ['tokens_not_counted']]);
  expect(JSON.stringify(warnings)).not.toContain('a-key-for-tests');
  await vibe.close();
});

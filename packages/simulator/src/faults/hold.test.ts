import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../simulator.js';
import { askGemini, askOpenai, askQwen, postJson } from '../testing.js';

let simulator: Simulator;
beforeEach(async () => {
  simulator = await startSimulator();
});
afterEach(() => simulator.close());

it.each([
  ['gemini', askGemini],
  ['qwen', askQwen],
  ['openai', askOpenai],
])('holds the rest of a stream back until it is released: %s', async (_name, ask) => {
  simulator.script({ fault: { kind: 'hold', afterDeltas: 2 } });
  const response = await ask(simulator, 'tokens: 40', { stream: true });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const first = new TextDecoder().decode((await reader.read()).value);
  expect(first).not.toMatch(/STOP|"stop"/);
  expect(simulator.stats().attempts).toMatchObject({ running: 1, completed: 0 });
  expect(simulator.release()).toBe(1);
  let rest = '';
  for (let step = await reader.read(); !step.done; step = await reader.read())
    rest += new TextDecoder().decode(step.value);
  expect(rest).toMatch(/STOP|"stop"/);
  expect(simulator.stats().attempts.completed).toBe(1);
});

it('holds an answer in one piece back, and is released over HTTP, also before it waits', async () => {
  simulator.script({ fault: { kind: 'hold' }, delayMs: 0 });
  const response = await askGemini(simulator, 'echo: hello');
  await postJson(`${simulator.url}/__control`, { release: true }, {});
  expect(await response.text()).toContain('hello');
});

it('ends as aborted when the client leaves, and is released by a reset', async () => {
  simulator.script({ fault: { kind: 'hold' } });
  const abort = new AbortController();
  const response = await askGemini(simulator, 'tokens: 40', { stream: true, signal: abort.signal });
  abort.abort();
  await response.text().catch(() => undefined);
  await simulator.waitFor(({ attempts }) => attempts.aborted === 1);
  const held = await askGemini(simulator, 'tokens: 40', { stream: true });
  simulator.reset();
  expect(await held.text()).toContain('STOP');
});

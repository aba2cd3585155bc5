import { afterAll, beforeAll, expect, it } from 'vitest';
import { speechOf, wavOfSpeech } from '../media/speech.js';
import { type Simulator, startSimulator } from '../simulator.js';
import { askOpenai, at, readEvents, readJson } from '../testing.js';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());

const tools = ['weather', 'clock'].map((name) => ({
  type: 'function',
  function: { name, parameters: { type: 'object' } },
}));
const prompt = 'call: weather {"city":"Bonn"}\ncall: clock {}';

it('calls tools, several at once', async () => {
  const data = await readJson(await askOpenai(simulator, prompt, { fields: { tools } }));
  expect(at(data, 'choices', 0, 'finish_reason')).toBe('tool_calls');
  expect(at(data, 'choices', 0, 'message')).toMatchObject({
    content: null,
    tool_calls: [
      { function: { name: 'weather', arguments: '{"city":"Bonn"}' } },
      { function: { name: 'clock', arguments: '{}' } },
    ],
  });
  expect(at(data, 'usage', 'completion_tokens')).toBeGreaterThan(0);
});

it('streams calls in fragments', async () => {
  const events = await readEvents(await askOpenai(simulator, prompt, { fields: { tools }, stream: true }));
  const fragments = events
    .map((event) => at(event, 'choices', 0, 'delta', 'tool_calls', 0))
    .filter((each) => each !== undefined);
  const pieces = (index: number) =>
    fragments.filter((each) => at(each, 'index') === index).map((each) => at(each, 'function', 'arguments'));
  expect(fragments.filter((each) => at(each, 'id') !== undefined)).toHaveLength(2);
  expect([pieces(0).join(''), pieces(1).join('')]).toEqual(['{"city":"Bonn"}', '{}']);
  expect(pieces(0).length).toBeGreaterThan(2);
});

it('answers in JSON that fits the schema', async () => {
  const schema = { type: 'object', properties: { city: { type: 'string' }, size: { type: 'integer' } } };
  const ask = async (format: object) => {
    const data = await readJson(await askOpenai(simulator, 'A city', { fields: { response_format: format } }));
    return JSON.parse(String(at(data, 'choices', 0, 'message', 'content')));
  };
  const fitting = { city: expect.any(String), size: expect.any(Number) };
  expect(await ask({ type: 'json_schema', json_schema: { name: 'a', schema } })).toEqual(fitting);
  expect(await ask({ type: 'json_object' })).toEqual({ answer: 'simulated' });
});

it('counts pictures and sound', async () => {
  const data = wavOfSpeech(speechOf('hello hello hello hello')).toString('base64');
  const content = [
    { type: 'text', text: 'What is this?' },
    { type: 'image_url', image_url: { url: 'https://a.example/1.png' } },
    { type: 'input_audio', input_audio: { data, format: 'wav' } },
  ];
  const count = async (parts: readonly object[]) => {
    const answer = await readJson(
      await askOpenai(simulator, '', { fields: { messages: [{ role: 'user', content: parts }] } }),
    );
    return [at(answer, 'usage', 'prompt_tokens'), at(answer, 'usage', 'prompt_tokens_details', 'audio_tokens')].map(
      Number,
    );
  };
  const [plain = 0] = await count(content.slice(0, 1));
  expect(await count(content)).toEqual([plain + 85 + 14, 14]);
});

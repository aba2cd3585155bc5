import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import type { Part, ProviderEvent } from '@vibe/core';
import { present } from '../expect.js';
import { type ProviderTest, streams, test } from './provider-test.js';
import { joined, partsOf, read, resultOf } from './reading.js';
import { chatRequest, citySchema, weatherTool } from './requests.js';
import type { Scene } from './scene.js';
import { assertNoSecret } from './secrets.js';

const finishReasons = ['stop', 'length', 'tool_calls', 'content_filter', 'cancelled', 'other'];
const eventTypes = ['delta', 'tool_call_delta', 'usage', 'final'];

/** Deltas, then exactly one final. */
export const protocol: readonly ProviderTest[] = [
  test('answer', 'streams deltas, then exactly one final', async (scene) => endsOnce(scene, true), streams),
  test('answer', 'answers whole with exactly one final', async (scene) => endsOnce(scene, false)),
  test('answer', 'says in final what it said in its deltas', finalIsSum, streams),
  test('answer', 'says what the service said, and why it ended', saysWhatWasSaid),
  test('answer', 'keeps calls that run at the same time apart', keepsCallsApart),
  test(
    'toolCall',
    'gives the call of a tool as a part, in deltas and in final',
    callsTool,
    ({ tools }) => tools !== null,
  ),
  test(
    'toolCall',
    'streams fragments that join to the input of the call',
    streamsFragments,
    ({ tools }) => tools !== null,
  ),
  test('structured', 'gives the JSON it was asked for as text', answersInJson, ({ structured }) => structured !== null),
  test(
    'reasoning',
    'keeps what was thought apart from what was said',
    keepsThoughtsApart,
    ({ reasoning }) => reasoning !== null,
  ),
];

async function endsOnce(scene: Scene<'answer'>, incremental: boolean): Promise<void> {
  const model = incremental ? scene.abilities.streaming : scene.chatModel;
  const { events, thrown } = await read(scene, scene.call({ model, incremental }));
  if (thrown !== null) throw thrown.error;
  const types: readonly string[] = events.map(({ type }) => type);
  for (const type of types) ok(eventTypes.includes(type), `${type} is an event of a provider`);
  deepStrictEqual([types.filter((type) => type === 'final').length, types.at(-1)], [1, 'final']);
  if (incremental) ok(types.filter((type) => type === 'delta').length >= 2, `several deltas: ${types.join(', ')}`);
  for (const event of events) assertDelta(event);
  assertNoSecret(events, scene.secrets, 'the answer');
}

function assertDelta(event: ProviderEvent): void {
  if (event.type !== 'delta') return;
  strictEqual(event.text, event.part.type === 'text' ? event.part.text : undefined, 'text is set for text parts');
}

async function finalIsSum(scene: Scene<'answer'>): Promise<void> {
  const { result, events } = await resultOf(scene, scene.call({ model: scene.abilities.streaming }));
  for (const type of ['text', 'reasoning'] as const)
    strictEqual(joined(result.content, type), joined(partsOf(events), type), type);
}

async function saysWhatWasSaid(scene: Scene<'answer'>): Promise<void> {
  for (const incremental of [true, false]) {
    const { result } = await resultOf(scene, scene.call({ incremental }));
    const { text } = await scene.situation.said();
    if (text !== undefined) strictEqual(joined(result.content, 'text'), text);
    ok(joined(result.content, 'text') !== '', 'there is text');
    ok(finishReasons.includes(result.finishReason), `${result.finishReason} is a finish reason`);
    strictEqual(result.finishReason, 'stop');
    ok(result.rawFinishReason !== null && result.rawFinishReason !== '', "the provider's own word is kept");
    for (const field of ['servedModel', 'requestId'] as const)
      ok(result[field] === null || result[field] !== '', `${field} is a name, or null`);
  }
}

/** Several calls, pulled in turns, so that their events are bound to mix where anything is shared. */
async function keepsCallsApart(scene: Scene<'answer'>): Promise<void> {
  const calls = Array.from({ length: 4 }, () => ({
    iterator: scene.provider.stream(scene.call())[Symbol.asyncIterator](),
    events: [] as ProviderEvent[],
  }));
  const open = new Set(calls);
  while (open.size > 0) {
    for (const call of open) {
      const step = await scene.within(call.iterator.next(), 'the next event of one of several calls');
      if (step.done === true) open.delete(call);
      else call.events.push(step.value);
    }
  }
  for (const { events } of calls) {
    const last = events.at(-1);
    ok(last?.type === 'final', 'every call has its final event');
    const [whole, streamed] = [joined(last.result.content, 'text'), joined(partsOf(events), 'text')];
    ok(streamed === '' || streamed === whole, `"${streamed}" and "${whole}" are of one call`);
  }
}

const toolCalls = (parts: readonly Part[]) => parts.filter((part) => part.type === 'tool_call');

async function callsTool(scene: Scene<'toolCall'>): Promise<void> {
  const model = present(scene.abilities.tools, 'a model with tools');
  for (const incremental of model.streams === false ? [false] : [true, false]) {
    const request = chatRequest(model, { tools: [weatherTool] });
    const { result, events } = await resultOf(scene, scene.call({ model, request, incremental }));
    strictEqual(result.finishReason, 'tool_calls');
    const calls = toolCalls(result.content);
    ok(calls.length > 0, 'a call in final');
    for (const { id, name, input } of calls) {
      ok(id !== '' && name === weatherTool.name, `the call "${id}" of ${name} can be answered`);
      ok(typeof input === 'object' && input !== null, 'the input is parsed');
    }
    deepStrictEqual(calls, [...new Map(calls.map((call) => [call.id, call])).values()], 'every call has its own id');
    if (incremental) deepStrictEqual(toolCalls(partsOf(events)), calls, 'the same calls as deltas');
  }
}

async function streamsFragments(scene: Scene<'toolCall'>): Promise<void> {
  const model = present(scene.abilities.tools, 'a model with tools');
  const request = chatRequest(model, { tools: [weatherTool] });
  const { result, events } = await resultOf(scene, scene.call({ model, request }));
  const fragments = new Map<string, string>();
  for (const event of events)
    if (event.type === 'tool_call_delta') fragments.set(event.id, (fragments.get(event.id) ?? '') + event.inputText);
  for (const [id, inputText] of fragments) {
    const call = present(
      toolCalls(result.content).find((candidate) => candidate.id === id),
      `the whole call of the fragments "${id}"`,
    );
    deepStrictEqual(JSON.parse(inputText), call.input);
  }
}

async function answersInJson(scene: Scene<'structured'>): Promise<void> {
  const model = present(scene.abilities.structured, 'a model with structured output');
  const request = chatRequest(model, { output: citySchema });
  const { result } = await resultOf(scene, scene.call({ model, request, incremental: false }));
  const answer: unknown = JSON.parse(joined(result.content, 'text'));
  deepStrictEqual(Object.keys(answer as object).sort(), ['city', 'population']);
}

async function keepsThoughtsApart(scene: Scene<'reasoning'>): Promise<void> {
  const model = present(scene.abilities.reasoning, 'a model that thinks');
  const request = chatRequest(model, { reasoning: 'low' });
  const { result } = await resultOf(scene, scene.call({ model, request, incremental: model.streams !== false }));
  const { text } = await scene.situation.said();
  if (text !== undefined) strictEqual(joined(result.content, 'text'), text);
  ok(joined(result.content, 'text') !== '', 'there is an answer');
}

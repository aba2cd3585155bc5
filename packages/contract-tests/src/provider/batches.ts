import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { type ProviderCall, type ProviderEvent, VibeError } from '@vibe/core';
import { present } from '../expect.js';
import type { Abilities } from './abilities.js';
import { type ProviderTest, test } from './provider-test.js';
import { joined, partsOf, read } from './reading.js';
import type { Scene } from './scene.js';
import type { SituationName } from './situations.js';

const inBatches = ({ batches, streaming }: Abilities) => batches && streaming !== null;

/** A provider that gives its events in batches gives the same ones: a client reads nothing else then. */
export const batches: readonly ProviderTest[] = [
  test('answer', 'gives the same events in batches (streamed)', (scene) => sameEvents(scene, true), inBatches),
  test(
    'answer',
    'gives the same events in batches (whole)',
    (scene) => sameEvents(scene, false),
    (can) => can.batches && can.chat !== null,
  ),
  test('holdBack', 'closes its connection when the reader of its batches leaves', leaves, inBatches),
  test('holdBack', 'closes its connection when a call in batches is aborted', abortsInAnswer, inBatches),
  test('badKey', 'fails in batches as it fails one by one', failsTheSame, inBatches),
  test('truncated', 'hands on in batches what had arrived before a failure', handsOn, inBatches),
];

/** The batches of a call; null where the provider says that this call has none. */
function open(scene: Scene<SituationName>, call: ProviderCall) {
  return scene.provider.streamBatches?.(call)?.[Symbol.asyncIterator]() ?? null;
}

async function readBatches(scene: Scene<SituationName>, call: ProviderCall) {
  const events: ProviderEvent[] = [];
  const iterator = open(scene, call);
  if (iterator === null) return null;
  try {
    for (;;) {
      const step = await scene.within(iterator.next(), 'the next batch, or the end');
      if (step.done === true) return { events, error: null };
      ok(step.value.length > 0, 'no batch is empty');
      events.push(...step.value);
    }
  } catch (error) {
    return { events, error };
  }
}

/** Ids and the seams between pieces differ from call to call. */
function lasting(events: readonly ProviderEvent[]) {
  const last = events.at(-1);
  ok(last?.type === 'final', `the last event is final, not ${last?.type ?? 'nothing'}`);
  const { requestId: _, ...result } = last.result;
  const finals = events.filter(({ type }) => type === 'final').length;
  return { finals, result, text: joined(partsOf(events), 'text'), reasoning: joined(partsOf(events), 'reasoning') };
}

async function sameEvents(scene: Scene<'answer'>, incremental: boolean): Promise<void> {
  const call = scene.call({ model: incremental ? scene.abilities.streaming : scene.chatModel, incremental });
  const together = await readBatches(scene, call);
  if (together === null) return;
  if (together.error !== null) throw together.error;
  const apart = await read(scene, call);
  deepStrictEqual(lasting(together.events), lasting(apart.events));
}

async function firstBatch(scene: Scene<'holdBack'>, call: ProviderCall) {
  const iterator = open(scene, call);
  if (iterator === null) return null;
  for (;;) {
    const step = await scene.within(iterator.next(), 'the first batch, while the rest is held back');
    if (step.done === true) throw new Error('the answer was to be held back');
    if (step.value.some(({ type }) => type === 'delta')) return iterator;
  }
}

async function leaves(scene: Scene<'holdBack'>): Promise<void> {
  const iterator = await firstBatch(scene, scene.call({ model: scene.abilities.streaming }));
  if (iterator === null) return;
  await scene.within(present(iterator.return, 'return() of the iterator').call(iterator), 'return() resolves');
  await scene.within(scene.situation.left(), 'the service sees its client leave');
}

async function abortsInAnswer(scene: Scene<'holdBack'>): Promise<void> {
  const controller = new AbortController();
  const call = scene.call({ model: scene.abilities.streaming, signal: controller.signal });
  const iterator = await firstBatch(scene, call);
  if (iterator === null) return;
  const ending = iterator.next().then(
    () => null,
    (error: unknown) => ({ error }),
  );
  controller.abort(new VibeError('cancelled', 'The test is over.'));
  present(await scene.within(ending, 'the pending next() ends'), 'an error of the aborted call');
  await scene.within(scene.situation.left(), 'the service sees its client leave');
}

async function failsTheSame(scene: Scene<'badKey'>): Promise<void> {
  const call = scene.call({ model: scene.abilities.streaming });
  const together = await readBatches(scene, call);
  if (together === null) return;
  const apart = await read(scene, call);
  const codeOf = (error: unknown) => (VibeError.is(error) ? error.code : error);
  strictEqual(codeOf(together.error), codeOf(apart.thrown?.error));
}

async function handsOn(scene: Scene<'truncated'>): Promise<void> {
  const together = await readBatches(scene, scene.call({ model: scene.abilities.streaming }));
  if (together === null) return;
  ok(together.error !== null, 'a stream that was cut is an error');
  ok(partsOf(together.events).length > 0, 'what had arrived was handed on');
}

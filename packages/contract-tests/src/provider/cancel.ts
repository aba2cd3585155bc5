import { ok, strictEqual } from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { type ProviderCall, type ProviderEvent, VibeError } from '@vibe/core';
import { describeThrown, present } from '../expect.js';
import { type ProviderTest, streams, test } from './provider-test.js';
import { read, resultOf } from './reading.js';
import type { Scene } from './scene.js';

/** Whoever leaves stops the bill: the connection is closed, and nothing hangs. */
export const cancel: readonly ProviderTest[] = [
  test('holdBack', 'closes its connection when the reader leaves after the first delta', leaves, streams),
  test(
    'holdBack',
    'closes its connection when the call is aborted in the middle of the answer',
    abortsInAnswer,
    streams,
  ),
  test('silence', 'closes its connection when the call is aborted before the answer', (scene) =>
    abortsBeforeAnswer(scene, false),
  ),
  test(
    'silence',
    'closes it as well when the answer would be streamed',
    (scene) => abortsBeforeAnswer(scene, true),
    streams,
  ),
  test('answer', 'sends nothing for a call that is over already', sendsNothing),
  test('holdBack', 'goes on with the next call after one that was aborted', goesOn, streams),
  test('holdBack', 'lets a client that breaks off settle what it has cost', settlesBreak, streams),
];

const left = (scene: Scene<'holdBack' | 'silence'>) =>
  scene.within(scene.situation.left(), 'the service sees its client leave');

/** Reads to the first delta. What comes after it is held back. */
async function firstDelta(scene: Scene<'holdBack'>, call: ProviderCall) {
  const iterator = scene.provider.stream(call)[Symbol.asyncIterator]();
  for (;;) {
    const step = await scene.within(iterator.next(), 'the first delta, while the rest is held back');
    if (step.done === true || step.value.type === 'final') throw new Error('the answer was to be held back');
    if (step.value.type === 'delta') return iterator;
  }
}

async function leaves(scene: Scene<'holdBack'>): Promise<void> {
  const iterator = await firstDelta(scene, scene.call({ model: scene.abilities.streaming }));
  await scene.within(present(iterator.return, 'return() of the iterator').call(iterator), 'return() resolves');
  await left(scene);
}

async function abortsInAnswer(scene: Scene<'holdBack'>): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  const iterator = await firstDelta(scene, scene.call({ model: scene.abilities.streaming, signal }));
  const ending = errorOf(iterator);
  // What came together with the first delta passes, so that the abort meets a pull that really waits.
  await setImmediate();
  const reason = new VibeError('cancelled', 'The test is over.');
  controller.abort(reason);
  const thrown = present(await scene.within(ending, 'the pending next() ends'), 'an error of the aborted call');
  assertCancelled(thrown.error, reason);
  await left(scene);
  await scene.within(Promise.resolve(iterator.return?.()), 'return() resolves after the abort');
}

/** The chain gives the error its name; a defect, or a failure that would be repeated, it must not be. */
function assertCancelled(error: unknown, reason: unknown): void {
  if (error === reason || VibeError.is(error, 'cancelled')) return;
  const isAbort = error instanceof Error && error.name === 'AbortError';
  ok(isAbort, `an aborted call ends with its reason, cancelled or an AbortError, not with ${describeThrown(error)}`);
}

async function abortsBeforeAnswer(scene: Scene<'silence'>, incremental: boolean): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  const model = incremental ? scene.abilities.streaming : scene.chatModel;
  const iterator = scene.provider.stream(scene.call({ model, incremental, signal }))[Symbol.asyncIterator]();
  const ending = errorOf(iterator);
  await scene.within(scene.situation.arrived(), 'the request arrives at the service');
  const reason = new VibeError('cancelled', 'The test is over.');
  controller.abort(reason);
  const thrown = present(await scene.within(ending, 'the pending next() ends'), 'an error of the aborted call');
  assertCancelled(thrown.error, reason);
  await left(scene);
}

/** What a stream ends with when it is read on; null when it ends well. */
async function errorOf(iterator: AsyncIterator<ProviderEvent>): Promise<{ readonly error: unknown } | null> {
  try {
    while ((await iterator.next()).done !== true);
    return null;
  } catch (error) {
    return { error };
  }
}

async function sendsNothing(scene: Scene<'answer'>): Promise<void> {
  const reason = new VibeError('cancelled', 'The test was over before.');
  const { events, thrown } = await read(scene, scene.call({ signal: AbortSignal.abort(reason) }));
  strictEqual(events.length, 0);
  assertCancelled(present(thrown, 'an error of the aborted call').error, reason);
  strictEqual(scene.situation.requests().length, 0, 'requests that were sent');
}

async function goesOn(scene: Scene<'holdBack'>): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  const iterator = await firstDelta(scene, scene.call({ model: scene.abilities.streaming, signal }));
  controller.abort();
  await scene.within(errorOf(iterator), 'the aborted call ends');
  await left(scene);
  await scene.enter('answer');
  await resultOf(scene, scene.call({ model: scene.abilities.streaming }));
}

async function settlesBreak(scene: Scene<'holdBack'>): Promise<void> {
  const { vibe, settlements } = scene.client();
  const model = scene.reference(present(scene.abilities.streaming, 'a model that streams'));
  const stream = vibe.stream({ model, prompt: 'Explain in three sentences why the sky is blue.' });
  const iterator = stream[Symbol.asyncIterator]();
  await scene.within(iterator.next(), 'the first event');
  await scene.within(Promise.resolve(iterator.return?.()), 'the loop can be left');
  await left(scene);
  const response = await scene.within(stream.final(), 'final() of a call that was left');
  strictEqual(response.status, 'cancelled');
  strictEqual(settlements.length, 1);
  strictEqual(settlements[0]?.status, 'cancelled');
  ok((response.cost.actualNanoUsd ?? 0) > 0, 'what was sent is paid for');
}

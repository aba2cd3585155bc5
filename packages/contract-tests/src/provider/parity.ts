import { deepStrictEqual } from 'node:assert/strict';
import type { GenerationResponse } from '@vibe/core';
import { type ProviderTest, streams, test } from './provider-test.js';
import type { Scene } from './scene.js';

const prompt = 'Explain in three sentences why the sky is blue.';

/** `generate` and `stream` are two ways to the same answer. */
export const parity: readonly ProviderTest[] = [
  test('answer', 'gives the same response by generate and by stream', sameResponse, streams),
  test('noUsage', 'knows and does not know the same in both', sameUnknowns, streams),
];

/** Everything but ids and times. */
function lasting(response: GenerationResponse) {
  const { content, text, object, status, finishReason, rawFinishReason, usage, cost, downgradedFrom, warnings } = response;
  const { requestId: _, ...providerMeta } = response.providerMeta;
  return {
    content,
    text,
    object,
    status,
    finishReason,
    rawFinishReason,
    usage,
    cost,
    downgradedFrom,
    warnings,
    providerMeta,
    attempts: response.attempts.map(({ status: outcome, usage: used, actualNanoUsd }) => ({ outcome, used, actualNanoUsd })),
  };
}

async function both(scene: Scene<'answer' | 'noUsage'>) {
  const { vibe, model } = scene.client();
  const whole = await scene.within(vibe.generate({ model, prompt }), 'the whole answer');
  const streamed = await scene.within(vibe.stream({ model, prompt }).final(), 'the streamed answer');
  return { whole, streamed };
}

async function sameResponse(scene: Scene<'answer'>): Promise<void> {
  const { whole, streamed } = await both(scene);
  deepStrictEqual(lasting(streamed), lasting(whole));
}

async function sameUnknowns(scene: Scene<'noUsage'>): Promise<void> {
  const { whole, streamed } = await both(scene);
  deepStrictEqual([streamed.text, streamed.usage?.unknown], [whole.text, whole.usage?.unknown]);
}

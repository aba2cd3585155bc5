import { deepStrictEqual } from 'node:assert/strict';
import type { GenerationResponse, Part } from '@vibe/core';
import { type ProviderTest, streams, test } from './provider-test.js';
import type { Scene } from './scene.js';

const prompt = 'Explain in three sentences why the sky is blue.';

/** `generate` and `stream` are two ways to the same answer. */
export const parity: readonly ProviderTest[] = [
  test('answer', 'gives the same response by generate and by stream', sameResponse, streams),
  test('noUsage', 'knows and does not know the same in both', sameUnknowns, streams),
];

/** Everything but ids, times and the seams between parts. */
function lasting(response: GenerationResponse) {
  const { text, object, status, finishReason, rawFinishReason, usage, cost, downgradedFrom, warnings } = response;
  const { requestId: _, ...providerMeta } = response.providerMeta;
  return {
    content: merged(response.content),
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
    attempts: response.attempts.map(({ status: outcome, usage: used, actualNanoUsd }) => ({
      outcome,
      used,
      actualNanoUsd,
    })),
  };
}

/** Into how many parts a text is cut, and to which of them opaque data belong, is for the service to say. */
function merged(content: readonly Part[]): readonly Part[] {
  const parts: Part[] = [];
  for (const { providerData: _, ...part } of content) {
    const last = parts.at(-1);
    const isText = part.type === 'text' || part.type === 'reasoning';
    if (isText && part.text === '') continue;
    if (isText && last?.type === part.type) parts[parts.length - 1] = { ...part, text: last.text + part.text };
    else parts.push(part);
  }
  return parts;
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

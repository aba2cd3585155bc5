import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import type { GenerationResponse, Operation, OperationRequest, Vibe } from '@vibe/core';
import { present } from '../expect.js';
import { isServed } from './abilities.js';
import { type ProviderTest, streams, test } from './provider-test.js';
import { smallestRequest } from './requests.js';
import { assertResponseShape } from './response-shape.js';
import type { Client, Scene } from './scene.js';

const prompt = 'Explain in three sentences why the sky is blue.';
const always = () => true;

/** Responses look the same from every provider, and the ledger has the same numbers. */
export const shape: readonly ProviderTest[] = [
  test('answer', 'has every key of a response, for every operation', answersOfEveryOperation, always),
  test('answer', 'has every key of a response in a dry run', dryRun),
  test('holdBack', 'has every key of a response that was cancelled', cancelled, streams),
  test('answer', 'has the same numbers in the response and in the ledger', rowEqualsResponse),
  test('answer', 'says exactly who served the call', namesItsTarget),
];

async function answersOfEveryOperation(scene: Scene<'answer'>): Promise<void> {
  const { vibe } = scene.client();
  for (const operation of new Set(scene.provider.models.flatMap(({ operations }) => operations))) {
    const model = scene.provider.models.find(
      (candidate) => isServed(scene.provider, candidate) && candidate.operations.includes(operation),
    );
    const request = model === undefined ? null : smallestRequest(operation, model);
    if (model === undefined || request === null) continue;
    const response = await scene.within(ask(vibe, request, scene.reference(model)), `the answer of ${operation}`);
    strictEqual(response.status, 'ok');
    assertShapeOf(response, operation);
  }
}

function assertShapeOf(response: GenerationResponse, what: Operation): void {
  assertResponseShape(response, what);
  assertResponseShape(JSON.parse(JSON.stringify(response)) as GenerationResponse, `${what}, as JSON,`);
}

function ask(vibe: Vibe, { operation, request }: OperationRequest, model: string): Promise<GenerationResponse> {
  switch (operation) {
    case 'chat':
      return vibe.generate({ prompt: request.prompt ?? prompt, model });
    case 'transcribe':
      return vibe.transcribe({ ...request, model });
    case 'speak':
      return vibe.speak({ ...request, model });
    case 'paint':
      return vibe.paint({ ...request, model });
  }
}

async function dryRun(scene: Scene<'answer'>): Promise<void> {
  const { vibe, model } = scene.client();
  const response = await vibe.generate({ model, prompt, dryRun: true });
  strictEqual(response.status, 'dry_run');
  assertShapeOf(response, 'dry run');
}

async function cancelled(scene: Scene<'holdBack'>): Promise<void> {
  const { vibe, settlements } = scene.client();
  const model = scene.reference(present(scene.abilities.streaming, 'a model that streams'));
  const stream = vibe.stream({ model, prompt });
  const iterator = stream[Symbol.asyncIterator]();
  await scene.within(iterator.next(), 'the first event');
  await scene.within(stream.cancel(), 'the settlement of a cancelled call');
  const response = await stream.final();
  strictEqual(response.status, 'cancelled');
  assertShapeOf(response, 'cancelled');
  assertRow(response, settlements);
}

function assertRow(response: GenerationResponse, settlements: Client['settlements']): void {
  strictEqual(settlements.length, 1, 'settlements of one call');
  const row = present(settlements[0], 'the settlement');
  deepStrictEqual(row.attempts, response.attempts);
  deepStrictEqual(row.usage, response.usage);
  deepStrictEqual([row.actualNanoUsd, row.lines], [response.cost.actualNanoUsd, response.cost.lines]);
}

async function rowEqualsResponse(scene: Scene<'answer'>): Promise<void> {
  const { vibe, model, settlements } = scene.client();
  const response = await scene.within(vibe.generate({ model, prompt }), 'the answer');
  assertRow(response, settlements);
  const { totals } = await vibe.report({});
  deepStrictEqual([totals.calls, totals.attempts, totals.ok], [1, 1, 1]);
  strictEqual(totals.costNanoUsd, response.cost.actualNanoUsd);
  deepStrictEqual(totals.quantities, response.usage?.quantities);
  ok((response.cost.actualNanoUsd ?? 0) > 0, 'an answer costs something');
}

async function namesItsTarget(scene: Scene<'answer'>): Promise<void> {
  const { vibe, model } = scene.client();
  const { providerMeta } = await scene.within(vibe.generate({ model, prompt }), 'the answer');
  const { endpoint } = scene.call();
  deepStrictEqual(
    [providerMeta.provider, providerMeta.profile, providerMeta.endpoint, providerMeta.region, providerMeta.model],
    [scene.provider.id, scene.provider.profile ?? 'default', endpoint.id, endpoint.region, scene.chatModel.id],
  );
}

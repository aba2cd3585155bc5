import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import type { ProviderCall, WireRequest } from '@vibe/core';
import { present } from '../expect.js';
import { type ProviderTest, test } from './provider-test.js';
import { read, resultOf } from './reading.js';
import { chatRequest, weatherTool } from './requests.js';
import type { Scene } from './scene.js';
import { assertNoSecret } from './secrets.js';

const describes = ({ describes: can }: { readonly describes: boolean }) => can;

/** What would be sent: exactly that, without a key, and without sending it. */
export const dryRun: readonly ProviderTest[] = [
  test('answer', 'describes exactly what it sends (whole)', (scene) => describesWhatItSends(scene, false), describes),
  test('answer', 'describes exactly what it sends (streamed)', (scene) => describesWhatItSends(scene, true), describes),
  test('answer', 'describes a request to the endpoint of the call', describesItsEndpoint, describes),
  test('answer', 'describes a call with tools exactly', describesTools, (a) => a.describes && a.tools !== null),
  test('answer', 'shows a client the request of a dry run, and sends nothing', showsClient, describes),
  test('badKey', 'describes without asking the service whether the key is good', describesUnasked, describes),
];

function describe(scene: Scene<'answer' | 'badKey'>, call: ProviderCall): WireRequest {
  const wire = present(scene.provider.describe?.(call), 'the description');
  assertNoSecret(wire, scene.secrets, 'the description');
  return wire;
}

async function assertSent(scene: Scene<'answer'>, call: ProviderCall): Promise<void> {
  const wire = describe(scene, call);
  strictEqual(scene.situation.requests().length, 0, 'requests sent by describe');
  await resultOf(scene, call);
  const requests = scene.situation.requests();
  strictEqual(requests.length, 1, 'requests sent by describe and stream together');
  const sent = present(requests[0], 'the request that was sent');
  strictEqual(wire.method, sent.method);
  strictEqual(new URL(wire.url).pathname, new URL(sent.path, wire.url).pathname);
  deepStrictEqual(wire.body, sent.body);
}

async function describesWhatItSends(scene: Scene<'answer'>, incremental: boolean): Promise<void> {
  await assertSent(
    scene,
    scene.call({ incremental, model: (incremental ? scene.abilities.streaming : null) ?? scene.chatModel }),
  );
}

/** Which region may see a request is decided by its endpoint. */
async function describesItsEndpoint(scene: Scene<'answer'>): Promise<void> {
  const call = scene.call();
  for (const endpoint of scene.provider.endpoints) {
    if (!(call.model.endpoints?.includes(endpoint.id) ?? true)) continue;
    const { url } = describe(scene, { ...call, endpoint });
    const places = [endpoint, ...(endpoint.alsoUses ?? [])].map(({ baseUrl }) => baseUrl);
    ok(
      places.some((place) => url.startsWith(place)),
      `a call of the endpoint "${endpoint.id}" goes to ${url}, which is none of ${places.join(', ')}`,
    );
  }
}

async function describesTools(scene: Scene<'answer'>): Promise<void> {
  const model = present(scene.abilities.tools, 'a model with tools');
  await assertSent(
    scene,
    scene.call({ model, request: chatRequest(model, { tools: [weatherTool] }), incremental: false }),
  );
}

async function showsClient(scene: Scene<'answer'>): Promise<void> {
  const { vibe, model, settlements } = scene.client();
  const response = await vibe.generate({ model, prompt: 'Why is the sky blue?', dryRun: true });
  const { wire } = present(response.plan, 'the plan');
  const { method, url, headers, body } = present(wire, 'the request in the plan');
  ok(method !== '' && URL.canParse(url) && typeof headers === 'object' && body !== null, 'a whole request');
  assertNoSecret(response, scene.secrets, 'a dry run');
  strictEqual(scene.situation.requests().length, 0, 'requests that were sent');
  strictEqual(settlements.length, 0, 'settlements');
}

async function describesUnasked(scene: Scene<'badKey'>): Promise<void> {
  const call = scene.call();
  describe(scene, call);
  strictEqual(scene.situation.requests().length, 0);
  const { thrown } = await read(scene, call);
  ok(thrown !== null, 'the service does refuse the key');
}

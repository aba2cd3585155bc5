import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import type { ModelManifest, Operation } from '@vibe/core';
import { isServed } from './abilities.js';
import { type ProviderTest, test } from './provider-test.js';
import { partsOf, resultOf } from './reading.js';
import { smallestRequest } from './requests.js';
import type { Scene } from './scene.js';
import { assertNoSecret } from './secrets.js';
import type { SituationName } from './situations.js';

const always = () => true;
const tiers = ['economy', 'standard', 'premium'];
/** What each operation takes and gives. */
const modalities: Readonly<Record<string, { readonly input: readonly string[]; readonly output: string }>> = {
  chat: { input: ['text'], output: 'text' },
  // a model of files takes no bytes
  transcribe: { input: ['audio', 'file_ref'], output: 'text' },
  speak: { input: ['text'], output: 'audio' },
  paint: { input: ['text'], output: 'image' },
};

/** What the provider says about itself, and whether it is true. */
export const manifest: readonly ProviderTest[] = [
  test('answer', 'names itself, its endpoints and its models, each once', namesEverythingOnce, always),
  test('answer', 'says where every endpoint is, and which key it lacks', describesEndpoints, always),
  test('answer', 'says of every model what it takes, gives and can do', describesModels, always),
  test('answer', 'does what every model declares', doesWhatItDeclares, always),
  test('answer', 'streams where it says so, and answers whole where nobody looks at deltas', streamsAsDeclared),
  test(
    'answer',
    'shows no key',
    async ({ provider, secrets }) => assertNoSecret(provider, secrets, 'the provider'),
    always,
  ),
  test('answer', 'answers a ping without asking the model', pings, (abilities) => abilities.pings),
  test('badKey', 'says in a ping that its key is refused, and does not throw', pingsWithBadKey, ({ pings }) => pings),
];

async function namesEverythingOnce({ provider }: Scene<'answer'>): Promise<void> {
  ok(/^\S+$/.test(provider.id) && !provider.id.includes('/'), `"${provider.id}" can stand before a model's name`);
  ok(provider.endpoints.length > 0, 'at least one endpoint');
  ok(provider.models.length > 0, 'at least one model');
  const endpointIds = provider.endpoints.map(({ id }) => id);
  deepStrictEqual(endpointIds, [...new Set(endpointIds)], 'endpoints');
  const names = provider.models.flatMap(({ id, aliases = [] }) => [id, ...aliases]);
  deepStrictEqual(names, [...new Set(names)], 'models and aliases');
  for (const name of [...endpointIds, ...names]) ok(name.trim() !== '', 'no name is empty');
}

async function describesEndpoints({ provider, secrets }: Scene<'answer'>): Promise<void> {
  for (const { id, region, baseUrl, keyPresent, keyName, alsoUses = [] } of provider.endpoints) {
    for (const place of [{ region, baseUrl }, ...alsoUses]) {
      ok(typeof place.region === 'string' && place.region !== '', `${id}: the region is declared`);
      ok(URL.canParse(place.baseUrl), `${id}: "${place.baseUrl}" is a URL`);
    }
    if (!keyPresent()) ok(keyName !== undefined && keyName !== '', `${id} has no key: keyName says which one to set`);
    assertNoSecret({ baseUrl, keyName, alsoUses }, secrets, `the endpoint ${id}`);
  }
  ok(
    provider.endpoints.some((endpoint) => endpoint.keyPresent()),
    'the subject has a key for at least one endpoint',
  );
}

async function describesModels({ provider }: Scene<'answer'>): Promise<void> {
  const endpointIds = provider.endpoints.map(({ id }) => id);
  for (const model of provider.models) {
    ok(model.operations.length > 0, `${model.id} can do something`);
    ok([true, false, 'only'].includes(model.streams), `${model.id}: streams is true, false or 'only'`);
    ok(tiers.includes(model.tier), `${model.id}: the tier is one of ${tiers.join(', ')}`);
    for (const flag of ['tools', 'structured', 'reasoning'] as const)
      strictEqual(typeof model[flag], 'boolean', `${model.id}: ${flag} is declared`);
    for (const bound of ['contextTokens', 'maxOutputTokens'] as const) {
      const value = model[bound];
      ok(value === undefined || (Number.isInteger(value) && value > 0), `${model.id}: ${bound} is a whole number`);
    }
    for (const id of model.endpoints ?? []) ok(endpointIds.includes(id), `${model.id}: there is an endpoint ${id}`);
    for (const operation of model.operations) assertModalities(model, operation);
  }
}

function assertModalities(model: ModelManifest, operation: Operation): void {
  const needed = modalities[operation];
  if (needed === undefined) return;
  ok(
    (model.input as readonly string[]).some((type) => needed.input.includes(type)),
    `${model.id} can ${operation}: it takes ${needed.input.join(' or ')}`,
  );
  ok(
    (model.output as readonly string[]).includes(needed.output),
    `${model.id} can ${operation}: it gives ${needed.output}`,
  );
}

async function doesWhatItDeclares(scene: Scene<'answer'>): Promise<void> {
  for (const model of scene.provider.models.filter((candidate) => isServed(scene.provider, candidate)))
    for (const operation of model.operations) await answers(scene, model, operation);
}

async function answers(scene: Scene<'answer'>, model: ModelManifest, operation: Operation): Promise<void> {
  const request = smallestRequest(operation, model);
  if (request === null) return;
  const { result } = await resultOf(scene, scene.call({ model, request, incremental: false }));
  const given = modalities[operation]?.output;
  ok(
    result.content.some(({ type }) => type === given),
    `${model.id} was asked to ${operation} and gave ${result.content.map(({ type }) => type).join(', ') || 'nothing'}`,
  );
}

async function streamsAsDeclared(scene: Scene<'answer'>): Promise<void> {
  const kinds = new Map(
    scene.provider.models
      .filter((model) => isServed(scene.provider, model) && model.operations.includes('chat'))
      .map((model) => [model.streams, model]),
  );
  for (const [kind, model] of kinds) {
    const streamed = await resultOf(scene, scene.call({ model }));
    const pieces = partsOf(streamed.events).length;
    if (kind === false) ok(pieces >= 0);
    else ok(pieces >= 2, `${model.id} declares that it streams, and gave ${pieces} delta(s)`);
    const whole = await resultOf(scene, scene.call({ model, incremental: false }));
    ok(whole.result.content.length > 0, `${model.id} answers whole`);
  }
}

function ping<Name extends SituationName>(scene: Scene<Name>) {
  const { provider } = scene;
  const { endpoint } = scene.call();
  const asked = provider.ping?.(endpoint, new AbortController().signal);
  return scene.within(asked ?? Promise.reject(new Error('no ping')), 'the answer to a ping');
}

async function pings(scene: Scene<'answer'>): Promise<void> {
  const { ok: reached, latencyMs } = await ping(scene);
  strictEqual(reached, true);
  ok(Number.isFinite(latencyMs) && latencyMs >= 0, `the latency is ${latencyMs} ms`);
  strictEqual(scene.situation.requests().length, 0, 'requests that a model answered');
}

async function pingsWithBadKey(scene: Scene<'badKey'>): Promise<void> {
  const result = await ping(scene);
  strictEqual(result.ok, false);
  assertNoSecret(result, scene.secrets, 'the result of a ping');
}

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { type GenerationResponse, type ModelManifest, type OperationRequest, type Part, VibeError } from '@vibe/core';
import { describeThrown, present } from '../expect.js';
import type { Abilities } from './abilities.js';
import { type ProviderTest, test } from './provider-test.js';
import { joined, partsOf, read, resultOf } from './reading.js';
import { smallestRequest } from './requests.js';
import type { Scene } from './scene.js';
import { assertNoSecret } from './secrets.js';
import type { SituationName } from './situations.js';

type MediaOperation = 'transcribe' | 'speak' | 'paint';

const operations: readonly MediaOperation[] = ['transcribe', 'speak', 'paint'];

/** Speech, recognition and pictures: what the manifest declares of them is asked of every provider in the same way. */
export const modalities: readonly ProviderTest[] = [
  forEach('answer', 'holds no less than it costs', holdsEnough),
  forEach(
    'answer',
    'describes its request without a key and without sending it',
    describesIt,
    ({ describes }) => describes,
  ),
  forEach('silence', 'closes its connection when it is aborted', abortsIt),
  forEach('badKey', 'reports a refused key as auth', (scene, name) => failsWith(scene, name, ['auth'])),
  forEach('rateLimited', 'reports a rate limit as provider_rate_limited', (scene, name) =>
    failsWith(scene, name, ['provider_rate_limited']),
  ),
  forEach('serverError', 'reports a failing service as provider_unavailable', (scene, name) =>
    failsWith(scene, name, ['provider_unavailable']),
  ),
  forEach('unreadable', 'reports an answer that is none as invalid_response', (scene, name) =>
    failsWith(scene, name, ['invalid_response', 'stream_truncated']),
  ),
  test('answer', 'gives the words of an audio as text', transcribes, can('transcribe')),
  test('answer', 'streams words that join to the text', streamsWords, (a) => streams(a.transcribe)),
  test('answer', 'speaks one audio that can be played', speaks, can('speak')),
  test('answer', 'honours the format of speech, or says that it cannot', honoursFormat, can('speak')),
  test('answer', 'streams samples that are in the whole speech', streamsSamples, (a) => streams(a.speak)),
  test('answer', 'paints as many pictures as it is asked for, or says why not', paints, can('paint')),
].flat();

function can(operation: MediaOperation) {
  return (abilities: Abilities) => abilities[operation] !== null;
}

function streams(model: ModelManifest | null): boolean {
  return model !== null && model.streams !== false;
}

/** One test per operation besides chat. */
function forEach<Name extends SituationName>(
  situation: Name,
  name: string,
  run: (scene: Scene<Name>, operation: MediaOperation) => Promise<void>,
  applies: (abilities: Abilities) => boolean = () => true,
): ProviderTest[] {
  return operations.map((operation) =>
    test(
      situation,
      `${name} (${operation})`,
      (scene) => run(scene, operation),
      (abilities) => can(operation)(abilities) && applies(abilities),
    ),
  );
}

function askedOf<Name extends SituationName>(scene: Scene<Name>, operation: MediaOperation) {
  const model = present(scene.abilities[operation], `a model that can ${operation}`);
  return { model, request: present(smallestRequest(operation, model), `a request to ${operation}`) };
}

function respond(scene: Scene<'answer'>, { operation, request }: OperationRequest, model: ModelManifest) {
  const { vibe } = scene.client();
  const asked = { ...request, model: scene.reference(model) };
  const holds: number[] = [];
  vibe.on('hold', ({ amountNanoUsd }) => holds.push(amountNanoUsd));
  const ask = vibe[operation as MediaOperation] as (input: typeof asked) => Promise<GenerationResponse>;
  return scene.within(ask.call(vibe, asked), `the answer of ${operation}`).then((response) => ({ response, holds }));
}

async function holdsEnough(scene: Scene<'answer'>, operation: MediaOperation): Promise<void> {
  const { model, request } = askedOf(scene, operation);
  const { response, holds } = await respond(scene, request, model);
  const cost = present(response.cost.actualNanoUsd, 'what it costs');
  ok(cost > 0, 'it is not free');
  ok(response.usage !== null && Object.values(response.usage.quantities).some((quantity) => (quantity ?? 0) > 0));
  ok((holds[0] ?? 0) >= cost, `${holds[0]} nano-USD were held for ${cost}`);
}

async function describesIt(scene: Scene<'answer'>, operation: MediaOperation): Promise<void> {
  const { model, request } = askedOf(scene, operation);
  const wire = present(
    scene.provider.describe?.(scene.call({ model, request, incremental: false })),
    'the description',
  );
  assertNoSecret(wire, scene.secrets, 'the description');
  ok(URL.canParse(wire.url) && wire.method !== '' && wire.body !== null, 'a whole request');
  strictEqual(scene.situation.requests().length, 0, 'requests that were sent');
}

async function abortsIt(scene: Scene<'silence'>, operation: MediaOperation): Promise<void> {
  const { model, request } = askedOf(scene, operation);
  const controller = new AbortController();
  const call = scene.call({ model, request, incremental: false, signal: controller.signal });
  const reading = read(scene, call);
  await scene.within(scene.situation.arrived(), 'the request arrives at the service');
  const reason = new VibeError('cancelled', 'The test is over.');
  controller.abort(reason);
  const { thrown } = await scene.within(reading, 'the aborted call ends');
  const error = present(thrown, 'an error of the aborted call').error;
  const isAbort = error === reason || VibeError.is(error, 'cancelled') || (error as Error)?.name === 'AbortError';
  ok(isAbort, `an aborted call ends with its reason, not with ${describeThrown(error)}`);
  await scene.within(scene.situation.left(), 'the service sees its client leave');
}

async function failsWith(
  scene: Scene<SituationName>,
  operation: MediaOperation,
  codes: readonly string[],
): Promise<void> {
  const { model, request } = askedOf(scene, operation);
  for (const incremental of streams(model) ? [true, false] : [false]) {
    const { events, thrown } = await read(scene, scene.call({ model, request, incremental }));
    const error = present(thrown, `an error instead of ${events.at(-1)?.type ?? 'nothing'}`).error;
    assertNoSecret(error, scene.secrets, 'the error');
    ok(VibeError.is(error), `a VibeError, not ${describeThrown(error)}`);
    ok(codes.includes(error.code), `${error.code} is one of ${codes.join(', ')}: ${error.message}`);
    ok(!events.some(({ type }) => type === 'final'), 'no final before an error');
  }
}

async function transcribes(scene: Scene<'answer'>): Promise<void> {
  const { model, request } = askedOf(scene, 'transcribe');
  const { result } = await resultOf(scene, scene.call({ model, request, incremental: false }));
  ok(joined(result.content, 'text') !== '', 'there is text');
  deepStrictEqual([...new Set(result.content.map(({ type }) => type))], ['text'], 'nothing but text');
}

async function streamsWords(scene: Scene<'answer'>): Promise<void> {
  const { model, request } = askedOf(scene, 'transcribe');
  const { result, events } = await resultOf(scene, scene.call({ model, request }));
  ok(partsOf(events).length >= 3, `several deltas: ${partsOf(events).length}`);
  strictEqual(joined(partsOf(events), 'text'), joined(result.content, 'text'));
}

function bytesOf(part: Part | undefined): Uint8Array {
  ok(part !== undefined && (part.type === 'audio' || part.type === 'image'), `audio or an image, not ${part?.type}`);
  const { data } = part;
  ok(!(data instanceof URL), 'the bytes themselves: an address of the service ends some day');
  return typeof data === 'string' ? Buffer.from(data, 'base64') : data;
}

/** Whether the bytes begin as files of their media type do. Types without such a beginning only have to have bytes. */
function assertPlayable(part: Part): void {
  const head = Buffer.from(bytesOf(part).subarray(0, 12)).toString('latin1');
  ok(head.length > 0, 'there are bytes');
  const { mediaType } = part as Part & { readonly mediaType: string };
  const beginnings: Readonly<Record<string, RegExp>> = {
    'audio/wav': /^RIFF....WAVE/s,
    'image/png': /^\x89PNG/,
    'image/jpeg': /^\xff\xd8/,
  };
  ok(beginnings[mediaType]?.test(head) ?? true, `what is called ${mediaType} begins as such`);
}

async function speaks(scene: Scene<'answer'>): Promise<void> {
  const { model, request } = askedOf(scene, 'speak');
  for (const incremental of streams(model) ? [true, false] : [false]) {
    const { result } = await resultOf(scene, scene.call({ model, request, incremental }));
    strictEqual(result.content.length, 1, 'one part');
    const part = present(result.content[0], 'a part');
    ok(part.type === 'audio' && part.mediaType.startsWith('audio/'), 'an audio');
    assertPlayable(part);
  }
}

async function honoursFormat(scene: Scene<'answer'>): Promise<void> {
  const { model } = askedOf(scene, 'speak');
  for (const format of ['wav', 'pcm', 'mp3'] as const) {
    const request = { operation: 'speak', request: { text: 'The sky is blue.', format } } as const;
    const { result } = await resultOf(scene, scene.call({ model, request, incremental: false }));
    const part = result.content[0];
    const type = part?.type === 'audio' ? part.mediaType : '';
    const fits = { wav: /wav/, pcm: /pcm|L16/i, mp3: /mpeg|mp3/ }[format].test(type);
    ok(fits || (result.warnings?.length ?? 0) > 0, `${format} was asked for, ${type} came, and no warning`);
  }
}

async function streamsSamples(scene: Scene<'answer'>): Promise<void> {
  const { model, request } = askedOf(scene, 'speak');
  const { result, events } = await resultOf(scene, scene.call({ model, request }));
  const samples = partsOf(events);
  ok(samples.length >= 3, `several deltas: ${samples.length}`);
  const all = Buffer.concat(samples.map(bytesOf));
  const whole = Buffer.from(bytesOf(result.content[0]));
  ok(all.byteLength > 0 && whole.includes(all), 'what was streamed is in the whole speech');
}

async function paints(scene: Scene<'answer'>): Promise<void> {
  const { model } = askedOf(scene, 'paint');
  for (const count of [1, 2]) {
    const request = { operation: 'paint', request: { prompt: 'A blue sky.', count } } as const;
    const { result } = await resultOf(scene, scene.call({ model, request, incremental: false }));
    const images = result.content.filter(({ type }) => type === 'image');
    for (const image of images) assertPlayable(image);
    ok(images.length > 0 && images.length <= count, `${images.length} pictures of ${count}`);
    ok(images.length === count || (result.warnings?.length ?? 0) > 0, 'fewer pictures than asked for, and no warning');
  }
}

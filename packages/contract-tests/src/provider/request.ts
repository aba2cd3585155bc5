import { ok } from 'node:assert/strict';
import type { ModelManifest, Operation, OperationRequest, Part, PartsMessage, ProviderCall, Tool } from '@vibe/core';
import { present } from '../expect.js';
import type { Abilities } from './abilities.js';
import { type ProviderTest, test } from './provider-test.js';
import { resultOf } from './reading.js';
import { type ChatExtras, chatRequest, citySchema, shown, smallestRequest, weatherTool } from './requests.js';
import type { Scene } from './scene.js';

/** What was asked reaches the service, or a warning says that it does not. */
export const request: readonly ProviderTest[] = [
  test('answer', 'asks for the model of the call, which its price depends on', asksForModel),
  test('answer', 'sends the cap of the call, which bounds its bill', sendsCap),
  test('answer', 'sends the whole conversation, in its order', sendsConversation),
  test('answer', 'tells who said what', tellsRoles),
  test('answer', 'sends pictures to a model that sees', (scene) => shows(scene, 'image'), reads('image')),
  test('answer', 'sends sound to a model that hears', (scene) => shows(scene, 'audio'), reads('audio')),
  test('answer', 'sends no options of other providers', keepsToItsOptions),
  test('answer', 'sends tools with what they take', sendsTools, ({ tools }) => tools !== null),
  test('answer', 'sends the results of tools with their calls', sendsResults, ({ tools }) => tools !== null),
  test('answer', 'sends the schema of an answer', sendsSchema, ({ structured }) => structured !== null),
  ...parametersOf('chat', chatParameters(), (abilities) => abilities.chat),
  ...parametersOf('chat', toolChoices(), ({ tools }) => tools, { tools: [weatherTool] }),
  ...parametersOf('transcribe', { language: [{ language: 'de' }, { language: 'fr' }] }, (able) => able.transcribe),
  ...parametersOf('speak', { voice: [{}, { voice: 'contract-voice' }] }, (able) => able.speak),
  ...parametersOf('paint', { size: [{ size: '1024x1024' }, { size: '768x1344' }] }, (able) => able.paint),
];

/** Two requests that differ in one wish. */
type Wishes = Readonly<Record<string, readonly [object, object]>>;

function chatParameters(): Wishes {
  return {
    temperature: [{ temperature: 0.1 }, { temperature: 0.9 }],
    topP: [{ topP: 0.3 }, { topP: 0.7 }],
    stop: [{ stop: ['ONE'] }, { stop: ['TWO'] }],
    seed: [{ seed: 11 }, { seed: 12 }],
    reasoning: [{}, { reasoning: 'high' }],
  };
}

function toolChoices(): Wishes {
  const left = { toolChoice: 'auto' };
  return {
    toolChoice: [left, { toolChoice: 'none' }],
    'a toolChoice that is required': [left, { toolChoice: 'required' }],
    'a toolChoice of one tool': [left, { toolChoice: { name: weatherTool.name } }],
  };
}

/** A test per parameter, for providers that have a model of the operation. */
function parametersOf(
  operation: Operation,
  wishes: Wishes,
  modelOf: (abilities: Abilities) => ModelManifest | null,
  extras: ChatExtras = {},
): readonly ProviderTest[] {
  return Object.entries(wishes).map(([name, [first, second]]) =>
    test(
      'answer',
      `honours ${name}, or says that it cannot (${operation})`,
      (scene) => {
        const model = present(modelOf(scene.abilities), `a model that can ${operation}`);
        return honours(scene, model, operation, name, { ...extras, ...first }, { ...extras, ...second });
      },
      (abilities) => modelOf(abilities) !== null,
    ),
  );
}

/** The body that the service gets for a request. Described where that is possible, which costs nothing at a real service. */
async function bodyFor(scene: Scene<'answer'>, model: ModelManifest, asked: OperationRequest): Promise<string> {
  const call = scene.call({ model, request: asked, incremental: false });
  if (scene.provider.describe !== undefined) return JSON.stringify(scene.provider.describe(call).body);
  const { requests } = await scene.enter('answer');
  await resultOf(scene, call);
  return JSON.stringify(present(requests().at(-1), 'the request that was sent').body);
}

/** No two models may make the same request: one of them would be paid for, and the other would answer. */
async function asksForModel(scene: Scene<'answer'>): Promise<void> {
  const asked = new Map<string, string>();
  for (const model of scene.abilities.chats) {
    if (model.streams === 'only') continue;
    const call = scene.call({ model, request: chatRequest(model, { maxOutputTokens: 1 }), incremental: false });
    const request = JSON.stringify(await wireFor(scene, call));
    const other = asked.get(request);
    ok(other === undefined, `${model.id} and ${other} are asked for by the same request: ${request}`);
    asked.set(request, model.id);
  }
}

async function wireFor(scene: Scene<'answer'>, call: ProviderCall): Promise<object> {
  const described = scene.provider.describe?.(call);
  if (described !== undefined) return [described.url, described.body];
  const { requests } = await scene.enter('answer');
  await resultOf(scene, call);
  const { path, body } = present(requests().at(-1), 'the request that was sent');
  return [path, body];
}

function withExtras(operation: Operation, model: ModelManifest, extras: object): OperationRequest {
  const { request: plain } = present(smallestRequest(operation, model), `a request to ${operation}`);
  return { operation, request: { ...plain, ...extras } } as OperationRequest;
}

async function honours(
  scene: Scene<'answer'>,
  model: ModelManifest,
  operation: Operation,
  name: string,
  first: object,
  second: object,
): Promise<void> {
  const asked = withExtras(operation, model, second);
  if ((await bodyFor(scene, model, withExtras(operation, model, first))) !== (await bodyFor(scene, model, asked)))
    return;
  const { result } = await resultOf(scene, scene.call({ model, request: asked, incremental: false }));
  ok(
    (result.warnings ?? []).some(({ message }) => message !== ''),
    `${name} makes no difference to the request, and no warning says so`,
  );
}

async function sendsCap(scene: Scene<'answer'>): Promise<void> {
  for (const maxOutputTokens of [701, 702]) {
    const body = await bodyFor(scene, scene.chatModel, chatRequest(scene.chatModel, { maxOutputTokens }));
    ok(
      new RegExp(`\\b${maxOutputTokens}\\b`).test(body),
      `maxOutputTokens ${maxOutputTokens} is in the request: ${body}`,
    );
  }
}

const says = (role: PartsMessage['role'], text: string): PartsMessage => ({ role, content: [{ type: 'text', text }] });

async function sendsConversation(scene: Scene<'answer'>): Promise<void> {
  const messages = [
    says('system', 'word-a'),
    says('user', 'word-b'),
    says('assistant', 'word-c'),
    says('user', 'word-d'),
  ];
  const body = await bodyFor(scene, scene.chatModel, chatRequest(scene.chatModel, { prompt: 'word-d', messages }));
  for (const word of ['word-a', 'word-b', 'word-c', 'word-d'])
    ok(body.includes(word), `${word} is in the request: ${body}`);
  const places = ['word-b', 'word-c', 'word-d'].map((word) => body.indexOf(word));
  ok(
    places.every((place, at) => at === 0 || place > (places[at - 1] ?? 0)),
    `the words are in their order: ${body}`,
  );
}

function reads(kind: keyof typeof shown) {
  return ({ chats }: Abilities) => chats.some(({ input }) => input.includes(kind));
}

async function shows(scene: Scene<'answer'>, kind: keyof typeof shown): Promise<void> {
  const model = scene.abilities.chats.find(({ input, streams }) => input.includes(kind) && streams !== 'only');
  if (model === undefined) return;
  const text: Part = { type: 'text', text: 'What is this?' };
  const saying = (content: readonly Part[]) => chatRequest(model, { messages: [{ role: 'user', content }] });
  const [bare, whole] = [
    await bodyFor(scene, model, saying([text])),
    await bodyFor(scene, model, saying([shown[kind](), text])),
  ];
  ok(bare !== whole, `${kind} is among what ${model.id} takes as input, and makes no difference to the request`);
}

async function tellsRoles(scene: Scene<'answer'>): Promise<void> {
  const as = (role: PartsMessage['role']) =>
    bodyFor(
      scene,
      scene.chatModel,
      chatRequest(scene.chatModel, { messages: [says('user', 'a'), says(role, 'b'), says('user', 'c')] }),
    );
  const bodies = new Set([await as('user'), await as('assistant'), await as('system')]);
  ok(bodies.size === 3, 'what the user, the assistant and the system say are three different requests');
}

async function keepsToItsOptions(scene: Scene<'answer'>): Promise<void> {
  const providerOptions = { 'contract-other': { contractProbe: 'word-x' } };
  const body = await bodyFor(scene, scene.chatModel, chatRequest(scene.chatModel, { providerOptions }));
  ok(
    !body.includes('word-x') && !body.includes('contract-other'),
    `options of another provider are in the request: ${body}`,
  );
}

async function sendsTools(scene: Scene<'answer'>): Promise<void> {
  const model = present(scene.abilities.tools, 'a model with tools');
  const second: Tool = { ...weatherTool, name: 'tides', description: 'The tides of a coast.' };
  const body = await bodyFor(scene, model, chatRequest(model, { tools: [weatherTool, second] }));
  const words = [weatherTool, second].flatMap(({ name, description = '' }) => [name, description]);
  for (const word of [...words, 'city']) ok(body.includes(word), `"${word}" of the tools is in the request: ${body}`);
}

async function sendsResults(scene: Scene<'answer'>): Promise<void> {
  const model = present(scene.abilities.tools, 'a model with tools');
  const messages: PartsMessage[] = [
    says('user', 'How is it?'),
    {
      role: 'assistant',
      content: [{ type: 'tool_call', id: 'call_1', name: weatherTool.name, input: { city: 'word-y' } }],
    },
    { role: 'tool', content: [{ type: 'tool_result', id: 'call_1', output: { sky: 'word-z' } }] },
  ];
  const body = await bodyFor(scene, model, chatRequest(model, { messages, tools: [weatherTool] }));
  for (const word of ['word-y', 'word-z']) ok(body.includes(word), `${word} is in the request: ${body}`);
}

async function sendsSchema(scene: Scene<'answer'>): Promise<void> {
  const model = present(scene.abilities.structured, 'a model with structured output');
  const body = await bodyFor(scene, model, chatRequest(model, { output: citySchema }));
  ok(body.includes('population'), `the fields of the schema are in the request: ${body}`);
}

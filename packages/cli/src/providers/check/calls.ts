import type { AnyInput, AudioPart, GenerationResponse, Part, Provider, Vibe } from '@vibe/core';
import { VibeError } from '@vibe/core';
import type { KnownProvider } from '../known/known-provider.js';
import type { ExpectedTraffic } from './drift-of-call.js';
import { silentWav } from './silent-wav.js';

/** A model that no service has. */
export const missingModel = 'vibe-no-such-model';

/** One call of a test: what is asked, and what its answer must be like. */
export interface TestCall {
  readonly name: string;
  readonly model: string;
  readonly input: AnyInput;
  /** Null: nothing is known about the answer's shape. */
  readonly traffic: ExpectedTraffic | null;
  /** Throws when the answer is not as it must be. */
  run(vibe: Vibe, input: AnyInput): Promise<CallAnswer>;
}

/** What a call has left behind. */
export interface CallAnswer {
  readonly callId: string;
  /** Null: unknown. */
  readonly costNanoUsd: number | null;
  readonly content: readonly Part[];
}

/** The answer is not what was asked for. */
export class Unexpected extends Error {}

const word = 'Answer with the one word OK.';
const long = 'Count from one to two hundred in English words.';
const spoken = 'One, two, three.';
const maxPartTokens = 512;

export interface CallsOf {
  readonly provider: Provider;
  readonly known: KnownProvider | null;
  readonly chatModel: string;
  /** Whether to ask for speech, a transcript and a picture as well. */
  readonly media: boolean;
}

/** The smallest calls that show whether a provider works, in their order. */
export function testCalls({ provider, known, chatModel, media }: CallsOf): readonly TestCall[] {
  const plan = known?.calls ?? null;
  const expected = (kind: string | undefined, form: ExpectedTraffic['form']) =>
    kind === undefined ? null : { kind, form };
  const chat = (asked: { readonly prompt: string; readonly maxOutputTokens: number }) => ({
    model: chatModel,
    ...asked,
  });
  const { kind: _, ...small } = plan?.chat ?? { kind: '', maxOutputTokens: 64 };
  const { kind: __, ...streamed } = plan?.stream ?? { kind: '', maxOutputTokens: maxPartTokens };
  return [
    {
      name: 'chat',
      model: chatModel,
      input: { ...chat({ prompt: word, ...small }) },
      traffic: expected(plan?.chat.kind, 'whole'),
      run: unary,
    },
    {
      name: 'stream',
      model: chatModel,
      input: { ...chat({ prompt: word, ...streamed }) },
      traffic: expected(plan?.stream.kind, 'whole'),
      run: stream,
    },
    {
      name: 'cancel',
      model: chatModel,
      input: { ...chat({ prompt: long, ...streamed }), onCancel: 'abort' },
      traffic: expected(plan?.stream.kind, 'cut'),
      run: cancelled,
    },
    {
      name: 'wrong model',
      model: missingModel,
      input: { ...chat({ prompt: word, ...small }), model: missingModel },
      traffic: expected(plan?.wrongModel, 'refused'),
      run: refused,
    },
    ...(media ? mediaCalls(provider, plan?.media ?? {}) : []),
  ];
}

function mediaCalls(provider: Provider, plan: KnownProvider['calls']['media']): readonly TestCall[] {
  const modelFor = (operation: 'speak' | 'transcribe' | 'paint') => {
    const able = provider.models.filter(({ operations }) => operations.includes(operation)).map(({ id }) => id);
    return plan[operation]?.models.find((id) => able.includes(id)) ?? able[0];
  };
  const call = (
    operation: 'speak' | 'transcribe' | 'paint',
    input: (model: string) => AnyInput,
    run: TestCall['run'],
  ): readonly TestCall[] => {
    const model = modelFor(operation);
    const kind = plan[operation]?.kind;
    const traffic = kind === undefined ? null : ({ kind, form: 'whole' } as const);
    return model === undefined ? [] : [{ name: operation, model, input: input(model), traffic, run }];
  };
  const audio: AudioPart = { type: 'audio', mediaType: 'audio/wav', data: silentWav() };
  return [
    ...call(
      'speak',
      (model) => ({ model, text: spoken }),
      (vibe, input) => made('audio', vibe.speak(input as never)),
    ),
    ...call(
      'transcribe',
      (model) => ({ model, audio }),
      (vibe, input) => settled(vibe.transcribe(input as never)),
    ),
    ...call(
      'paint',
      (model) => ({ model, prompt: 'A blue square.', count: 1 }),
      (vibe, input) => made('image', vibe.paint(input as never)),
    ),
  ];
}

async function unary(vibe: Vibe, input: AnyInput): Promise<CallAnswer> {
  const response = await vibe.generate(input);
  requireText(response.text);
  return answerOf(response as GenerationResponse);
}

async function stream(vibe: Vibe, input: AnyInput): Promise<CallAnswer> {
  const pieces: string[] = [];
  const finals: GenerationResponse[] = [];
  for await (const event of vibe.stream(input)) {
    if (finals.length > 0) throw new Unexpected('something came behind the final event');
    if (event.type === 'delta' && event.text !== undefined) pieces.push(event.text);
    if (event.type === 'final') finals.push(event.response);
  }
  const [response] = finals;
  if (response === undefined) throw new Unexpected('the stream has no final event');
  requireText(response.text);
  if (pieces.join('') !== response.text)
    throw new Unexpected('the deltas together are another text than the final one');
  return answerOf(response);
}

async function cancelled(vibe: Vibe, input: AnyInput): Promise<CallAnswer> {
  const running = vibe.stream(input);
  for await (const event of running) if (event.type === 'delta') break;
  const response = await running.final();
  if (response.status !== 'cancelled') throw new Unexpected(`the stream was left and its status is ${response.status}`);
  return answerOf(response, 'partly');
}

async function refused(vibe: Vibe, input: AnyInput): Promise<CallAnswer> {
  try {
    await vibe.generate(input);
  } catch (error) {
    if (!VibeError.is(error, 'model_not_found')) throw error;
    return { callId: error.callId ?? '', costNanoUsd: error.cost?.actualNanoUsd ?? null, content: [] };
  }
  throw new Unexpected('a model that is not there has answered');
}

async function made(type: 'audio' | 'image', answer: Promise<GenerationResponse>): Promise<CallAnswer> {
  const response = await answer;
  const part = response.content.find((each) => each.type === type);
  if (part === undefined) throw new Unexpected(`the answer has no ${type}`);
  return answerOf(response);
}

async function settled(answer: Promise<GenerationResponse>): Promise<CallAnswer> {
  return answerOf(await answer);
}

function requireText(text: string): void {
  if (text.trim() === '') throw new Unexpected('the answer has no text');
}

/** Of a stream that was left nobody has to say the usage: what came is counted then. */
function answerOf({ id, usage, cost, content }: GenerationResponse, usageIs: 'told' | 'partly' = 'told'): CallAnswer {
  if (usageIs === 'told' && (usage === null || usage.unknown))
    throw new Unexpected('the service did not say its usage');
  return { callId: id, costNanoUsd: cost.actualNanoUsd, content };
}

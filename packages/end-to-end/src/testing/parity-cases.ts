import type { ChatInput } from '@vibe/core';
import type { Fault, Rule } from '@vibe/simulator';

export interface ParityCase {
  readonly name: string;
  /** What the provider does, once unless the rule says otherwise. */
  readonly fault?: Rule | readonly Rule[];
  readonly request?: Partial<ChatInput>;
  /** `ok`, or the code of the error. */
  readonly ends: string;
  /**
   * The fault strikes in the middle of an answer. Then a stream has shown a part of it, and a whole body has not come: one
   * is metered by what arrived, the other by its estimate. This is where the usage comes from in each.
   */
  readonly wireDiffers?: { readonly streamed: string | null; readonly whole: string | null };
}

const once = { retry: { attempts: 1 } } as const;
const city = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } as const;
const tools = [{ name: 'weather', description: 'The weather of a city', input: city }];

const scenarios: readonly ParityCase[] = [
  { name: 'an answer', ends: 'ok' },
  { name: 'words of many bytes', request: { prompt: 'echo: 天空是蓝色的 ✨ — ça va' }, ends: 'ok' },
  {
    name: 'an answer cut by its limit',
    request: { prompt: 'tokens: 100', maxOutputTokens: 20, reasoning: 'off' },
    ends: 'ok',
  },
  { name: 'a long answer', request: { prompt: 'tokens: 3000' }, ends: 'ok' },
  { name: 'thoughts', request: { reasoning: 'high' }, ends: 'ok' },
  { name: 'a tool call', request: { prompt: 'call: weather {"city":"Bonn"}', tools }, ends: 'ok' },
  {
    name: 'parallel tool calls',
    request: { prompt: 'call: weather {"city":"Bonn"}\ncall: weather {"city":"Rome"}', tools },
    ends: 'ok',
  },
  { name: 'an object', request: { prompt: 'A city', output: city }, ends: 'ok' },
];

/** Legal on the wire: the answer is the same with them. */
const legal: readonly Fault[] = [
  { kind: 'usageAfterFinish' },
  { kind: 'twoFinish' },
  { kind: 'missingUsage' },
  { kind: 'servedModel', model: 'another-model' },
  { kind: 'slow', delayMs: 5 },
  { kind: 'hugeEvent' },
  { kind: 'crlf' },
  { kind: 'lf' },
  { kind: 'cr' },
  { kind: 'comments' },
  { kind: 'multiLineData' },
  { kind: 'splitUtf8' },
];

/** Without a hint the target would be closed for a second each time. */
const limited: Fault = { kind: 'status', status: 429, retryAfterMs: 20, hints: ['retry-after-ms', 'retry-info'] };

/** Before an answer: repeated, so that the call ends well. */
const passing: readonly Fault[] = [
  limited,
  { kind: 'status', status: 500 },
  { kind: 'status', status: 503 },
  { kind: 'reset' },
  { kind: 'empty' },
  { kind: 'html' },
  { kind: 'html', status: 200 },
  { kind: 'hugeError', bytes: 100_000 },
  { kind: 'errorInStream', afterDeltas: 0 },
];

/** The same for as long as it is tried. */
const lasting: readonly (readonly [Fault, string])[] = [
  [{ kind: 'status', status: 400 }, 'provider_rejected'],
  [{ kind: 'status', status: 401 }, 'auth'],
  [{ kind: 'status', status: 403 }, 'auth'],
  [{ kind: 'status', status: 404 }, 'model_not_found'],
  [{ kind: 'status', status: 408 }, 'provider_unavailable'],
  [{ kind: 'status', status: 422 }, 'provider_rejected'],
  [limited, 'provider_rate_limited'],
  [{ kind: 'status', status: 503 }, 'provider_unavailable'],
  [{ kind: 'reset' }, 'provider_unavailable'],
  [{ kind: 'empty' }, 'stream_truncated'],
  [{ kind: 'html', status: 200 }, 'invalid_response'],
  [{ kind: 'stall' }, 'timeout'],
];

/** In the middle of an answer; tried once, because a stream that has shown a part of it is never repeated. */
const broken: readonly ParityCase[] = [
  { kind: 'truncate', ends: 'stream_truncated', whole: 'estimated' },
  { kind: 'reset', afterDeltas: 1, ends: 'stream_truncated', whole: 'estimated' },
  { kind: 'stall', afterDeltas: 1, ends: 'timeout', whole: 'estimated' },
  { kind: 'errorInStream', ends: 'provider_unavailable', whole: null },
  { kind: 'errorInStream', bare: true, ends: 'provider_unavailable', whole: null },
].map(({ ends, whole, ...fault }) => ({
  name: `${JSON.stringify(fault)} in the middle`,
  fault: { fault: fault as Fault },
  // the first chunk of a whole answer is all of it
  request: { ...once, ...(fault.kind === 'stall' && { timeout: { chunkMs: 500, firstChunkMs: 2_000 } }) },
  ends,
  wireDiffers: { streamed: 'partial', whole },
}));

export const cases: readonly ParityCase[] = [
  ...scenarios,
  ...legal.map((fault) => ({ name: JSON.stringify(fault), fault: { fault }, ends: 'ok' })),
  ...passing.map((fault) => ({ name: `${JSON.stringify(fault)}, then an answer`, fault: { fault }, ends: 'ok' })),
  ...lasting.map(([fault, ends]) => ({
    name: `${JSON.stringify(fault)} again and again`,
    fault: { fault, times: 9 },
    request: { retry: { attempts: 3 }, timeout: { firstChunkMs: fault.kind === 'stall' ? 30 : 10_000 } },
    ends,
  })),
  ...broken,
];

import { type Provider, type ProviderCall, type ProviderEvent, type Usage, VibeError } from '@vibe/core';

/** A provider that is wrong on purpose. */
export interface ProviderMutant {
  /** A theme that must catch it. */
  readonly caughtBy: string;
  readonly mutate: (provider: Provider, key: string) => Provider;
}

type Stream = (call: ProviderCall) => AsyncIterable<ProviderEvent>;

/** Replaces the stream by one that is made of the right one. */
const streamed =
  (change: (stream: Stream, call: ProviderCall, key: string) => AsyncIterable<ProviderEvent>) =>
  (provider: Provider, key: string): Provider => ({
    ...provider,
    stream: (call) => change((asked) => provider.stream(asked), call, key),
  });

/** Rewrites the final event. */
const rewritten = (change: (event: ProviderEvent & { type: 'final' }) => ProviderEvent) =>
  streamed(async function* (stream, call) {
    for await (const event of stream(call)) yield event.type === 'final' ? change(event) : event;
  });

/** Rewrites the usage in the final event. */
const billed = (change: (usage: Usage | null) => Usage | null) =>
  rewritten((event) => ({ ...event, result: { ...event.result, usage: change(event.result.usage) } }));

/** Rewrites whatever is thrown. */
const failing = (change: (error: unknown, key: string) => unknown) =>
  streamed(async function* (stream, call, key) {
    try {
      yield* stream(call);
    } catch (error) {
      throw change(error, key);
    }
  });

const emptyFinal: ProviderEvent = {
  type: 'final',
  result: { content: [], finishReason: 'other', rawFinishReason: null, usage: null, servedModel: null, requestId: null },
};

const quantitiesOf = (usage: Usage) => usage.quantities as Record<string, number>;

export const providerMutants: Readonly<Record<string, ProviderMutant>> = {
  'yields final twice': {
    caughtBy: 'protocol',
    mutate: streamed(async function* (stream, call) {
      for await (const event of stream(call)) {
        yield event;
        if (event.type === 'final') yield event;
      }
    }),
  },
  'forgets the final event': {
    caughtBy: 'protocol',
    mutate: streamed(async function* (stream, call) {
      for await (const event of stream(call)) if (event.type !== 'final') yield event;
    }),
  },
  'goes on after the final event': {
    caughtBy: 'protocol',
    mutate: streamed(async function* (stream, call) {
      yield* stream(call);
      yield { type: 'delta', part: { type: 'text', text: '' }, text: '' };
    }),
  },
  'throws after the final event': {
    caughtBy: 'protocol',
    mutate: streamed(async function* (stream, call) {
      yield* stream(call);
      throw new VibeError('stream_truncated', 'one line too many');
    }),
  },
  'says in final only its last piece': {
    caughtBy: 'protocol',
    mutate: rewritten((event) => ({
      ...event,
      result: { ...event.result, content: event.result.content.map((part) => (part.type === 'text' ? { ...part, text: part.text.slice(-5) } : part)) },
    })),
  },
  'streams nothing although it says so': {
    caughtBy: 'manifest',
    mutate: streamed(async function* (stream, call) {
      for await (const event of stream(call)) if (event.type === 'final') yield event;
    }),
  },
  'mixes what it thought into what it said': {
    caughtBy: 'protocol',
    mutate: rewritten((event) => ({
      ...event,
      result: {
        ...event.result,
        content: event.result.content.map((part) => (part.type === 'reasoning' ? { type: 'text', text: part.text } : part)),
      },
    })),
  },
  'forgets the calls of tools in final': {
    caughtBy: 'protocol',
    mutate: rewritten((event) => ({
      ...event,
      result: { ...event.result, content: event.result.content.filter(({ type }) => type !== 'tool_call') },
    })),
  },
  'mixes up calls that run at the same time': { caughtBy: 'protocol', mutate: sharedText() },
  'swallows errors': {
    caughtBy: 'errors',
    mutate: streamed(async function* (stream, call) {
      try {
        yield* stream(call);
      } catch {
        yield emptyFinal;
      }
    }),
  },
  'throws bare errors': {
    caughtBy: 'errors',
    mutate: failing((error) => new Error(error instanceof Error ? error.message : 'failed')),
  },
  'calls every failure the same': {
    caughtBy: 'errors',
    mutate: failing((error) => (VibeError.is(error) ? new VibeError('provider_unavailable', error.message) : error)),
  },
  'takes a wait that nobody named for none': {
    caughtBy: 'errors',
    mutate: failing((error) =>
      VibeError.is(error) ? new VibeError(error.code, error.message, { retryAfterMs: error.retryAfterMs ?? 0 }) : error,
    ),
  },
  'loses the hint of the service': {
    caughtBy: 'errors',
    mutate: failing((error) => (VibeError.is(error) ? new VibeError(error.code, error.message) : error)),
  },
  'shows the key in its messages': {
    caughtBy: 'errors',
    mutate: failing((error, key) => (VibeError.is(error) ? new VibeError(error.code, `${error.message} (${key})`) : error)),
  },
  'shows the key in the details of its errors': {
    caughtBy: 'errors',
    mutate: failing((error, key) => (VibeError.is(error) ? new VibeError(error.code, error.message, { details: { headers: { key } } }) : error)),
  },
  'has the key for everyone to read': { caughtBy: 'manifest', mutate: (provider, apiKey) => Object.assign({ apiKey }, provider) },
  'retries by itself': {
    caughtBy: 'errors',
    mutate: streamed(async function* (stream, call) {
      let hasBegun = false;
      try {
        for await (const event of stream(call)) {
          hasBegun = true;
          yield event;
        }
      } catch (error) {
        if (hasBegun) throw error;
        yield* stream(call);
      }
    }),
  },
  'ignores its signal': {
    caughtBy: 'cancel',
    mutate: streamed((stream, call) => stream({ ...call, signal: new AbortController().signal })),
  },
  'sends although the call is over': {
    caughtBy: 'cancel',
    mutate: streamed(async function* (stream, call) {
      if (call.signal.aborted) await stream({ ...call, signal: new AbortController().signal })[Symbol.asyncIterator]().next();
      yield* stream(call);
    }),
  },
  'reads on when its reader has left': { caughtBy: 'cancel', mutate: streamed((stream, call) => withoutReturn(stream(call))) },
  'takes an abort for a failure of the service': {
    caughtBy: 'cancel',
    mutate: streamed(async function* (stream, call) {
      try {
        yield* stream(call);
      } catch (error) {
        throw call.signal.aborted ? new VibeError('provider_unavailable', 'the connection broke') : error;
      }
    }),
  },
  'takes an unknown usage for 0': {
    caughtBy: 'usage',
    mutate: billed((usage) => usage ?? { quantities: { input_token: 0, output_token: 0 }, unknown: false, source: 'provider' }),
  },
  'counts cached tokens twice': {
    caughtBy: 'usage',
    mutate: billed((usage) =>
      usage === null
        ? null
        : { ...usage, quantities: { ...usage.quantities, input_token: (quantitiesOf(usage)['input_token'] ?? 0) + (quantitiesOf(usage)['cached_input_token'] ?? 0) } },
    ),
  },
  'counts reasoning twice': {
    caughtBy: 'usage',
    mutate: billed((usage) =>
      usage === null
        ? null
        : { ...usage, quantities: { ...usage.quantities, output_token: (quantitiesOf(usage)['output_token'] ?? 0) + (quantitiesOf(usage)['reasoning_token'] ?? 0) } },
    ),
  },
  'says 0 of what the service did not mention': {
    caughtBy: 'usage',
    mutate: billed((usage) => (usage === null ? null : { ...usage, quantities: { cached_input_token: 0, ...usage.quantities } })),
  },
  'calls what the service said an estimate': {
    caughtBy: 'usage',
    mutate: billed((usage) => (usage === null ? null : { ...usage, unknown: true, source: 'estimated' })),
  },
  'estimates too little': {
    caughtBy: 'usage',
    mutate: (provider) => ({ ...provider, estimate: () => ({ quantities: { input_token: 1 }, unknown: true, source: 'estimated' }) }),
  },
  'answers differently when nobody looks at deltas': {
    caughtBy: 'parity',
    mutate: streamed(async function* (stream, call) {
      for await (const event of stream(call))
        yield event.type === 'final' && !call.incremental ? { ...event, result: { ...event.result, rawFinishReason: 'END' } } : event;
    }),
  },
  'describes another request than it sends': {
    caughtBy: 'dry run',
    mutate: (provider) => ({
      ...provider,
      describe: (call) => ({ method: 'POST', url: 'https://toy.example/v1/answer', headers: {}, body: { model: call.model.id } }),
    }),
  },
  'describes its key': {
    caughtBy: 'dry run',
    mutate: (provider, key) => ({
      ...provider,
      describe: (call) => ({ ...(provider.describe as NonNullable<typeof provider.describe>)(call), headers: { authorization: `Bearer ${key}` } }),
    }),
  },
  'sends when it is asked to describe': {
    caughtBy: 'dry run',
    mutate: (provider) => ({
      ...provider,
      describe(call) {
        provider.stream(call)[Symbol.asyncIterator]().next().catch(() => undefined);
        return (provider.describe as NonNullable<typeof provider.describe>)(call);
      },
    }),
  },
  'declares a model that nobody serves': {
    caughtBy: 'manifest',
    mutate: (provider) => ({
      ...provider,
      models: provider.models.map((model) => ({ ...model, operations: [...model.operations, 'speak'], output: [...model.output, 'audio'] })),
    }),
  },
  'declares two models of one name': {
    caughtBy: 'manifest',
    mutate: (provider) => ({ ...provider, models: provider.models.map((model) => ({ ...model, aliases: ['toy'] })) }),
  },
  'does not say where its endpoint is': {
    caughtBy: 'manifest',
    mutate: (provider) => ({ ...provider, endpoints: provider.endpoints.map((endpoint) => ({ ...endpoint, region: '' })) }),
  },
  'says that all is well in every ping': {
    caughtBy: 'manifest',
    mutate: (provider) => ({ ...provider, ping: async () => ({ ok: true, latencyMs: 1 }) }),
  },
};

/** The text of all calls in one place. */
function sharedText(): ProviderMutant['mutate'] {
  let text = '';
  return streamed(async function* (stream, call) {
    for await (const event of stream(call)) {
      if (event.type === 'delta' && event.part.type === 'text') text += event.part.text;
      if (event.type !== 'final') {
        yield event;
        continue;
      }
      const content = event.result.content.map((part) => (part.type === 'text' && call.incremental ? { ...part, text } : part));
      text = '';
      yield { ...event, result: { ...event.result, content } };
    }
  });
}

/** An iterator whose `return()` does nothing. */
function withoutReturn(events: AsyncIterable<ProviderEvent>): AsyncIterable<ProviderEvent> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = events[Symbol.asyncIterator]();
      return { next: () => iterator.next(), return: async () => ({ done: true, value: undefined }) };
    },
  };
}

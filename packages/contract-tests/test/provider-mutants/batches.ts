import type { Provider, ProviderCall, ProviderEvent } from '@vibe/core';
import type { ProviderMutants } from './mutant.js';

type Batches = AsyncIterable<readonly ProviderEvent[]>;

/** Gives its events in pairs as well; `change` makes that wrong. */
const paired =
  (change: (batches: Batches, call: ProviderCall) => Batches) =>
  (provider: Provider): Provider => ({
    ...provider,
    streamBatches: (call) => change(inPairs(provider.stream(call)), call),
  });

async function* inPairs(events: AsyncIterable<ProviderEvent>): AsyncGenerator<readonly ProviderEvent[]> {
  let waiting: ProviderEvent[] = [];
  try {
    for await (const event of events) {
      waiting.push(event);
      // what came first goes out at once: it may be all that comes
      if (event.type === 'delta' || waiting.length === 2) {
        yield waiting;
        waiting = [];
      }
    }
  } catch (error) {
    if (waiting.length > 0) yield waiting;
    throw error;
  }
  if (waiting.length > 0) yield waiting;
}

/** A provider with batches that are right. */
export const inBatches = paired((batches) => batches);

const noUsage = { quantities: {}, unknown: true, source: 'partial' } as const;

/** Wrong in batches only, which is how a client reads. */
export const batchesMutants: ProviderMutants = {
  'gives no deltas in batches': {
    caughtBy: 'batches',
    mutate: paired(async function* (batches) {
      for await (const events of batches)
        if (events.length > 1 || events[0]?.type === 'final') yield events;
        else if (events[0]?.type === 'delta') yield [{ type: 'usage', usage: noUsage }];
    }),
  },
  'gives its final event in batches twice': {
    caughtBy: 'batches',
    mutate: paired(async function* (batches) {
      for await (const events of batches) yield [...events, ...events.filter(({ type }) => type === 'final')];
    }),
  },
  'gives empty batches': {
    caughtBy: 'batches',
    mutate: paired(async function* (batches) {
      yield [];
      yield* batches;
    }),
  },
  'ignores in batches that its reader has left': {
    caughtBy: 'batches',
    mutate: (provider) => ({
      ...provider,
      streamBatches: (call) => inPairs(provider.stream({ ...call, signal: new AbortController().signal })),
    }),
  },
  'swallows errors in batches': {
    caughtBy: 'batches',
    mutate: paired(async function* (batches) {
      try {
        yield* batches;
      } catch {
        const end = { content: [], finishReason: 'other', rawFinishReason: null, usage: null } as const;
        yield [{ type: 'final', result: { ...end, servedModel: null, requestId: null } }];
      }
    }),
  },
  'keeps in batches what had arrived before a failure': {
    caughtBy: 'batches',
    mutate: paired(async function* (batches) {
      const all: ProviderEvent[] = [];
      for await (const events of batches) all.push(...events);
      yield all;
    }),
  },
};

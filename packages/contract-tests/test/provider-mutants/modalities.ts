import type { Part, Provider, ProviderCall, ProviderEvent } from '@vibe/core';
import { billed, type ProviderMutants, streamed } from './mutant.js';

/** Rewrites the events of one operation. */
const of = (
  operation: string,
  change: (events: AsyncIterable<ProviderEvent>, call: ProviderCall) => AsyncIterable<ProviderEvent>,
) => streamed((stream, call) => (call.operation === operation ? change(stream(call), call) : stream(call)));

/** Rewrites the parts of the final event of one operation. */
const parts = (operation: string, change: (content: readonly Part[]) => readonly Part[]) =>
  of(operation, async function* (events) {
    for await (const event of events)
      yield event.type === 'final'
        ? { ...event, result: { ...event.result, content: change(event.result.content) } }
        : event;
  });

/** Wrong when they hear, speak or paint. */
export const modalitiesMutants: ProviderMutants = {
  'hears nothing': { caughtBy: 'modalities', mutate: parts('transcribe', () => []) },
  'streams other words than it heard': {
    caughtBy: 'modalities',
    mutate: parts('transcribe', (content) =>
      content.map((part) => (part.type === 'text' ? { ...part, text: 'no' } : part)),
    ),
  },
  'streams a transcription in one piece': {
    caughtBy: 'modalities',
    mutate: of('transcribe', async function* (events) {
      for await (const event of events) {
        if (event.type !== 'final') continue;
        for (const part of event.result.content)
          yield part.type === 'text' ? { type: 'delta', part, text: part.text } : { type: 'delta', part };
        yield event;
      }
    }),
  },
  'calls raw samples a WAV file': {
    caughtBy: 'modalities',
    mutate: parts('speak', (content) =>
      content.map((part) => (part.type === 'audio' ? { ...part, mediaType: 'audio/wav' } : part)),
    ),
  },
  'gives the address of a speech instead of its bytes': {
    caughtBy: 'modalities',
    mutate: parts('speak', (content) =>
      content.map((part) => (part.type === 'audio' ? { ...part, data: new URL('https://toy.example/speech') } : part)),
    ),
  },
  'speaks another format than it was asked for, and says nothing': {
    caughtBy: 'modalities',
    mutate: of('speak', async function* (events) {
      for await (const event of events) {
        if (event.type !== 'final') yield event;
        else yield { ...event, result: { ...event.result, warnings: [] } };
      }
    }),
  },
  'says a speech in many parts': {
    caughtBy: 'modalities',
    mutate: parts('speak', (content) => [...content, ...content]),
  },
  'paints fewer pictures than asked for, and says nothing': {
    caughtBy: 'modalities',
    mutate: parts('paint', (content) => content.slice(0, 1)),
  },
  'paints more pictures than asked for': {
    caughtBy: 'modalities',
    mutate: parts('paint', (content) => [...content, ...content]),
  },
  'ignores its signal when it paints': {
    caughtBy: 'modalities',
    mutate: streamed((stream, call) =>
      stream(call.operation === 'paint' ? { ...call, signal: new AbortController().signal } : call),
    ),
  },
  'swallows the failure of a speech': {
    caughtBy: 'modalities',
    mutate: of('speak', async function* (events) {
      try {
        yield* events;
      } catch {
        const result = { content: [], finishReason: 'other', rawFinishReason: null, usage: null } as const;
        yield { type: 'final', result: { ...result, servedModel: null, requestId: null } };
      }
    }),
  },
  'bounds pictures at nothing': {
    caughtBy: 'modalities',
    mutate: (provider: Provider) => ({
      ...provider,
      estimate: (request, model, generic) =>
        generic.operation === 'paint'
          ? { quantities: { image: 0 }, unknown: true, source: 'estimated' }
          : (provider.estimate?.(request, model, generic) ?? null),
    }),
  },
  'gives audio away': {
    caughtBy: 'modalities',
    mutate: billed((usage) =>
      usage?.quantities.audio_second === undefined ? usage : { ...usage, quantities: { audio_second: 0 } },
    ),
  },
};

import { VibeError } from '@vibe/core';
import { type ProviderMutant, type ProviderMutants, rewritten, streamed } from './mutant.js';

/** Wrong about deltas and the final event. */
export const protocolMutants: ProviderMutants = {
  'shows the key in its warnings': {
    caughtBy: 'protocol',
    mutate: streamed(async function* (stream, call, key) {
      const warnings = [{ code: 'curl', message: `Try it: curl -H 'authorization: Bearer ${key}'` }];
      for await (const event of stream(call))
        yield event.type === 'final' ? { ...event, result: { ...event.result, warnings } } : event;
    }),
  },
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
      result: {
        ...event.result,
        content: event.result.content.map((part) =>
          part.type === 'text' ? { ...part, text: part.text.slice(-5) } : part,
        ),
      },
    })),
  },
  'mixes what it thought into what it said': {
    caughtBy: 'protocol',
    mutate: rewritten((event) => ({
      ...event,
      result: {
        ...event.result,
        content: event.result.content.map((part) =>
          part.type === 'reasoning' ? { type: 'text', text: part.text } : part,
        ),
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
      const content = event.result.content.map((part) =>
        part.type === 'text' && call.incremental ? { ...part, text } : part,
      );
      text = '';
      yield { ...event, result: { ...event.result, content } };
    }
  });
}

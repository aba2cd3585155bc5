import { AssertionError, ok, strictEqual } from 'node:assert/strict';
import type { Part, ProviderCall, ProviderEvent, ProviderResult } from '@vibe/core';
import type { Scene } from './scene.js';
import type { SituationName } from './situations.js';

/** Everything a provider yielded, and how it ended. */
export interface Reading {
  readonly events: readonly ProviderEvent[];
  /** Wrapped, because anything can be thrown. */
  readonly thrown: { readonly error: unknown } | null;
}

/** A provider that never ends would otherwise fill the memory. */
const maxEvents = 100_000;

/** Reads a provider's stream to its end, also beyond its final event. */
export async function read<Name extends SituationName>(scene: Scene<Name>, call: ProviderCall): Promise<Reading> {
  const events: ProviderEvent[] = [];
  const iterator = scene.provider.stream(call)[Symbol.asyncIterator]();
  try {
    while (events.length < maxEvents) {
      const step = await scene.within(iterator.next(), `event ${events.length} of the stream, or its end`);
      if (step.done === true) return { events, thrown: null };
      events.push(step.value);
    }
  } catch (error) {
    if (error instanceof AssertionError) throw error;
    return { events, thrown: { error } };
  }
  throw new AssertionError({ message: `the stream has more than ${maxEvents} events` });
}

/** The result of a call that must succeed. */
export async function resultOf<Name extends SituationName>(
  scene: Scene<Name>,
  call: ProviderCall,
): Promise<{ readonly result: ProviderResult; readonly events: readonly ProviderEvent[] }> {
  const { events, thrown } = await read(scene, call);
  if (thrown !== null) throw thrown.error;
  const last = events.at(-1);
  ok(last?.type === 'final', `the last event is final, not ${last?.type ?? 'nothing'}`);
  strictEqual(events.filter(({ type }) => type === 'final').length, 1, 'final events');
  return { result: last.result, events };
}

export function joined(parts: readonly Part[], type: 'text' | 'reasoning'): string {
  return parts.map((part) => (part.type === type ? part.text : '')).join('');
}

/** The parts of all deltas, in order. */
export function partsOf(events: readonly ProviderEvent[]): readonly Part[] {
  return events.flatMap((event) => (event.type === 'delta' ? [event.part] : []));
}

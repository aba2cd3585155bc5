import { type ProviderEvent, type ProviderResult, VibeError } from '@vibe/core';

export async function collect<Event = ProviderEvent>(events: AsyncIterable<Event>): Promise<Event[]> {
  const all: Event[] = [];
  for await (const event of events) all.push(event);
  return all;
}

/** The result of events that end as they must: with exactly one `final`, last. */
export function resultOf(events: readonly ProviderEvent[]): ProviderResult {
  const finals = events.filter((event) => event.type === 'final');
  const last = events.at(-1);
  if (finals.length !== 1 || last?.type !== 'final') throw new Error(`${finals.length} finals`);
  return last.result;
}

/** The VibeError of work that must fail. */
export async function failureOf(work: Promise<unknown>): Promise<VibeError> {
  const error: unknown = await work.then(
    () => new Error('it should have failed'),
    (reason) => reason,
  );
  if (!VibeError.is(error)) throw error;
  return error;
}

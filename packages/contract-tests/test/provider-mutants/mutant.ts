import type { Provider, ProviderCall, ProviderEvent, Usage } from '@vibe/core';

/** A provider that is wrong on purpose. */
export interface ProviderMutant {
  /** A theme that must catch it. */
  readonly caughtBy: string;
  readonly mutate: (provider: Provider, key: string) => Provider;
}

type Stream = (call: ProviderCall) => AsyncIterable<ProviderEvent>;

/** Replaces the stream by one that is made of the right one. */
export const streamed =
  (change: (stream: Stream, call: ProviderCall, key: string) => AsyncIterable<ProviderEvent>) =>
  (provider: Provider, key: string): Provider => ({
    ...provider,
    stream: (call) => change((asked) => provider.stream(asked), call, key),
  });

/** Rewrites the final event. */
export const rewritten = (change: (event: ProviderEvent & { type: 'final' }) => ProviderEvent) =>
  streamed(async function* (stream, call) {
    for await (const event of stream(call)) yield event.type === 'final' ? change(event) : event;
  });

/** Rewrites the usage in the final event. */
export const billed = (change: (usage: Usage | null) => Usage | null) =>
  rewritten((event) => ({ ...event, result: { ...event.result, usage: change(event.result.usage) } }));

/** Rewrites whatever is thrown. */
export const failing = (change: (error: unknown, key: string) => unknown) =>
  streamed(async function* (stream, call, key) {
    try {
      yield* stream(call);
    } catch (error) {
      throw change(error, key);
    }
  });

export type ProviderMutants = Readonly<Record<string, ProviderMutant>>;

import type { PartsMessage, ProviderEvent, Quantities, Usage } from '@vibe/core';
import { unsupportedPart } from './provider-error.js';

/** The events of batches one by one: `Provider.stream` of a provider that makes batches. */
export async function* singly(
  batches: AsyncIterable<readonly ProviderEvent[]>,
): AsyncGenerator<ProviderEvent, void, void> {
  for await (const events of batches) yield* events;
}

/** A piece of text, as an event. */
export function textDelta(text: string): ProviderEvent {
  return { type: 'delta', part: { type: 'text', text }, text };
}

/**
 * What a service has said so far: it is what the call costs when it ends before its result. `deltasAhead`: how many deltas
 * behind it are counted in it already.
 */
export function usageSoFar(usage: Usage, deltasAhead = 0): ProviderEvent {
  return { type: 'usage', usage: { ...usage, unknown: true, source: 'partial' }, deltasAhead };
}

/** What a provider says it bills; null when it did not say one of the counts: unknown is never 0. */
export function toldUsage(counts: { readonly [Unit in keyof Quantities]?: number | undefined }): Usage | null {
  const known = Object.values(counts).every((count) => count !== undefined);
  return known ? { quantities: counts as Quantities, unknown: false, source: 'provider' } : null;
}

/** The text of a message. Any other part is an `invalid_request`: leaving it out would change the question. */
export function messageText(provider: string, { content }: PartsMessage): string {
  return content
    .map((part) => {
      if (part.type === 'text') return part.text;
      throw unsupportedPart(provider, `a part of the type ${part.type}`, 'Send text only.');
    })
    .join('\n');
}

import type { AnyRequest, ChatRequest, GenericBound, Usage } from '@vibe/core';

/** Words of the wire for the tier that everybody has. `auto` says nothing: the answer tells what it became. */
const standard: ReadonlySet<string> = new Set(['default', 'on_demand']);

/** A `service_tier` in the words of the price list; undefined where nothing is said. */
export function serviceTierOf(said: unknown): string | undefined {
  if (typeof said !== 'string' || said === '' || said === 'auto') return undefined;
  return standard.has(said) ? 'standard' : said.toLowerCase();
}

/**
 * The generic bound at the price of the tier that `providerOptions` ask for. Null, where the generic bound stands as it is:
 * nothing is asked for, or the request has a part whose length only core can judge.
 */
export function tieredBound(
  request: AnyRequest,
  provider: string,
  { operation, quantities }: GenericBound,
): Usage | null {
  const options = request.providerOptions?.[provider];
  if (operation !== 'chat' || typeof options !== 'object' || options === null || Array.isArray(options)) return null;
  const serviceTier = serviceTierOf((options as { readonly service_tier?: unknown }).service_tier);
  if (serviceTier === undefined || (request as ChatRequest).messages.some(hasUnknownLength)) return null;
  return { quantities, unknown: true, source: 'estimated', serviceTier };
}

function hasUnknownLength({ content }: ChatRequest['messages'][number]): boolean {
  return content.some(({ type }) => type === 'audio' || type === 'file_ref');
}

import type { Json, JsonObject, Quantities, RequestBase, Usage } from '@vibe/core';

/** Recorded: one or two. How often a model searches nobody can bound. */
const HELD_SEARCHES = 5;

/** The searches that `providerOptions.gemini.tools` allow, as a hold counts them; nothing without Google's search. */
export function searchBound({ providerOptions }: Pick<RequestBase, 'providerOptions'>, modelId: string): Quantities {
  const options = providerOptions?.['gemini'];
  if (!isObject(options) || !Array.isArray(options['tools'])) return {};
  if (!options['tools'].some(isSearch)) return {};
  return { web_search: billsPrompts(modelId) ? 1 : HELD_SEARCHES };
}

function isSearch(tool: Json): boolean {
  return isObject(tool) && ['googleSearch', 'google_search'].some((name) => isObject(tool[name]));
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The usage with the searches of the answer; Google names them, but does not count them in the usage. */
export function withSearches(usage: Usage, searches: number, modelId: string): Usage {
  if (searches === 0) return usage;
  return { ...usage, quantities: { ...usage.quantities, web_search: billsPrompts(modelId) ? 1 : searches } };
}

/** How often the model searched the web for an answer, as far as `groundingMetadata` says. */
export function searchesIn(metadata: unknown): number {
  const queries = (metadata as { readonly webSearchQueries?: unknown } | null | undefined)?.webSearchQueries;
  return Array.isArray(queries) ? queries.length : 0;
}

/** Facts: models from 3 on are billed by the query; before them a grounded prompt costs once, however often it searches. */
function billsPrompts(modelId: string): boolean {
  return /^(models\/)?gemini-[12]\./.test(modelId);
}

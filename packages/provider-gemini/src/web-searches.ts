import type { Warning } from '@vibe/core';

/** How often the model searched the web for an answer, as far as `groundingMetadata` says. */
export function searchesIn(metadata: unknown): number {
  const queries = (metadata as { readonly webSearchQueries?: unknown } | null | undefined)?.webSearchQueries;
  return Array.isArray(queries) ? queries.length : 0;
}

/** Facts: Google bills queries of `googleSearch` beside tokens, some are free every month, and no usage counts them. */
export function searchWarning(searches: number): Warning {
  return {
    code: 'search_not_counted',
    message: `The model searched the web with ${searches} queries. Google may bill them beside the tokens; the cost here has only the tokens.`,
    details: { searches },
  };
}

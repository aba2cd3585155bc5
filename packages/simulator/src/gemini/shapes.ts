import type { JsonObject } from '../json.js';

/** The counts behind one `usageMetadata`. */
export interface GeminiCounts {
  readonly prompt: number;
  readonly cached: number;
  readonly candidates: number;
  readonly thoughts: number;
}

/**
 * Facts: what is 0 is left out, `totalTokenCount` is the sum of prompt, candidates and thoughts, and cached tokens are
 * inside the prompt's.
 */
export function usageMetadata(counts: GeminiCounts): JsonObject {
  return {
    promptTokenCount: counts.prompt,
    ...(counts.candidates > 0 && { candidatesTokenCount: counts.candidates }),
    totalTokenCount: counts.prompt + counts.candidates + counts.thoughts,
    ...(counts.cached > 0 && { cachedContentTokenCount: counts.cached }),
    promptTokensDetails: textTokens(counts.prompt),
    ...(counts.cached > 0 && { cacheTokensDetails: textTokens(counts.cached) }),
    ...(counts.thoughts > 0 && { thoughtsTokenCount: counts.thoughts }),
    serviceTier: 'standard',
  };
}

/** Token details of a text without media. */
export function textTokens(tokenCount: number): JsonObject[] {
  return [{ modality: 'TEXT', tokenCount }];
}

/** One GenerateContentResponse: a whole answer, or one event of a stream. */
export function generateContentResponse(
  parts: readonly JsonObject[],
  finishReason: 'STOP' | 'MAX_TOKENS' | null,
  counts: GeminiCounts,
  ids: { readonly modelVersion: string; readonly responseId: string },
): JsonObject {
  const content = { ...(parts.length > 0 && { parts }), role: 'model' };
  return {
    candidates: [{ content, ...(finishReason !== null && { finishReason }), index: 0 }],
    usageMetadata: usageMetadata(counts),
    modelVersion: ids.modelVersion,
    responseId: ids.responseId,
  };
}

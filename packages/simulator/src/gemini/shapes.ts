import type { JsonObject } from '../json.js';
import { type MediaTokens, sumOf } from './media-tokens.js';

/** The counts behind one `usageMetadata`. */
export interface GeminiCounts {
  /** Text only. */
  readonly prompt: number;
  readonly media: MediaTokens;
  readonly cached: number;
  /** Everything the answer consists of, media included. */
  readonly candidates: number;
  readonly thoughts: number;
  /** What of the candidates is no text; facts: only media answers say so. */
  readonly output?: Readonly<Partial<Record<'IMAGE' | 'AUDIO', number>>>;
}

/** What an answer says about itself. */
export interface AnswerIds {
  readonly modelVersion: string;
  readonly responseId: string;
}

/**
 * Facts: what is 0 is left out, `totalTokenCount` is the sum of prompt, candidates and thoughts, and cached tokens are
 * inside the prompt's.
 */
export function usageMetadata(counts: GeminiCounts): JsonObject {
  const prompt = counts.prompt + sumOf(counts.media);
  const output = detailsOf(counts.output ?? {});
  return {
    promptTokenCount: prompt,
    ...(counts.candidates > 0 && { candidatesTokenCount: counts.candidates }),
    totalTokenCount: prompt + counts.candidates + counts.thoughts,
    ...(counts.cached > 0 && { cachedContentTokenCount: counts.cached }),
    promptTokensDetails: promptDetails(counts.prompt, counts.media),
    ...(counts.cached > 0 && { cacheTokensDetails: textTokens(counts.cached) }),
    ...(output.length > 0 && { candidatesTokensDetails: output }),
    ...(counts.thoughts > 0 && { thoughtsTokenCount: counts.thoughts }),
    serviceTier: 'standard',
  };
}

/** Token details of a text without media. */
function textTokens(tokenCount: number): JsonObject[] {
  return [{ modality: 'TEXT', tokenCount }];
}

/** Token details of a prompt by modality. */
export function promptDetails(text: number, media: MediaTokens): JsonObject[] {
  return [...textTokens(text), ...detailsOf(media)];
}

function detailsOf(counts: Readonly<Record<string, number>>): JsonObject[] {
  return Object.entries(counts).map(([modality, tokenCount]) => ({ modality, tokenCount }));
}

/** One GenerateContentResponse: a whole answer, or one event of a stream. */
export function generateContentResponse(
  parts: readonly JsonObject[],
  finishReason: string | null,
  counts: GeminiCounts,
  ids: AnswerIds,
): JsonObject {
  const content = { ...(parts.length > 0 && { parts }), role: 'model' };
  return {
    candidates: [{ content, ...(finishReason !== null && { finishReason }), index: 0 }],
    usageMetadata: usageMetadata(counts),
    modelVersion: ids.modelVersion,
    responseId: ids.responseId,
  };
}

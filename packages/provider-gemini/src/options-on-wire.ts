import type { JsonObject, RequestBase } from '@vibe/core';
import { type FixedField, mergeOptions } from '@vibe/provider-kit';

const useCap = 'Use maxOutputTokens.';
const oneAnswer = 'Make one call per answer.';
const ourFields = 'Use the fields of the request.';
const camelCase = 'Write it as generationConfig.';

/** Facts: Google takes every field in camelCase and in snake_case, so neither may get around the hold. */
const fixedFields: readonly FixedField[] = [
  { path: 'contents', instead: ourFields },
  { path: 'systemInstruction', instead: ourFields },
  { path: 'system_instruction', instead: ourFields },
  { path: 'generationConfig.maxOutputTokens', instead: useCap },
  { path: 'generationConfig.max_output_tokens', instead: useCap },
  { path: 'generationConfig.candidateCount', instead: oneAnswer },
  { path: 'generationConfig.candidate_count', instead: oneAnswer },
  { path: 'generation_config', instead: camelCase },
];

/**
 * The body with `providerOptions.gemini` over it: `safetySettings` and whatever else the caller wants to say. `tools` are
 * added to those of the request (Google's own, such as `googleSearch`, stand beside function declarations). Throws
 * `invalid_request` for what would cost more than is held.
 */
export function withOptions(body: JsonObject, { providerOptions }: Pick<RequestBase, 'providerOptions'>): JsonObject {
  const options = providerOptions?.['gemini'];
  if (typeof options !== 'object' || options === null || Array.isArray(options)) return body;
  const fields = options as JsonObject;
  const merged = mergeOptions(body, fields, ['generationConfig', 'toolConfig'], fixedFields);
  const [ours, theirs] = [body['tools'], fields['tools']];
  return Array.isArray(ours) && Array.isArray(theirs) ? { ...merged, tools: [...ours, ...theirs] } : merged;
}

/** The service tier that `providerOptions.gemini` asks for, in the words of the price list; undefined for the standard one. */
export function serviceTierOf({ providerOptions }: Pick<RequestBase, 'providerOptions'>): string | undefined {
  const options = providerOptions?.['gemini'];
  if (typeof options !== 'object' || options === null || Array.isArray(options)) return undefined;
  const { serviceTier, service_tier } = options as JsonObject;
  const asked = serviceTier ?? service_tier;
  return typeof asked === 'string' && asked !== '' ? asked.toLowerCase().replace(/^service_tier_/, '') : undefined;
}

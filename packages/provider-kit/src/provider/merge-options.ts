import type { Json, JsonObject } from '@vibe/core';

/**
 * The wire body with the caller's `providerOptions` over it. They come last and win; fields named in `deep` are merged
 * one level down instead of replaced.
 */
export function mergeOptions(body: JsonObject, options: Json | undefined, deep: readonly string[] = []): JsonObject {
  if (!isObject(options)) return body;
  const merged: Record<string, Json> = { ...body, ...options };
  for (const field of deep) {
    const [ours, theirs] = [body[field], options[field]];
    if (isObject(ours) && isObject(theirs)) merged[field] = { ...ours, ...theirs };
  }
  return merged;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

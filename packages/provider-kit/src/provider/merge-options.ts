import { type Json, type JsonObject, VibeError } from '@vibe/core';

/** A field that options must not set, because the hold was computed from it: its path and what to use instead. */
export interface FixedField {
  readonly path: string;
  readonly instead: string;
}

/**
 * The wire body with the caller's `providerOptions` over it. They come last and win; fields named in `deep` are merged
 * one level down instead of replaced. A field in `fixed` is refused with `invalid_request`: what is sent must not cost
 * more than what is held.
 */
export function mergeOptions(
  body: JsonObject,
  options: Json | undefined,
  deep: readonly string[] = [],
  fixed: readonly FixedField[] = [],
): JsonObject {
  if (!isObject(options)) return body;
  for (const { path, instead } of fixed) refuse(options, path, instead);
  const merged: Record<string, Json> = { ...body, ...options };
  for (const field of deep) {
    const [ours, theirs] = [body[field], options[field]];
    if (isObject(ours) && isObject(theirs)) merged[field] = { ...ours, ...theirs };
  }
  return merged;
}

function refuse(options: JsonObject, path: string, instead: string): void {
  let value: Json | undefined = options;
  for (const key of path.split('.')) value = isObject(value) ? value[key] : undefined;
  if (value === undefined) return;
  throw new VibeError(
    'invalid_request',
    `providerOptions must not set ${path}: what the call can cost was held without it. ${instead}`,
    {
      details: { path },
      next: [instead],
    },
  );
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

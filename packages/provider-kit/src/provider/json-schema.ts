import { type JsonObject, type StandardSchema, VibeError } from '@vibe/core';

/** How schema libraries give their JSON Schema: the Standard JSON Schema extension, or a method of their own. */
interface ConvertibleSchema {
  readonly '~standard'?: { readonly jsonSchema?: { input?(options: { target: string }): unknown } };
  toJSONSchema?(): unknown;
  toJsonSchema?(): unknown;
}

/**
 * The JSON Schema of what a model has to write: a plain JSON Schema as it is, a Standard Schema by its own conversion
 * (zod 4, arktype, and everything that implements Standard JSON Schema). Throws `invalid_request` when it has none.
 * `what` names it in the message.
 */
export function jsonSchemaOf(schema: JsonObject | StandardSchema, what: string): JsonObject {
  if (!('~standard' in schema)) return schema as JsonObject;
  const source = schema as ConvertibleSchema;
  const converted =
    source['~standard']?.jsonSchema?.input?.({ target: 'draft-2020-12' }) ??
    source.toJSONSchema?.() ??
    source.toJsonSchema?.();
  if (typeof converted === 'object' && converted !== null) return converted as JsonObject;
  throw new VibeError(
    'invalid_request',
    `${what} is a schema that cannot produce JSON Schema, which the provider needs.`,
    {
      next: ['Pass a JSON Schema object, or a schema of a library that converts itself (zod 4, arktype).'],
    },
  );
}

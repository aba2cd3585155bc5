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

/**
 * Whether strict modes take the schema: every object names all its fields, needs all of them and allows no other (OpenAI's
 * rule). Strict modes refuse a schema that leaves anything open.
 */
export function isStrictSchema(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.every(isStrictSchema);
  if (typeof schema !== 'object' || schema === null) return true;
  const { properties, required, additionalProperties, ...rest } = schema as JsonObject;
  const isObject = rest['type'] === 'object' || properties !== undefined;
  if (!isObject) return Object.values(rest).every(isStrictSchema);
  const names = Object.keys((properties ?? {}) as JsonObject);
  const needed: readonly unknown[] = Array.isArray(required) ? required : [];
  const closed = additionalProperties === false && names.every((name) => needed.includes(name));
  return (
    closed &&
    Object.values((properties ?? {}) as JsonObject).every(isStrictSchema) &&
    Object.values(rest).every(isStrictSchema)
  );
}

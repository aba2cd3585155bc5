import type { StandardSchema } from '@vibe/core';
import { invalidField } from './read-field.js';

/**
 * `value` as a schema reads it. The schema must validate synchronously. Anything that does not fit is
 * `invalid_response` with the JSON path of the first problem.
 */
export function parseWith<Output>(schema: StandardSchema<unknown, Output>, value: unknown): Output {
  const result = schema['~standard'].validate(value);
  if (result instanceof Promise) throw new TypeError('the schema of a wire format validates asynchronously');
  if (result.issues === undefined) return result.value;
  const issue = result.issues[0];
  const keys = (issue?.path ?? []).map((segment) => (typeof segment === 'object' ? segment.key : segment));
  const path = keys.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  throw invalidField(`$${path}`, lowerFirst((issue?.message ?? 'unreadable').replace(/\.$/, '')));
}

/** JSON text as a value; `invalid_response` when it is none. `what` names it in the message. */
export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidField('$', `${what} is not valid JSON`);
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

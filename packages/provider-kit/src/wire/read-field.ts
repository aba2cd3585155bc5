import { VibeError } from '@vibe/core';

/** A JSON object whose fields are not yet known to be of the right type. */
export type WireObject = Readonly<Record<string, unknown>>;

/**
 * Readers of single fields of a provider's JSON, for hot paths and for packages without a schema library: a missing or
 * null field is undefined, a field of another type is `invalid_response` with its path.
 */
export function asWireObject(value: unknown, path: string): WireObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as WireObject;
  throw wrongType(path, 'an object', value);
}

export function readObject(parent: WireObject, key: string, path: string): WireObject | undefined {
  const value = parent[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'object' && !Array.isArray(value)) return value as WireObject;
  throw wrongType(`${path}.${key}`, 'an object', value);
}

export function readArray(parent: WireObject, key: string, path: string): readonly unknown[] | undefined {
  const value = parent[key];
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) return value;
  throw wrongType(`${path}.${key}`, 'an array', value);
}

export function readText(parent: WireObject, key: string, path: string): string | undefined {
  const value = parent[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  throw wrongType(`${path}.${key}`, 'a string', value);
}

/** A count: a finite number that is not negative. */
export function readCount(parent: WireObject, key: string, path: string): number | undefined {
  const value = parent[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  throw wrongType(`${path}.${key}`, 'a number from 0', value);
}

/** `invalid_response` for a field of the wrong type. `path` is a JSON path such as `$.choices[0].delta`. */
export function wrongType(path: string, expected: string, value: unknown): VibeError {
  const got = value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
  return invalidField(path, `expected ${expected}, got ${got}`);
}

/** `invalid_response` for a field that cannot be read. */
export function invalidField(path: string, problem: string): VibeError {
  return new VibeError('invalid_response', `The provider's answer cannot be read at ${path}: ${problem}.`, {
    details: { path },
    next: [
      'If it happens again, the provider has changed its format: look for a newer version of the provider package.',
    ],
  });
}

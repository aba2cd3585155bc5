/** What JSON can be. */
export type JsonType = 'string' | 'number' | 'boolean' | 'null' | 'object' | 'array';

/** The types seen at each path, such as `candidates[].finishReason`; the items of a list share one path. */
export type Shape = ReadonlyMap<string, ReadonlySet<JsonType>>;

/** Deeper JSON than this is not looked into. */
const maxDepth = 32;

/** The shape of some documents together. What lies below the paths in `opaque` has keys of its own and is left out. */
export function shapeOf(documents: readonly unknown[], opaque: readonly string[] = []): Shape {
  const shape = new Map<string, Set<JsonType>>();
  const closed = new Set(opaque);
  for (const document of documents) visit(document, '', 0);
  return shape;

  function visit(value: unknown, path: string, depth: number): void {
    if (path !== '') {
      const types = shape.get(path) ?? new Set();
      shape.set(path, types.add(typeOf(value)));
    }
    if (closed.has(path) || depth > maxDepth || typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) {
      for (const item of value) visit(item, `${path}[]`, depth + 1);
      return;
    }
    for (const [key, entry] of Object.entries(value)) visit(entry, path === '' ? key : `${path}.${key}`, depth + 1);
  }
}

export function typeOf(value: unknown): JsonType {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  const type = typeof value;
  return type === 'string' || type === 'number' || type === 'boolean' ? type : 'object';
}

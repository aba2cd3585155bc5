import { formatPath, type Path } from '../path.js';

/** A value of a layer together with where it was written. */
export type Annotated = Single | List | Fields;

export interface Single {
  readonly kind: 'single';
  readonly value: unknown;
  readonly origin: string;
}

export interface List {
  readonly kind: 'list';
  readonly items: readonly Annotated[];
  readonly origin: string;
}

export interface Fields {
  readonly kind: 'fields';
  readonly entries: ReadonlyMap<string, Annotated>;
  readonly origin: string;
}

export const noFields: Fields = { kind: 'fields', entries: new Map(), origin: 'default' };

/** `value` as a tree in which every part knows its origin. What is undefined is left out. */
export function annotate(value: unknown, originOf: (path: Path) => string, path: Path = []): Annotated {
  const origin = originOf(path);
  if (Array.isArray(value)) {
    return { kind: 'list', items: value.map((item, index) => annotate(item, originOf, [...path, index])), origin };
  }
  if (typeof value !== 'object' || value === null) return { kind: 'single', value, origin };
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  return {
    kind: 'fields',
    entries: new Map(entries.map(([key, entry]) => [key, annotate(entry, originOf, [...path, key])])),
    origin,
  };
}

/** The value without its origins. */
export function plainOf(node: Annotated): unknown {
  if (node.kind === 'single') return node.value;
  if (node.kind === 'list') return node.items.map(plainOf);
  return Object.fromEntries([...node.entries].map(([key, entry]) => [key, plainOf(entry)]));
}

/** The origin of every part, by formatted path. */
export function originsOf(node: Annotated): ReadonlyMap<string, string> {
  const origins = new Map<string, string>();
  const visit = (at: Annotated, path: Path) => {
    if (path.length > 0) origins.set(formatPath(path), at.origin);
    if (at.kind === 'list') for (const [index, item] of at.items.entries()) visit(item, [...path, index]);
    if (at.kind === 'fields') for (const [key, entry] of at.entries) visit(entry, [...path, key]);
  };
  visit(node, []);
  return origins;
}

/** The plain value of one entry; undefined when it is not there. */
export function entryOf(node: Annotated, key: string): unknown {
  const entry = node.kind === 'fields' ? node.entries.get(key) : undefined;
  return entry === undefined ? undefined : plainOf(entry);
}

/** The same fields with some of them replaced. */
export function withEntries(node: Fields, changes: Iterable<readonly [string, Annotated]>): Fields {
  return { ...node, entries: new Map([...node.entries, ...changes]) };
}

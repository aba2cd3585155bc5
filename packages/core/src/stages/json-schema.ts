/** A JSON Schema, of which the words are read that schemas for models are made of; others bind nothing. */
type Schema = { readonly [word: string]: unknown };
type Check = (value: unknown, schema: Schema, place: Place) => string | null;

interface Place {
  readonly path: string;
  readonly root: Schema;
  readonly depth: number;
}

/** Deeper than any answer that means something; a schema that refers to itself without end stops here. */
const maxDepth = 64;

/** What is wrong with a value, with its path; null when it fits. */
export function schemaProblem(value: unknown, schema: Schema): string | null {
  return problemAt(value, schema, { path: '', root: schema, depth: 0 });
}

function problemAt(value: unknown, schema: unknown, place: Place): string | null {
  if (schema === false) return problem(place, 'is not allowed');
  if (!isObject(schema) || place.depth > maxDepth) return null;
  const inner = { ...place, depth: place.depth + 1 };
  for (const check of checks) {
    const found = check(value, schema, inner);
    if (found !== null) return found;
  }
  return null;
}

const checks: readonly Check[] = [reference, typed, chosen, combined, numbers, texts, lists, objects];

function reference(value: unknown, schema: Schema, place: Place): string | null {
  const target = schema['$ref'];
  if (typeof target !== 'string' || !target.startsWith('#')) return null;
  let here: unknown = place.root;
  for (const step of target.slice(1).split('/').filter(Boolean)) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    here = isObject(here) || Array.isArray(here) ? (here as Schema)[key] : undefined;
  }
  return problemAt(value, here, place);
}

function typed(value: unknown, { type, nullable }: Schema, place: Place): string | null {
  if (type === undefined || (value === null && nullable === true)) return null;
  const allowed = (Array.isArray(type) ? type : [type]).map((name) => String(name).toLowerCase());
  return allowed.some((name) => isOfType(value, name)) ? null : problem(place, `must be ${allowed.join(' or ')}`);
}

function isOfType(value: unknown, name: string): boolean {
  if (name === 'integer') return Number.isInteger(value);
  if (name === 'array') return Array.isArray(value);
  if (name === 'object') return isObject(value);
  return name === 'null' ? value === null : typeof value === name;
}

function chosen(value: unknown, schema: Schema, place: Place): string | null {
  const options = 'const' in schema ? [schema['const']] : schema['enum'];
  if (!Array.isArray(options)) return null;
  const text = JSON.stringify(value);
  if (options.some((option) => JSON.stringify(option) === text)) return null;
  return problem(place, `must be one of ${JSON.stringify(options)}`);
}

function combined(value: unknown, { allOf, anyOf, oneOf }: Schema, place: Place): string | null {
  for (const each of listOf(allOf)) {
    const found = problemAt(value, each, place);
    if (found !== null) return found;
  }
  for (const branches of [listOf(anyOf), listOf(oneOf)]) {
    if (branches.length === 0) continue;
    const found = branches.map((branch) => problemAt(value, branch, place));
    if (!found.includes(null)) return found[0] ?? null;
  }
  return null;
}

function numbers(value: unknown, schema: Schema, place: Place): string | null {
  if (typeof value !== 'number') return null;
  const bound = (word: string) => (typeof schema[word] === 'number' ? schema[word] : null);
  const [min, max, above, below] = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'].map(bound);
  if (typeof min === 'number' && value < min) return problem(place, `must be at least ${min}`);
  if (typeof max === 'number' && value > max) return problem(place, `must be at most ${max}`);
  if (typeof above === 'number' && value <= above) return problem(place, `must be more than ${above}`);
  return typeof below === 'number' && value >= below ? problem(place, `must be less than ${below}`) : null;
}

function texts(value: unknown, { minLength, maxLength, pattern }: Schema, place: Place): string | null {
  if (typeof value !== 'string') return null;
  const { length } = [...value];
  if (typeof minLength === 'number' && length < minLength) return problem(place, `needs ${minLength} characters`);
  if (typeof maxLength === 'number' && length > maxLength) return problem(place, `may have ${maxLength} characters`);
  if (typeof pattern !== 'string') return null;
  const expression = expressionOf(pattern);
  return expression === null || expression.test(value) ? null : problem(place, `must match ${pattern}`);
}

function expressionOf(pattern: string): RegExp | null {
  try {
    return new RegExp(pattern, 'u');
  } catch {
    return null;
  }
}

function lists(value: unknown, { items, prefixItems, minItems, maxItems }: Schema, place: Place): string | null {
  if (!Array.isArray(value)) return null;
  if (typeof minItems === 'number' && value.length < minItems) return problem(place, `needs ${minItems} items`);
  if (typeof maxItems === 'number' && value.length > maxItems) return problem(place, `may have ${maxItems} items`);
  const first = listOf(prefixItems);
  for (const [index, item] of value.entries()) {
    const found = problemAt(item, index < first.length ? first[index] : items, below(place, index));
    if (found !== null) return found;
  }
  return null;
}

function objects(value: unknown, schema: Schema, place: Place): string | null {
  if (!isObject(value)) return null;
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  for (const key of listOf(schema['required'])) {
    if (typeof key === 'string' && !Object.hasOwn(value, key)) return problem(below(place, key), 'is missing');
  }
  for (const [key, entry] of Object.entries(value)) {
    const rule = Object.hasOwn(properties, key) ? properties[key] : schema['additionalProperties'];
    const found = problemAt(entry, rule, below(place, key));
    if (found !== null) return found;
  }
  return null;
}

function below(place: Place, key: string | number): Place {
  return { ...place, path: place.path === '' ? String(key) : `${place.path}.${key}` };
}

function problem({ path }: Place, what: string): string {
  return `${path === '' ? 'answer' : path}: ${what}`;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

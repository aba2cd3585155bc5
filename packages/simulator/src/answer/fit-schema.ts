import { asArray, asNumber, asObject, asString, type JsonObject } from '../json.js';

/** Deeper than any schema that means something; recursive ones end here. */
const MAX_DEPTH = 12;

/**
 * A JSON value that fits a JSON Schema, the same for the same schema: required and optional properties, enums, constants,
 * bounds, the first branch of a union, references into `$defs`. Strings take their text from `words`.
 */
export function fitSchema(schema: unknown, words: string): unknown {
  return fit(asObject(schema) ?? {}, { root: asObject(schema) ?? {}, words, depth: 0 });
}

interface Place {
  readonly root: JsonObject;
  readonly words: string;
  readonly depth: number;
}

function fit(schema: JsonObject, place: Place): unknown {
  if (place.depth > MAX_DEPTH) return null;
  const inner = { ...place, depth: place.depth + 1 };
  const reference = asString(schema['$ref']);
  if (reference !== null) return fit(resolved(reference, place.root), inner);
  if ('const' in schema) return schema['const'];
  const [choice] = asArray(schema['enum']);
  if (choice !== undefined) return choice;
  const branch = ['anyOf', 'oneOf'].map((key) => asObject(asArray(schema[key])[0])).find((each) => each !== null);
  if (branch) return fit(branch, inner);
  const all = asArray(schema['allOf']).map((each) => asObject(each) ?? {});
  if (all.length > 0) return fit(Object.assign({}, schema, { allOf: [] }, ...all), inner);
  return fitType(typeOf(schema), schema, inner);
}

function typeOf(schema: JsonObject): string {
  const { type } = schema;
  const named = asString(type) ?? asString(asArray(type).find((each) => each !== 'null'));
  return named?.toLowerCase() ?? ('properties' in schema ? 'object' : 'items' in schema ? 'array' : 'string');
}

function fitType(type: string, schema: JsonObject, place: Place): unknown {
  switch (type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(asObject(schema['properties']) ?? {}).map(([name, each]) => [
          name,
          fit(asObject(each) ?? {}, { ...place, words: name }),
        ]),
      );
    case 'array': {
      const count = Math.min(10, asNumber(schema['minItems']) ?? 1);
      return Array.from({ length: count }, () => fit(asObject(schema['items']) ?? {}, place));
    }
    case 'integer':
    case 'number':
      return fitNumber(schema);
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return fitText(schema, place.words);
  }
}

function fitNumber(schema: JsonObject): number {
  const above = asNumber(schema['exclusiveMinimum']);
  const least = asNumber(schema['minimum']) ?? (above === null ? null : above + 1);
  const most = asNumber(schema['maximum']);
  const step = asNumber(schema['multipleOf']) ?? 1;
  const wanted = Math.max(1, least ?? 1);
  return Math.ceil((most === null ? wanted : Math.min(most, wanted)) / step) * step;
}

function fitText(schema: JsonObject, words: string): string {
  const formats: Readonly<Record<string, string>> = {
    'date-time': '2026-01-01T00:00:00Z',
    date: '2026-01-01',
    email: 'somebody@example.com',
    uri: 'https://example.com/',
    uuid: '00000000-0000-4000-8000-000000000000',
  };
  const text = formats[asString(schema['format']) ?? ''] ?? `simulated ${words}`;
  const padded = text.padEnd(asNumber(schema['minLength']) ?? 0, '.');
  return padded.slice(0, asNumber(schema['maxLength']) ?? padded.length);
}

/** References of the form `#/$defs/name`; any other fits everything. */
function resolved(reference: string, root: JsonObject): JsonObject {
  const way = reference
    .replace(/^#\/?/, '')
    .split('/')
    .filter((step) => step !== '');
  let here: unknown = root;
  for (const step of way) here = asObject(here)?.[step.replaceAll('~1', '/').replaceAll('~0', '~')];
  return asObject(here) ?? {};
}

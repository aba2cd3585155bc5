import { keyMeanings } from './key-meanings.js';

type Schema = Readonly<Record<string, unknown>>;

/**
 * The JSON Schema (draft 2020-12) of config files, for editors; `@vibe/config/schema.json` is the same as a file. `$schema`
 * is allowed in a file so that it can name it.
 */
export async function configJsonSchema(): Promise<Record<string, unknown>> {
  const [{ toJSONSchema }, { configSchema }] = await Promise.all([
    import('./to-json-schema.js'),
    import('./schema.js'),
  ]);
  const { properties, ...schema } = withMeanings(toJSONSchema(configSchema, { io: 'input' }) as Schema, '');
  return {
    ...schema,
    title: 'Vibe configuration',
    properties: { $schema: { type: 'string' }, ...(properties as object) },
  };
}

/** The schema with a description for every key. */
function withMeanings(schema: Schema, place: string): Schema {
  const description = keyMeanings[place];
  const changed: Record<string, unknown> = { ...(description !== undefined && { description }), ...schema };
  const { properties, additionalProperties, items, anyOf } = schema;
  if (isSchema(properties)) {
    changed['properties'] = Object.fromEntries(
      Object.entries(properties).map(([key, entry]) => [
        key,
        withMeanings(entry as Schema, place === '' ? key : `${place}.${key}`),
      ]),
    );
  }
  if (isSchema(additionalProperties))
    changed['additionalProperties'] = withMeanings(additionalProperties, `${place}.*`);
  if (isSchema(items)) changed['items'] = withMeanings(items, `${place}[]`);
  if (Array.isArray(anyOf)) changed['anyOf'] = anyOf.map((branch: Schema) => withMeanings(branch, place));
  return changed;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

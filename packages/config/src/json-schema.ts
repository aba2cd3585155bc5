/** The JSON Schema (draft 2020-12) of config files, for editors. `$schema` is allowed in a file so that it can name it. */
export async function configJsonSchema(): Promise<Record<string, unknown>> {
  const [{ z }, { configSchema }] = await Promise.all([import('zod'), import('./schema.js')]);
  const { properties, ...schema } = z.toJSONSchema(configSchema, { io: 'input' });
  return {
    ...schema,
    title: 'Vibe configuration',
    properties: { $schema: { type: 'string' }, ...properties },
  };
}

import { describe, expect, it } from 'vitest';
import { jsonSchemaOf } from './json-schema.js';

const standard = { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } as const;
const schema = { type: 'object', properties: {} };

describe('jsonSchemaOf', () => {
  it('gives a JSON Schema as it is', () => {
    expect(jsonSchemaOf(schema, 'The output')).toBe(schema);
  });

  it('asks a Standard Schema for the schema of what has to be written', () => {
    const input = ({ target }: { target: string }) => ({ ...schema, $schema: target });
    const converts = { '~standard': { ...standard, jsonSchema: { input } } };
    expect(jsonSchemaOf(converts, 'The output')).toEqual({ ...schema, $schema: 'draft-2020-12' });
    expect(jsonSchemaOf({ '~standard': standard, toJSONSchema: () => schema } as never, 'The output')).toBe(schema);
    expect(jsonSchemaOf({ '~standard': standard, toJsonSchema: () => schema } as never, 'The output')).toBe(schema);
  });

  it('refuses a schema that cannot say what it wants', () => {
    expect(() => jsonSchemaOf({ '~standard': standard }, 'The input of tool weather')).toThrow(
      /The input of tool weather is a schema that cannot produce JSON Schema/,
    );
  });
});

import { describe, expect, it } from 'vitest';
import { isStrictSchema, jsonSchemaOf } from './json-schema.js';

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

describe('isStrictSchema', () => {
  const closed = {
    type: 'object',
    properties: { a: { type: 'string' } },
    required: ['a'],
    additionalProperties: false,
  };

  it.each<[string, unknown]>([
    ['a closed object', closed],
    ['a list of them', { type: 'array', items: closed }],
    ['a choice of them', { anyOf: [closed, { type: 'null' }], $defs: { other: closed } }],
    ['no object at all', { type: 'string', enum: ['object', 'properties'] }],
    ['a field named as a keyword', { ...closed, properties: { type: { type: 'string' } }, required: ['type'] }],
  ])('takes %s', (_what, value) => {
    expect(isStrictSchema(value)).toBe(true);
  });

  it.each<[string, unknown]>([
    ['an object that allows more', { ...closed, additionalProperties: true }],
    ['an object that does not say', { type: 'object', properties: {} }],
    ['an optional field', { ...closed, required: [] }],
    ['an open object inside', { ...closed, properties: { a: { type: 'object', properties: {} } } }],
    ['an open object in a list', { type: 'array', items: { type: 'object' } }],
    ['an open definition', { ...closed, $defs: { other: { properties: { b: {} } } } }],
  ])('takes not %s', (_what, value) => {
    expect(isStrictSchema(value)).toBe(false);
  });
});

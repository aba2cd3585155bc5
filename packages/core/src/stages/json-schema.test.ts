import { expect, it } from 'vitest';
import { schemaProblem } from './json-schema.js';

const city = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 2 },
    size: { type: 'integer', minimum: 0 },
    tags: { type: 'array', items: { enum: ['a', 'b'] }, maxItems: 2 },
  },
  required: ['name'],
  additionalProperties: false,
};

it.each<[unknown, object]>([
  [{ name: 'Bonn', size: 1, tags: ['a', 'b'] }, city],
  [null, { type: ['string', 'null'] }],
  [null, { type: 'STRING', nullable: true }],
  [1.5, { type: 'NUMBER' }],
  ['x', { anyOf: [{ type: 'number' }, { type: 'string' }] }],
  [
    { next: { next: {} } },
    { $defs: { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } } } }, $ref: '#/$defs/node' },
  ],
  ['anything', {}],
  ['abc', { pattern: '[' }],
  [{ a: 1 }, { type: 'object', additionalProperties: { type: 'number' } }],
])('%j fits %j', (value, schema) => {
  expect(schemaProblem(value, schema as never)).toBeNull();
});

it.each<[unknown, object, string]>([
  [{ size: 1 }, city, 'name: is missing'],
  [{ name: 'B' }, city, 'name: needs 2 characters'],
  [{ name: 'Bonn', size: 1.5 }, city, 'size: must be integer'],
  [{ name: 'Bonn', size: -1 }, city, 'size: must be at least 0'],
  [{ name: 'Bonn', tags: ['a', 'c'] }, city, 'tags.1: must be one of ["a","b"]'],
  [{ name: 'Bonn', tags: ['a', 'a', 'a'] }, city, 'tags: may have 2 items'],
  [{ name: 'Bonn', mayor: 'x' }, city, 'mayor: is not allowed'],
  [[], city, 'answer: must be object'],
  ['x', { const: 'y' }, 'answer: must be one of ["y"]'],
  [true, { oneOf: [{ type: 'number' }, { type: 'string' }] }, 'answer: must be number'],
  [
    { next: { next: 1 } },
    { $defs: { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } } } }, $ref: '#/$defs/node' },
    'next.next: must be object',
  ],
  ['abc', { pattern: '^\\d+$' }, 'answer: must match ^\\d+$'],
  [5, { allOf: [{ type: 'number' }, { exclusiveMaximum: 5 }] }, 'answer: must be less than 5'],
  [[1, 'x'], { prefixItems: [{ type: 'number' }], items: { type: 'boolean' } }, '1: must be boolean'],
])('%j does not fit %j', (value, schema, problem) => {
  expect(schemaProblem(value, schema as never)).toBe(problem);
});

import { expect, it } from 'vitest';
import { fitSchema } from './fit-schema.js';

const defs = { $defs: { city: { type: 'object', properties: { name: { type: 'string' } } } } };

it.each([
  [
    { type: 'object', properties: { city: { type: 'string' }, population: { type: 'integer' } } },
    { city: 'simulated city', population: 1 },
  ],
  [{ properties: { big: { type: 'boolean' }, none: { type: 'null' } } }, { big: true, none: null }],
  [{ type: 'array', items: { type: 'number', minimum: 5 }, minItems: 2 }, [5, 5]],
  [{ type: 'integer', exclusiveMinimum: 4, multipleOf: 3 }, 6],
  [{ type: 'number', maximum: -2 }, -2],
  [{ enum: ['sunny', 'rainy'] }, 'sunny'],
  [{ const: 7 }, 7],
  [{ anyOf: [{ type: 'integer' }, { type: 'string' }] }, 1],
  [{ type: ['null', 'integer'] }, 1],
  [{ allOf: [{ properties: { a: { const: 1 } } }, { type: 'object' }] }, { a: 1 }],
  [{ ...defs, items: { $ref: '#/$defs/city' } }, [{ name: 'simulated name' }]],
  [{ type: 'string', minLength: 20 }, 'simulated thing.....'],
  [{ type: 'string', maxLength: 3 }, 'sim'],
  [{ type: 'string', format: 'date' }, '2026-01-01'],
  [{ type: 'STRING' }, 'simulated thing'],
  [{}, 'simulated thing'],
])('a value that fits %j is %j', (schema, expected) => {
  expect(fitSchema(schema, 'thing')).toEqual(expected);
});

it('ends in a schema that contains itself', () => {
  const tree = { properties: { child: { $ref: '#' } } };
  expect(JSON.stringify(fitSchema(tree, 'tree')).length).toBeLessThan(1_000);
});

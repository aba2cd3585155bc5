import type { StandardSchema } from '@vibe/core';
import { describe, expect, it } from 'vitest';
import { parseJson, parseWith } from './parse-with.js';

type Result = ReturnType<StandardSchema['~standard']['validate']>;

function schema(result: Result): StandardSchema {
  return { '~standard': { version: 1, vendor: 'test', validate: () => result } };
}

describe('parseWith', () => {
  it('gives what the schema gives', () => {
    expect(parseWith(schema({ value: { a: 1 } }), 'anything')).toEqual({ a: 1 });
  });

  it('names the path of the first problem', () => {
    const issues = [{ message: 'Expected number.', path: ['usage', { key: 'list' }, 2] }, { message: 'more' }];
    expect(() => parseWith(schema({ issues }), {})).toThrow(/at \$\.usage\.list\[2\]: expected number/);
    expect(() => parseWith(schema({ issues: [{ message: 'Bad' }] }), {})).toThrow(/at \$: bad/);
  });
});

describe('parseJson', () => {
  it('is an invalid response when the text is no JSON', () => {
    expect(parseJson('{"a":1}', 'an event')).toEqual({ a: 1 });
    expect(() => parseJson('{"a":', 'an event of the stream')).toThrow(/an event of the stream is not valid JSON/);
  });
});

import { VibeError } from '@vibe/core';
import { describe, expect, it } from 'vitest';
import { asWireObject, readArray, readCount, readObject, readText } from './read-field.js';

function path(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return VibeError.is(error, 'invalid_response') ? error.details['path'] : error;
  }
}

describe('the field readers', () => {
  const wire = { text: 'a', count: 0, list: [], object: {}, nothing: null };

  it('give fields of the right type', () => {
    expect(readText(wire, 'text', '$')).toBe('a');
    expect(readCount(wire, 'count', '$')).toBe(0);
    expect(readArray(wire, 'list', '$')).toEqual([]);
    expect(readObject(wire, 'object', '$')).toEqual({});
  });

  it('give undefined for missing and null fields', () => {
    for (const read of [readText, readCount, readArray, readObject]) {
      expect(read(wire, 'nothing', '$')).toBeUndefined();
      expect(read(wire, 'missing', '$')).toBeUndefined();
    }
  });

  it('name the path of a field of another type', () => {
    expect(path(() => readText(wire, 'count', '$.a'))).toBe('$.a.count');
    expect(path(() => readCount(wire, 'text', '$'))).toBe('$.text');
    expect(path(() => readCount({ count: -1 }, 'count', '$'))).toBe('$.count');
    expect(path(() => readArray(wire, 'object', '$'))).toBe('$.object');
    expect(path(() => readObject(wire, 'list', '$'))).toBe('$.list');
    expect(path(() => asWireObject('text', '$'))).toBe('$');
  });
});

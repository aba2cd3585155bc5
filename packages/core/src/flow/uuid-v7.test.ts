import { describe, expect, it } from 'vitest';
import { uuidV7 } from './uuid-v7.js';

describe('a call id', () => {
  it('is a UUID version 7 that carries the time', () => {
    const id = uuidV7(Date.parse('2026-11-22T00:00:00Z'));
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('sorts in the order in which ids were made, also within a millisecond and when the clock steps back', () => {
    const nowMs = Date.parse('2030-01-01T00:00:00Z');
    const ids = Array.from({ length: 10_000 }, (_, index) => uuidV7(index % 3 === 0 ? nowMs - 5 : nowMs));
    expect(ids).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(ids.length);
  });
});

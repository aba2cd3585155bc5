import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TransitMap } from './transit-map.js';

const ids = ['a', 'b', '7', '__proto__', 'a long id', 'another long id', ''];
const id = fc.constantFrom(...ids);
const step = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), id, value: fc.record({ n: fc.integer() }) }),
  fc.record({ kind: fc.constant('delete' as const), id }),
  fc.record({ kind: fc.constant('clear' as const) }),
);

describe('TransitMap', () => {
  it('holds what a Map would hold', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const transit = new TransitMap<{ n: number }>();
        const map = new Map<string, { n: number }>();
        for (const each of steps) {
          if (each.kind === 'set') {
            transit.set(each.id, each.value);
            map.set(each.id, each.value);
          } else if (each.kind === 'clear') {
            transit.clear();
            map.clear();
          } else expect(transit.delete(each.id)).toBe(map.delete(each.id));
          expect(transit.size).toBe(map.size);
          for (const name of ids) {
            expect(transit.has(name)).toBe(map.has(name));
            expect(transit.get(name)).toBe(map.get(name));
          }
        }
        expect(transit.values()).toEqual([...map.values()]);
      }),
    );
  });

  it('grows with what is there at a time', () => {
    const transit = new TransitMap<number>();
    const count = 1_000;
    for (let n = 0; n < count; n++) transit.set(`t${n}`, n);
    expect(transit.size).toBe(count);
    for (let n = 0; n < count; n += 2) expect(transit.delete(`t${n}`)).toBe(true);
    for (let n = 0; n < count; n++) expect(transit.get(`t${n}`)).toBe(n % 2 === 0 ? undefined : n);
    expect(transit.values()).toEqual(Array.from({ length: count / 2 }, (_, index) => 2 * index + 1));
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TransitMap } from './transit-map.js';

const ids = ['a', 'b', '7', '__proto__', 'constructor', ''];
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
        expect(new Set(transit.values())).toEqual(new Set(map.values()));
      }),
    );
  });

  it('keeps the order of ids', () => {
    const transit = new TransitMap<{ n: number }>();
    for (const [n, name] of ['x', 'y', 'z'].entries()) transit.set(name, { n });
    transit.delete('x');
    transit.set('x', { n: 3 });
    expect(transit.values().map(({ n }) => n)).toEqual([1, 2, 3]);
  });
});

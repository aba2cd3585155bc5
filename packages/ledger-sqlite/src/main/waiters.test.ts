import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Waiter, Waiters } from './waiters.js';

function waiter(): Waiter {
  return { done: () => undefined, failed: () => undefined };
}

test('are taken out in the order in which they came, however many there are', () => {
  const step = fc.record({ pushes: fc.nat(3_000), takes: fc.nat(3_000), all: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
      const waiters = new Waiters();
      let model: Waiter[] = [];
      for (const { pushes, takes, all } of steps) {
        for (let count = 0; count < pushes; count++) {
          const each = waiter();
          waiters.push(each);
          model.push(each);
        }
        const taken = model.slice(0, takes);
        model = model.slice(takes);
        for (const each of taken) expect(waiters.shift()).toBe(each);
        expect(waiters.count).toBe(model.length);
        if (!all) continue;
        const rest = waiters.takeAll();
        expect(rest.length === model.length && rest.every((each, index) => each === model[index])).toBe(true);
        model = [];
        expect(waiters.shift()).toBeNull();
      }
    }),
    { numRuns: 30 },
  );
});

test('one that was taken out is not kept by those who still wait', async () => {
  const waiters = new Waiters();
  const taken = pushedOne(waiters);
  waiters.push(waiter());
  waiters.shift();
  await nextTurn();
  collectGarbage();
  expect(taken.deref()).toBeUndefined();
  expect(waiters.count).toBe(1);
});

/** In a function of its own, so that no variable of the test holds it. */
function pushedOne(waiters: Waiters): WeakRef<Waiter> {
  const one = waiter();
  waiters.push(one);
  return new WeakRef(one);
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

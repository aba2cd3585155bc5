import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { whenAborted } from './shared-signal.js';

describe('a signal that many calls share', () => {
  it('has one listener as long as somebody waits, and tells all of them', () => {
    const controller = new AbortController();
    const told: number[] = [];
    const removes = Array.from({ length: 50 }, (_, call) => whenAborted(controller.signal, () => told.push(call)));
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
    removes[7]?.();
    removes[7]?.();
    controller.abort();
    expect(told).toEqual(Array.from({ length: 50 }, (_, call) => call).filter((call) => call !== 7));
    for (const remove of removes) remove();
  });

  it('has none when nobody waits any more, and one again for the next', () => {
    const controller = new AbortController();
    whenAborted(controller.signal, () => undefined)();
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    let told = 0;
    whenAborted(controller.signal, () => told++);
    controller.abort();
    expect(told).toBe(1);
  });

  it('lets one go while it tells another', () => {
    const controller = new AbortController();
    const told: string[] = [];
    const removes: (() => void)[] = [];
    removes.push(whenAborted(controller.signal, () => told.push('first') && removes[1]?.()));
    removes.push(whenAborted(controller.signal, () => told.push('second')));
    controller.abort();
    expect(told).toEqual(['first']);
  });
});

import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { Cancellation } from './cancellation.js';

describe('Cancellation', () => {
  it('tells everybody once, in order, with the first reason', () => {
    const cancellation = new Cancellation();
    const told: string[] = [];
    const left = () => told.push('left');
    cancellation.onAbort(() => told.push(`first ${String(cancellation.reason)}`));
    cancellation.onAbort(left);
    cancellation.onAbort(() => told.push('second'));
    cancellation.offAbort(left);
    expect([cancellation.aborted, cancellation.reason]).toEqual([false, undefined]);
    cancellation.abort('enough');
    cancellation.abort('again');
    expect(told).toEqual(['first enough', 'second']);
    expect([cancellation.aborted, cancellation.reason]).toEqual([true, 'enough']);
  });

  it('has one signal, which is aborted with it', () => {
    const cancellation = new Cancellation();
    const { signal } = cancellation;
    expect([cancellation.signal === signal, signal.aborted]).toEqual([true, false]);
    cancellation.abort('enough');
    expect([signal.aborted, signal.reason]).toEqual([true, 'enough']);
  });

  it('has an aborted signal when it is asked for late', () => {
    const cancellation = new Cancellation();
    cancellation.abort('enough');
    expect([cancellation.signal.aborted, cancellation.signal.reason]).toEqual([true, 'enough']);
  });

  it('follows another signal until it is told to stop', () => {
    const controller = new AbortController();
    const [following, left, late] = [new Cancellation(), new Cancellation(), new Cancellation()];
    following.follow(controller.signal);
    left.follow(controller.signal)();
    controller.abort('enough');
    late.follow(controller.signal);
    expect([following, left, late].map(({ reason }) => reason)).toEqual(['enough', undefined, 'enough']);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });
});

import { getEventListeners } from 'node:events';
import { VibeError } from '@vibe/core';
import { describe, expect, it, vi } from 'vitest';
import { afterSubmit, looksAtTask, pollTask } from './poll-task.js';

const options = () => ({
  pace: { firstMs: 0, maxMs: 0 },
  signal: new AbortController().signal,
  what: 'task 7 of acme',
});

describe('polling', () => {
  it('looks until there is something', async () => {
    const look = vi.fn<() => Promise<string | undefined>>().mockResolvedValueOnce(undefined).mockResolvedValue('done');
    expect(await pollTask(look, options())).toBe('done');
    expect(look).toHaveBeenCalledTimes(2);
  });

  it('waits longer after every third look, up to a bound, and with a hint as long as it says', async () => {
    vi.useFakeTimers();
    try {
      const waits: number[] = [];
      let last = Date.now();
      const look = vi.fn(async () => {
        waits.push(Date.now() - last);
        last = Date.now();
        if (waits.length === 11) throw new VibeError('provider_rate_limited', 'slow down', { retryAfterMs: 700 });
        return waits.length === 12 ? true : undefined;
      });
      const work = pollTask(look, { ...options(), pace: { firstMs: 1_000, maxMs: 5_000 } });
      await vi.runAllTimersAsync();
      await work;
      expect(waits).toEqual([1_000, 1_000, 1_000, 2_000, 2_000, 2_000, 4_000, 4_000, 4_000, 5_000, 5_000, 5_700]);
    } finally {
      vi.useRealTimers();
    }
  });

  it.each([
    'provider_rate_limited',
    'provider_unavailable',
    'stream_truncated',
    'invalid_response',
    'timeout',
  ] as const)('survives four times %s in a row, and not five', async (code) => {
    const fail = () => Promise.reject(new VibeError(code, 'for the moment'));
    let calls = 0;
    const fourThenFine = () => (++calls === 5 ? Promise.resolve('done') : fail());
    expect(await pollTask(fourThenFine, options())).toBe('done');
    const always = vi.fn(fail);
    await expect(pollTask(always, options())).rejects.toMatchObject({ code });
    expect(always).toHaveBeenCalledTimes(5);
  });

  it('gives up a look that hangs, and looks again', async () => {
    let looks = 0;
    const hangsOnce = (signal: AbortSignal) =>
      ++looks > 1
        ? Promise.resolve('done')
        : new Promise<undefined>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const pace = { firstMs: 0, maxMs: 0, lookMs: 1 };
    expect(await pollTask(hangsOnce, { ...options(), pace })).toBe('done');
    expect(looks).toBe(2);
  });

  it('ends a look with its signal, and listens to it no longer than that', async () => {
    const abort = new AbortController();
    const reason = new VibeError('cancelled', 'enough');
    const hangs = (signal: AbortSignal) =>
      new Promise<undefined>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        abort.abort(reason);
      });
    await expect(pollTask(hangs, { ...options(), signal: abort.signal })).rejects.toBe(reason);
    expect(getEventListeners(abort.signal, 'abort')).toHaveLength(0);
  });

  it('gives a sign of life after every look', async () => {
    let looks = 0;
    const steps = looksAtTask(async () => (++looks === 3 ? 'done' : undefined), options());
    expect(await steps.next()).toEqual({ done: false, value: undefined });
    expect(await steps.next()).toEqual({ done: false, value: undefined });
    expect(await steps.next()).toEqual({ done: true, value: 'done' });
  });

  it('counts failures in a row only', async () => {
    let calls = 0;
    const everyOther = () => {
      calls++;
      if (calls === 20) return Promise.resolve('done');
      return calls % 2 === 1 ? Promise.reject(new VibeError('timeout', 'once')) : Promise.resolve(undefined);
    };
    expect(await pollTask(everyOther, options())).toBe('done');
  });

  it.each([new VibeError('auth', 'the key is gone'), new Error('a defect')])('ends at once with %s', async (error) => {
    const look = vi.fn(() => Promise.reject(error));
    await expect(pollTask(look, options())).rejects.toBe(error);
    expect(look).toHaveBeenCalledTimes(1);
  });

  it('ends in the middle of a wait when it is aborted, and looks no more', async () => {
    const abort = new AbortController();
    const look = vi.fn(() => Promise.resolve(undefined));
    const pace = { firstMs: 1_000_000, maxMs: 1_000_000 };
    const work = pollTask(look, { ...options(), pace, signal: abort.signal });
    abort.abort(new VibeError('timeout', 'the deadline'));
    await expect(work).rejects.toMatchObject({ code: 'timeout', message: 'the deadline' });
    await expect(pollTask(look, { ...options(), signal: abort.signal })).rejects.toMatchObject({ code: 'timeout' });
    expect(look).not.toHaveBeenCalled();
  });
});

describe('a failure after the submission', () => {
  it('is not repeated and counts as billed, whatever it was', () => {
    const error = afterSubmit(
      new VibeError('provider_unavailable', 'Down.', { status: 503, next: ['Wait.'] }),
      'task-7',
    );
    expect(error).toMatchObject({ code: 'provider_unavailable', retryable: false, mayBeBilled: true, status: 503 });
    expect(error.details).toEqual({ taskId: 'task-7' });
    expect(error.message).toMatch(/^Down\. The task task-7 was accepted/);
    expect(error.next).toEqual(['Wait.']);
  });

  it('stays a cancellation when it is one', () => {
    const cancelled = new VibeError('cancelled', 'No more.');
    expect(afterSubmit(cancelled, 'task-7')).toBe(cancelled);
  });
});

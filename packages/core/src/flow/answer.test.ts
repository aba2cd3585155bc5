import { describe, expect, it } from 'vitest';
import { resultOf } from '../../test/scripted-provider.js';
import { VibeError } from '../errors/vibe-error.js';
import { Answer, bracket } from './answer.js';
import type { ChainEvent } from './live-call.js';

const delta: ChainEvent = { type: 'delta', part: { type: 'text', text: 'a' }, text: 'a' };
const final: ChainEvent = { type: 'final', result: resultOf('a', 1) };

/** An answer of these batches; an error is thrown in its turn. */
function answerOf(log: string[], ...batches: (readonly ChainEvent[] | VibeError)[]): Answer {
  return new Answer({
    next: async () => {
      const batch = batches.shift();
      if (batch === undefined) throw new VibeError('internal', 'read too far');
      if (batch instanceof VibeError) throw batch;
      return batch;
    },
    leave: () => void log.push('left'),
  });
}

/** Notes its release a moment later, as a ledger does. */
const releasing = (log: string[], name: string) => async (outcome: { readonly status: string }) => {
  await Promise.resolve();
  log.push(`${name} ${outcome.status}`);
};

describe('an answer', () => {
  it('releases inner stages first, all of them before final is handed out', async () => {
    const log: string[] = [];
    const answer = answerOf(log, [delta], [final]);
    answer.onEnd(releasing(log, 'inner'));
    answer.onEnd(releasing(log, 'outer'));
    await answer.begin();
    expect(await answer.next()).toEqual([delta]);
    expect(log).toEqual([]);
    expect(await answer.next()).toEqual([final]);
    expect(log).toEqual(['inner final', 'outer final']);
  });

  it('releases once, with the error that ended it', async () => {
    const log: string[] = [];
    const answer = answerOf(log, [delta], new VibeError('timeout', 'late'));
    answer.onEnd(releasing(log, 'stage'));
    await answer.next();
    await expect(answer.next()).rejects.toThrow('late');
    await answer.leave();
    expect(log).toEqual(['stage error', 'left']);
  });

  it('releases once as cancelled when its consumer leaves', async () => {
    const log: string[] = [];
    const answer = answerOf(log, [delta], [final]);
    answer.onEnd(releasing(log, 'stage'));
    await answer.next();
    await Promise.all([answer.leave(), answer.leave()]);
    expect(log).toEqual(['left', 'left', 'stage cancelled']);
  });

  it('is what it cost when it was complete, but its consumer left before it was handed out', async () => {
    const log: string[] = [];
    const answer = answerOf(log, [final]);
    answer.onEnd(releasing(log, 'stage'));
    await answer.begin();
    await answer.leave();
    expect(log).toEqual(['left', 'stage final']);
  });

  it('begins with the first event that is handed on', async () => {
    const usage: ChainEvent = { type: 'usage', usage: { quantities: {}, unknown: false, source: 'partial' } };
    const answer = answerOf([], [usage], [usage, delta], [final]);
    answer.watch((events) => events.filter(({ type }) => type !== 'usage'));
    await answer.begin();
    expect(await answer.next()).toEqual([delta]);
  });
});

describe('bracket', () => {
  it('releases when the answer never begins', async () => {
    const log: string[] = [];
    const failed = Promise.reject(new VibeError('auth', 'no'));
    await expect(bracket(failed, releasing(log, 'stage'))).rejects.toThrow('no');
    expect(log).toEqual(['stage error']);
  });

  it('releases at the end of an answer that began, and not before', async () => {
    const log: string[] = [];
    const answer = await bracket(Promise.resolve(answerOf(log, [final])), releasing(log, 'stage'));
    expect(log).toEqual([]);
    await answer.next();
    expect(log).toEqual(['stage final']);
  });
});

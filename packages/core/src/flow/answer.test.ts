import { describe, expect, it } from 'vitest';
import { resultOf } from '../../test/scripted-provider.js';
import { VibeError } from '../errors/vibe-error.js';
import { Answer } from './answer.js';
import { Endings } from './endings.js';
import type { ChainEvent } from './live-call.js';

const delta: ChainEvent = { type: 'delta', part: { type: 'text', text: 'a' }, text: 'a' };
const final: ChainEvent = { type: 'final', result: resultOf('a', 1) };

/** An answer of these batches, and what its call has to do at the end; an error is thrown in its turn. */
function answerOf(log: string[], ...batches: (readonly ChainEvent[] | VibeError)[]) {
  const endings = new Endings();
  const source = {
    next: async () => {
      const batch = batches.shift();
      if (batch === undefined) throw new VibeError('internal', 'read too far');
      if (batch instanceof VibeError) throw batch;
      return batch;
    },
    leave: () => void log.push('left'),
  };
  return { answer: new Answer(source, endings), endings };
}

/** Notes its release a moment later, as a ledger does. */
const releasing = (log: string[], name: string) => async (outcome: { readonly status: string }) => {
  await Promise.resolve();
  log.push(`${name} ${outcome.status}`);
};

describe('an answer', () => {
  it('releases inner stages first, all of them before final is handed out', async () => {
    const log: string[] = [];
    const { answer, endings } = answerOf(log, [delta], [final]);
    endings.push(releasing(log, 'outer'));
    endings.push(releasing(log, 'inner'));
    await answer.begin();
    expect(await answer.next()).toEqual([delta]);
    expect(log).toEqual([]);
    expect(await answer.next()).toEqual([final]);
    expect(log).toEqual(['inner final', 'outer final']);
  });

  it('releases once, with the error that ended it', async () => {
    const log: string[] = [];
    const { answer, endings } = answerOf(log, [delta], new VibeError('timeout', 'late'));
    endings.push(releasing(log, 'stage'));
    await answer.next();
    await expect(answer.next()).rejects.toThrow('late');
    await answer.leave();
    expect(log).toEqual(['stage error', 'left']);
  });

  it('releases once as cancelled when its consumer leaves', async () => {
    const log: string[] = [];
    const { answer, endings } = answerOf(log, [delta], [final]);
    endings.push(releasing(log, 'stage'));
    await answer.next();
    await Promise.all([answer.leave(), answer.leave()]);
    expect(log).toEqual(['left', 'left', 'stage cancelled']);
  });

  it('is what it cost when it was complete, but its consumer left before it was handed out', async () => {
    const log: string[] = [];
    const { answer, endings } = answerOf(log, [final]);
    endings.push(releasing(log, 'stage'));
    await answer.begin();
    await answer.leave();
    expect(log).toEqual(['left', 'stage final']);
  });

  it('begins with the first event that is handed on', async () => {
    const usage: ChainEvent = { type: 'usage', usage: { quantities: {}, unknown: false, source: 'partial' } };
    const { answer } = answerOf([], [usage], [usage, delta], [final]);
    answer.watch((events) => events.filter(({ type }) => type !== 'usage'));
    await answer.begin();
    expect(await answer.next()).toEqual([delta]);
  });

  it('leaves to others what it could not begin: they may try again', async () => {
    const log: string[] = [];
    const { answer, endings } = answerOf(log, new VibeError('timeout', 'late'));
    endings.push(releasing(log, 'call'));
    const { height } = endings;
    endings.push(releasing(log, 'attempt'));
    await expect(answer.begin()).rejects.toThrow('late');
    expect(log).toEqual([]);
    await endings.unwind(height, { status: 'cancelled' });
    expect(log).toEqual(['attempt cancelled']);
  });

  it('ends only its own part of a longer answer', async () => {
    const log: string[] = [];
    const { answer, endings } = answerOf(log, [final]);
    endings.push(releasing(log, 'call'));
    answer.endAt(endings.height);
    endings.push(releasing(log, 'attempt'));
    await answer.next();
    expect(log).toEqual(['attempt final']);
  });
});

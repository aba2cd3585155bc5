import { describe, expect, it } from 'vitest';
import { AnswerLengths, Verbosity } from './answer-lengths.js';

describe('the lengths of answers', () => {
  it('are a share of what was expected, per shape of request', () => {
    const lengths = new AnswerLengths();
    const model = new Verbosity();
    for (let answer = 0; answer < 50; answer++) {
      lengths.learn('short', model, 1_000, 100);
      lengths.learn('long', model, 1_000, 800);
    }
    expect(lengths.shareOf('short')).toBeCloseTo(0.1, 1);
    expect(lengths.shareOf('long')).toBeCloseTo(0.8, 1);
    expect(model.ratio).toBeCloseTo(1, 1);
    expect(lengths.shareOf('never seen')).toBeNull();
  });

  it('tell a wordy model from long questions: what it adds is its own, and the shape stays as it was', () => {
    const lengths = new AnswerLengths();
    const [plain, wordy] = [new Verbosity(), new Verbosity()];
    for (let answer = 0; answer < 200; answer++) {
      lengths.learn('chat', plain, 1_000, 200);
      if (answer % 4 === 0) lengths.learn('chat', wordy, 1_000, 600);
    }
    expect(wordy.ratio / plain.ratio).toBeGreaterThan(2.2);
    expect(lengths.shareOf('chat')).toBeLessThan(0.35);
  });

  it('notice within twenty answers that a model has become wordy', () => {
    const lengths = new AnswerLengths();
    const model = new Verbosity();
    for (let answer = 0; answer < 100; answer++) lengths.learn('chat', model, 1_000, 200);
    for (let answer = 0; answer < 20; answer++) lengths.learn('chat', model, 1_000, 800);
    expect(model.ratio).toBeGreaterThan(1.8);
  });

  it('believe three answers that are unmistakable, and not three that are a little longer', () => {
    const after = (tokens: number) => {
      const lengths = new AnswerLengths();
      const [usual, other] = [new Verbosity(), new Verbosity()];
      for (let answer = 0; answer < 100; answer++) lengths.learn('chat', usual, 1_000, 200);
      for (let answer = 0; answer < 3; answer++) lengths.learn('chat', other, 1_000, tokens);
      return other.ratio;
    };
    expect(after(240)).toBeGreaterThan(1);
    expect(after(240)).toBeLessThan(1.08);
    expect(after(1_200)).toBeGreaterThan(3.5);
    expect(after(20)).toBeLessThan(0.3);
  });

  it('are not thrown by one answer that ran wild, nor by an empty one', () => {
    const lengths = new AnswerLengths();
    const model = new Verbosity();
    for (let answer = 0; answer < 100; answer++) lengths.learn('chat', model, 1_000, 200);
    lengths.learn('chat', model, 1_000, 1_000_000);
    expect(model.ratio).toBeLessThan(2);
    const first = new Verbosity();
    lengths.learn('chat', first, 1_000, 1_000_000);
    expect(first.ratio).toBeLessThan(2);
    const silent = new AnswerLengths();
    silent.learn('chat', new Verbosity(), 1_000, 0);
    expect(silent.shareOf('chat')).toBe(0);
    const mute = new Verbosity();
    for (let answer = 0; answer < 30; answer++) lengths.learn('chat', mute, 1_000, 0);
    expect(mute.ratio).toBeGreaterThan(0);
    silent.learn('chat', model, 1_000, 100);
    expect(silent.shareOf('chat')).toBeGreaterThan(0);
  });
});

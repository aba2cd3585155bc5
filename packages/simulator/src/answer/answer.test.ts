import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AnswerRequest, composeAnswer, MAX_SCRIPTED_TOKENS } from './answer.js';
import { groupTokens } from './group.js';
import { countTokens, splitTokens } from './tokens.js';

const request: AnswerRequest = {
  seed: 1,
  model: 'qwen-plus',
  prompt: 'user: Why is the sky blue?',
  lastUserText: 'Why is the sky blue?',
  maxTokens: null,
  stop: [],
  reasoningTokens: 0,
};

const text = (changes: Partial<AnswerRequest>) => composeAnswer({ ...request, ...changes }).text.join('');

describe('tokens', () => {
  it('join to the text they came from', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (anything) => {
        expect(splitTokens(anything).join('')).toBe(anything);
      }),
    );
  });

  it('are counted the same in every beginning of a text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(20), (anything, length) => {
        const beginning = splitTokens(anything).slice(0, length);
        expect(countTokens(beginning.join(''))).toBe(beginning.length);
      }),
    );
  });

  it('are about one in four characters of English and one in two of Chinese', () => {
    expect(countTokens('What is the capital of France?')).toBe(7);
    expect(countTokens('你是谁？')).toBe(3);
  });

  it('of a huge text are estimated without looking at all of it', () => {
    const huge = 'word '.repeat(1_000_000);
    expect(countTokens(huge)).toBeGreaterThan(900_000);
    expect(countTokens(huge)).toBeLessThan(2_100_000);
  });

  it('are grouped without losing any', () => {
    const groups = groupTokens(splitTokens('one two three four five'), 2);
    expect(groups.map((group) => group.tokens)).toEqual([2, 2, 1]);
    expect(groups.map((group) => group.text).join('')).toBe('one two three four five');
  });
});

describe('a simulated answer', () => {
  it('is the same for the same seed, model and prompt, and another one otherwise', () => {
    expect(text({})).toBe(text({}));
    const others = [text({ seed: 2 }), text({ model: 'qwen-max' }), text({ prompt: 'user: Why is the sea blue?' })];
    expect(new Set([text({}), ...others]).size).toBe(4);
  });

  it('calls itself simulated, names the model and the question, and has a plausible length', () => {
    expect(text({})).toContain('simulated answer from qwen-plus to “Why is the sky blue?”');
    expect(countTokens(text({}))).toBeGreaterThan(30);
    expect(countTokens(text({}))).toBeLessThan(300);
  });

  it('echoes what follows echo:, verbatim', () => {
    expect(text({ lastUserText: 'echo: {"a": [1, 2]}\n  天空 ✨' })).toBe('{"a": [1, 2]}\n  天空 ✨');
    expect(text({ lastUserText: 'echo:' })).toBe('');
  });

  it('has exactly as many tokens as tokens: asks for, up to a bound', () => {
    for (const tokens of [0, 1, 7, 500]) {
      expect(composeAnswer({ ...request, lastUserText: `tokens: ${tokens}` }).text).toHaveLength(tokens);
    }
    expect(composeAnswer({ ...request, lastUserText: 'tokens: 999999999' }).text).toHaveLength(MAX_SCRIPTED_TOKENS);
  });

  it('stops before the first stop sequence', () => {
    const answer = composeAnswer({ ...request, lastUserText: 'echo: one, two, three', stop: ['three', ', two', ''] });
    expect(answer.text.join('')).toBe('one');
    expect(answer.finish).toBe('stop');
  });

  it('never has more reasoning and text together than allowed, and says so exactly when something is missing', () => {
    fc.assert(
      fc.property(fc.nat(60), fc.nat(60), fc.integer({ min: 1, max: 100 }), (wanted, reasoningTokens, maxTokens) => {
        const lastUserText = `tokens: ${wanted}`;
        const answer = composeAnswer({ ...request, lastUserText, reasoningTokens, maxTokens });
        const spent = answer.reasoning.length + answer.text.length;
        expect(spent).toBe(Math.min(wanted + reasoningTokens, maxTokens));
        expect(answer.finish).toBe(wanted + reasoningTokens > maxTokens ? 'length' : 'stop');
      }),
    );
  });
});

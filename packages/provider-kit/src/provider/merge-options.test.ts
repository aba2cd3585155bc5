import { describe, expect, it } from 'vitest';
import { mergeOptions } from './merge-options.js';

const body = { model: 'm', generationConfig: { temperature: 0, topP: 1 }, safety: { a: 1 } };

describe('mergeOptions', () => {
  it('lets the options win and add', () => {
    expect(mergeOptions(body, { model: 'n', extra: true })).toEqual({ ...body, model: 'n', extra: true });
  });

  it('merges the named fields one level down and replaces the others', () => {
    const options = { generationConfig: { topP: 0.5 }, safety: { b: 2 } };
    expect(mergeOptions(body, options, ['generationConfig'])).toEqual({
      model: 'm',
      generationConfig: { temperature: 0, topP: 0.5 },
      safety: { b: 2 },
    });
  });

  it('ignores options that are no object', () => {
    for (const options of [undefined, null, 'text', [1]]) expect(mergeOptions(body, options)).toBe(body);
  });

  it('refuses a field that the hold was computed from, and says what to use instead', () => {
    const fixed = [{ path: 'generationConfig.maxOutputTokens', instead: 'Use maxOutputTokens.' }];
    const options = { generationConfig: { maxOutputTokens: 65_000 } };
    expect(() => mergeOptions({}, options, ['generationConfig'], fixed)).toThrow(
      /must not set generationConfig\.maxOutputTokens.*Use maxOutputTokens/,
    );
    expect(mergeOptions({}, { generationConfig: { topK: 1 } }, ['generationConfig'], fixed)).toEqual({
      generationConfig: { topK: 1 },
    });
  });
});

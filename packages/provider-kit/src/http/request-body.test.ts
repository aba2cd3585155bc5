import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { serializeJson } from './request-body.js';

const anyText = fc.string({ unit: fc.nat({ max: 0xffff }).map((code) => String.fromCharCode(code)) });

describe('serializeJson', () => {
  it('keeps every text, with unpaired surrogates made readable', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(JSON.parse(serializeJson({ text }))).toEqual({ text: text.toWellFormed() });
      }),
    );
  });

  it('keeps text that only looks like an escaped surrogate', () => {
    for (const text of ['\\ud800', '\\\\ud800', '\\\ud800', 'a\\\\\ud800b\udfff']) {
      expect(JSON.parse(serializeJson([text]))).toEqual([text.toWellFormed()]);
    }
  });

  it('also mends the keys of objects', () => {
    expect(JSON.parse(serializeJson({ 'a\ud83d': 1 }))).toEqual({ 'a\ufffd': 1 });
  });

  it('keeps pairs and NUL bytes', () => {
    expect(JSON.parse(serializeJson('😀\u0000'))).toBe('😀\u0000');
  });
});

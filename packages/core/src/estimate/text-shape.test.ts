import { describe, expect, it } from 'vitest';
import { hanClass } from './han-classes.js';
import { isKnownWord, letterNumber } from './known-words.js';
import { TextShape, textFeatures } from './text-shape.js';
import { boundOf, weightsOf } from './token-weights.js';

function shapeOf(...texts: readonly string[]): Record<string, number> {
  const shape = new TextShape();
  for (const text of texts) shape.add(text);
  const counted = textFeatures.map((feature, index) => [feature, shape.counts[index] ?? 0] as const);
  return Object.fromEntries(counted.filter(([feature, count]) => count > 0 && feature !== 'text'));
}

function bound(text: string, family: string): number {
  const shape = new TextShape();
  shape.add(text);
  return boundOf(shape, weightsOf(family));
}

describe('the words of a text', () => {
  it('are unknown until two known ones stand before them', () => {
    expect(shapeOf('Extravagant propositions')).toEqual({ word: 2, letter: 7 + 8 });
    expect(shapeOf('the Extravagant propositions')).toEqual({ known: 1, word: 2, letter: 15 });
    expect(shapeOf('and the Extravagant propositions')).toEqual({ known: 2, amidWord: 2, amidLetter: 15 });
  });

  it('are unknown again a few words further on, and in the next text', () => {
    const foreign = Array.from({ length: 20 }, () => 'xy').join(' ');
    expect(shapeOf(`and the ${foreign}`)).toEqual({ known: 2, amidWord: 13, word: 7 });
    expect(shapeOf('and the', foreign)).toEqual({ known: 2, amidWord: 13, word: 7 });
  });

  it('are the parts of a name, whatever their case', () => {
    expect(shapeOf('returnTheValue')).toEqual({ known: 3 });
    // a run of capitals is a word with the capital that follows it
    expect(shapeOf('JSONValue')).toEqual({ word: 1, letter: 5, capital: 4 });
  });

  it('are long ones twice behind their sixteenth letter', () => {
    expect(shapeOf('x'.repeat(20))).toEqual({ word: 1, letter: 16 + 4 });
  });

  it('are not taken for known ones by their first letters', () => {
    expect(shapeOf('thebes')).toEqual({ word: 1, letter: 2 });
    expect(shapeOf('interfaceinterface')).toEqual({ word: 1, letter: 14 + 2 });
    const code = (word: string) => [...word].reduce((sum, one) => sum * 27 + letterNumber(one.charCodeAt(0)), 0);
    expect([isKnownWord(code('the')), isKnownWord(code('THE')), isKnownWord(code('th'))]).toEqual([true, true, false]);
  });
});

describe('ideographs', () => {
  it('are told apart by how well they are known', () => {
    const of = (text: string) => hanClass(text.charCodeAt(0));
    expect([of('的'), of('們'), of('鱻')]).toEqual([2, expect.any(Number), 0]);
    expect(shapeOf('鱻')).toEqual({ rareHan: 1 });
    expect(shapeOf('中国')).toEqual({ han: 2 });
  });

  it('weigh less amid modern simplified Chinese, and only there', () => {
    expect(shapeOf('这中国')).toEqual({ amidHan: 3 });
    expect(shapeOf(`这${'中'.repeat(25)}`)).toEqual({ amidHan: 20, han: 6 });
  });
});

describe('control characters', () => {
  it('are a token each, however many stand together', () => {
    expect(shapeOf('\0\0\u001b\u007f')).toEqual({ symbol: 4 });
  });
});

describe('what repeats one thing', () => {
  it.each([
    ['the ', 1],
    ['中', 1],
    ['9', 1],
  ])('is not below a token each for Qwen: %j', (text, tokens) => {
    expect(bound(text.repeat(500), 'qwen')).toBeGreaterThanOrEqual(500 * tokens);
  });

  it('is not below three tokens for an ideograph that Gemini spells byte by byte', () => {
    expect(bound('鱻'.repeat(500), 'gemini')).toBeGreaterThanOrEqual(1_500);
  });
});

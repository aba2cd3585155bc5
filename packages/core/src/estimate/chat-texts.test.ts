import fc from 'fast-check';
import { expect, it } from 'vitest';
import { chatTexts, piecesOf } from './chat-texts.js';

it('hands out every word of a chat, tools and schema included, and what stands around them', () => {
  const { texts, tokensAround } = chatTexts({
    messages: [
      { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
      {
        role: 'user',
        content: [
          { type: 'image', mediaType: 'image/png', data: 'AAAA' },
          { type: 'text', text: 'Hi' },
        ],
      },
    ],
    tools: [{ name: 'weather', description: 'Of a city', input: { type: 'object' } }],
    output: { type: 'string' },
  });
  expect(texts).toEqual(['Be brief.', 'Hi', 'weather Of a city {"type":"object"}', '{"type":"string"}']);
  expect(tokensAround).toBe(8 + 2 * 6 + 24);
  const request = { messages: [{ role: 'user' as const, content: [] }] };
  const families = ['qwen', 'gemini', 'openai', 'cl100k', 'toString'] as const;
  expect(families.map((family) => chatTexts(request, family).tokensAround)).toEqual([10, 3, 7, 7, 14]);
});

it('cuts long runs and loses nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.integer({ min: 1, max: 20 }), (text, maxRun) => {
      const pieces = piecesOf(text, maxRun);
      expect(pieces.join('')).toBe(text);
      for (const piece of pieces) expect(piece).not.toMatch(/^[\udc00-\udfff]/);
    }),
  );
  expect(piecesOf('中'.repeat(600)).map(({ length }) => length)).toEqual([256, 256, 88]);
  expect(piecesOf('a word '.repeat(200))).toHaveLength(1);
});

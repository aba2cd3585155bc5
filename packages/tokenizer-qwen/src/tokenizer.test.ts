import { createVibe, type Tokenizer } from '@vibe/core';
import { expect, it } from 'vitest';
import { type QwenTokenizerOptions, tokenizerQwen } from './index.js';

const target = { provider: 'qwen', profile: 'default', endpoint: 'cn', region: 'cn', model: 'qwen-plus' };

function tokenizer(options: QwenTokenizerOptions = {}): Tokenizer {
  const plugin = tokenizerQwen(options);
  if (plugin.kind !== 'plugin') throw new Error('a plugin that makes parts');
  return plugin.create({ now: Date.now, random: Math.random, warn: () => undefined } as never) as Tokenizer;
}

const chat = (text: string) => ({ messages: [{ role: 'user' as const, content: [{ type: 'text' as const, text }] }] });
/** What stands around one message: ChatML has 8, thinking 2 more. */
const around = 10;
const shared = tokenizer();

it.each([
  ['代码改变世界', 3], // ids 46100, 101933, 99489, as the service's own tokenizer answers
  ['Hello world, this is a test.', 8],
  ['1234', 4],
  ['<|im_start|>', 1],
])('cuts "%s" into %d tokens', async (text, tokens) => {
  expect(await shared.count(chat(text))).toBe(tokens + around);
  expect(shared.count(chat(text))).toBe(tokens + around);
});

it('takes a long run of ideographs in pieces', async () => {
  const text = '的一是了我不人在他有这个上们来到时大地为子中你说生国年着就那和要她出也得里后自以会'.repeat(200);
  expect(await shared.count(chat(text))).toBeLessThan(text.length);
});

it('counts for Qwen, and for whom it is told to', () => {
  expect(shared.matches(target)).toBe(true);
  expect(shared.matches({ ...target, provider: 'gemini' })).toBe(false);
  expect(tokenizer({ providers: ['mine'] }).matches({ ...target, provider: 'mine' })).toBe(true);
});

it('refuses options it does not know', () => {
  const wrong = { model: 'qwen-plus' } as unknown as QwenTokenizerOptions;
  expect(() => createVibe({ plugins: [tokenizerQwen(wrong)] })).toThrow(/tokenizer-qwen/);
});

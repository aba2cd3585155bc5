import type { ChatRequest, Tokenizer } from '@vibe/core';
import { describe, expect, it } from 'vitest';
import characters from './characters.js';

const tokenizer = characters({ models: ['m'], charactersPerToken: 4 }).create({
  now: () => 0,
  random: () => 0,
  warn: () => undefined,
}) as Tokenizer;
const target = { provider: 'p', profile: 'default', endpoint: 'e', region: 'global', model: 'm' };
const text = (words: string): ChatRequest => ({
  messages: [{ role: 'user', content: [{ type: 'text', text: words }] }],
});

describe('a tokenizer that counts characters', () => {
  it('is for its models only', () => {
    expect(tokenizer.matches(target)).toBe(true);
    expect(tokenizer.matches({ ...target, model: 'other' })).toBe(false);
  });

  it('counts characters, not bytes and not halves of them', () => {
    expect(tokenizer.count(text('x'.repeat(40)))).toBe(18);
    expect(tokenizer.count(text('😀'.repeat(40)))).toBe(18);
    expect(tokenizer.count(text(''))).toBe(8);
  });

  it('counts what tools are sent as, too', () => {
    const tools = [{ name: 'look', description: 'x'.repeat(400), input: { type: 'object' } }];
    expect(tokenizer.count({ ...text(''), tools })).toBeGreaterThanOrEqual(108);
  });
});

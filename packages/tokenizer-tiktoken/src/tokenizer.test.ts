import { createVibe, type PluginPart, type Tokenizer } from '@vibe/core';
import { describe, expect, it } from 'vitest';
import { type TiktokenOptions, tokenizerTiktoken } from './index.js';

const target = { provider: 'acme', profile: 'default', endpoint: 'main', region: 'global', model: 'a' };

function tokenizer(options: TiktokenOptions = {}): Tokenizer {
  const plugin = tokenizerTiktoken(options);
  if (plugin.kind !== 'plugin') throw new Error('a plugin that makes parts');
  return plugin.create({ now: Date.now, random: Math.random, warn: () => undefined } as never) as Tokenizer;
}

const chat = (text: string) => ({ messages: [{ role: 'user' as const, content: [{ type: 'text' as const, text }] }] });
/** What stands around one message. */
const around = 7;

describe('the vocabularies of OpenAI', () => {
  it.each([
    ['o200k_base', 'Hello world, this is a test.', 8],
    ['o200k_base', '代码改变世界', 3],
    ['cl100k_base', '代码改变世界', 6],
    ['o200k_base', '<|endoftext|>', 7],
  ] as const)('%s cuts "%s" into %d tokens', async (encoding, text, tokens) => {
    const { count } = tokenizer({ encoding });
    expect(await count(chat(text))).toBe(tokens + around);
    // loaded by now: no more promises on the path of a call
    expect(count(chat(text))).toBe(tokens + around);
  });

  it('take a long run of ideographs in pieces', async () => {
    const text = '的一是了我不人在他有这个上们来到时大地为子中你说生国年着就那和要她出也得里后自以会'.repeat(500);
    const tokens = await tokenizer().count(chat(text));
    expect(tokens).toBeGreaterThan(text.length / 2);
    expect(tokens).toBeLessThan(text.length);
  });

  it('are not those of Qwen and Gemini, unless somebody says so', () => {
    expect(tokenizer().matches(target)).toBe(true);
    for (const provider of ['qwen', 'gemini']) {
      expect(tokenizer().matches({ ...target, provider })).toBe(false);
      expect(tokenizer({ providers: [provider] }).matches({ ...target, provider })).toBe(true);
    }
    expect(tokenizer({ providers: ['qwen'] }).matches(target)).toBe(false);
  });

  it('refuse options they do not know', () => {
    const wrong = { encoding: 'p50k', providers: 'qwen', size: 1 } as unknown as TiktokenOptions;
    expect(() => createVibe({ plugins: [tokenizerTiktoken(wrong)] })).toThrow(/tokenizer-tiktoken/);
  });
});

it('makes the input of an estimate exact', async () => {
  const provider: PluginPart = {
    kind: 'provider',
    id: 'acme',
    endpoints: [{ id: 'main', region: 'global', baseUrl: 'http://127.0.0.1', keyPresent: () => true }],
    models: [
      {
        id: 'a',
        operations: ['chat'],
        input: ['text'],
        output: ['text'],
        streams: true,
        tools: false,
        structured: false,
        reasoning: false,
        tier: 'standard',
      },
    ],
    // biome-ignore lint/correctness/useYield: nothing is called
    async *stream() {
      throw new Error('an estimate sends nothing');
    },
  };
  const vibe = createVibe({ plugins: [provider, tokenizerTiktoken()] });
  expect((await vibe.estimate({ prompt: 'Hello world, this is a test.' })).inputTokens).toBe(8 + around);
  await vibe.close();
});

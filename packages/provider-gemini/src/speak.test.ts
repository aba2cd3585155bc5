/** A speech model that stops without a sound. */

import { collect, listen, reply, resultOf } from '@vibe/testing';
import { describe, expect, it } from 'vitest';
import { chatCall, provide, testKey } from './testing.js';

async function spokenOf(parts: readonly object[], finishReason: string) {
  const answer = { candidates: [{ content: { role: 'model', parts }, finishReason }] };
  const server = await listen(reply(200, {}, JSON.stringify(answer)));
  const provider = provide({ apiKey: testKey, baseUrl: server.url });
  const call = chatCall(provider, {}, { model: 'gemini-2.5-flash-preview-tts', incremental: false });
  try {
    return resultOf(await collect(provider.stream({ ...call, operation: 'speak', request: { text: 'Hi' } })));
  } finally {
    await provider.close?.();
    await server.close();
  }
}

describe('speech that was not made', () => {
  it.each([
    ['with a reason only', [], 'OTHER'],
    ['with words instead', [{ text: 'Hi' }], 'STOP'],
  ])('is said in a warning: %s', async (_, parts, reason) => {
    const { warnings } = await spokenOf(parts, reason);
    expect(warnings).toMatchObject([{ code: 'no_audio', message: expect.stringContaining(reason) }]);
  });

  it('is not said of an answer that has a sound', async () => {
    const sound = { inlineData: { mimeType: 'audio/L16;codec=pcm;rate=24000', data: 'AAAA' } };
    const { content, warnings = [] } = await spokenOf([sound], 'STOP');
    expect([content.map(({ type }) => type), warnings]).toEqual([['audio'], []]);
  });
});

import { describe, expect, it } from 'vitest';
import { says, scripted, testPrices } from '../../test/scripted-provider.js';
import { createVibe } from '../create-vibe.js';
import type { Part } from '../spec/content.js';

const model = { id: 'acme-1', input: ['text', 'audio', 'file_ref'], contextTokens: 100_000 } as const;
const file: Part = { type: 'file_ref', uri: 'files/1', mediaType: 'application/pdf' };
const clip: Part = { type: 'audio', mediaType: 'audio/wav', data: new URL('https://a.example/a.wav') };

/** A client of a model whose bound for everything is its whole context. */
function client(tpm: number) {
  const bound = { quantities: { input_token: model.contextTokens }, unknown: true, source: 'estimated' } as const;
  const provider = { ...scripted(says('Hi'), { models: [model] }), estimate: () => bound };
  return { provider, vibe: createVibe({ plugins: [provider, testPrices], limits: { '*': { tpm } } }) };
}

const ask = (part: Part) => ({ model: 'acme-1', messages: [{ role: 'user', content: [part] }], maxWaitMs: 0 }) as const;

describe('the tokens of a call whose length only the service knows', () => {
  it.each([file, clip])('are never more than a minute allows: $type', async (part) => {
    const { provider, vibe } = client(10_000);
    expect((await vibe.estimate(ask(part))).verdict).toMatchObject({ allowed: true, limiterWaitMs: 0 });
    await vibe.generate(ask(part));
    expect(provider.calls).toHaveLength(1);
    await vibe.close();
  });

  it('are what is usual where a minute allows more, and what they were when it is over', async () => {
    const { provider, vibe } = client(70_000);
    for (let count = 0; count < 3; count++) await vibe.generate(ask(file));
    expect(provider.calls).toHaveLength(3);
    await vibe.close();
  });

  it('are what they are where the length is known: no wait would help', async () => {
    const { provider, vibe } = client(10_000);
    await expect(vibe.generate(ask({ type: 'text', text: 'long' }))).rejects.toMatchObject({ code: 'rate_limited' });
    expect(provider.calls).toHaveLength(0);
    await vibe.close();
  });
});

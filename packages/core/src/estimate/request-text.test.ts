import { describe, expect, it } from 'vitest';
import { says, scripted, testPrices } from '../../test/scripted-provider.js';
import { createVibe } from '../create-vibe.js';
import type { Json } from '../spec/json.js';

const cycle: Record<string, unknown> = {};
cycle['me'] = cycle;
let deep: unknown = 1;
for (let level = 0; level < 50_000; level++) deep = { deep };

describe('a part that is no JSON', () => {
  it.each([
    ['a cycle', cycle],
    ['a BigInt', { amount: 5n }],
    ['fifty thousand objects in each other', deep],
  ])('is the mistake of the request, and nothing is sent: %s', async (_name, output) => {
    const provider = scripted(says('fine'));
    const vibe = createVibe({ plugins: [provider, testPrices] });
    const messages = [
      { role: 'user' as const, content: 'Hi' },
      { role: 'tool' as const, content: [{ type: 'tool_result' as const, id: 'a', output: output as Json }] },
    ];
    const refusal = { code: 'invalid_request', message: expect.stringContaining('tool_result part is no JSON') };
    await expect(vibe.generate({ model: 'acme-1', messages })).rejects.toMatchObject(refusal);
    await expect(vibe.estimate({ model: 'acme-1', messages })).rejects.toMatchObject(refusal);
    expect(provider.calls).toEqual([]);
    await vibe.close();
  });

  it('but nothing at all is only empty', async () => {
    const vibe = createVibe({ plugins: [scripted(says('fine')), testPrices] });
    const content = [{ type: 'tool_result' as const, id: 'a', output: undefined as unknown as Json }];
    const messages = [
      { role: 'user' as const, content: 'Hi' },
      { role: 'tool' as const, content },
    ];
    expect((await vibe.estimate({ model: 'acme-1', messages })).inputTokens).toBeGreaterThan(0);
    await vibe.close();
  });
});

it('counts tools that provider options bring along as much as those of the request', async () => {
  const vibe = createVibe({ plugins: [scripted(says('fine')), testPrices] });
  const words = 'one two three four '.repeat(500);
  const tokens = async (more: object) => (await vibe.estimate({ model: 'acme-1', prompt: 'Hi', ...more })).inputTokens;
  const [plain, raw] = [await tokens({}), await tokens({ providerOptions: { acme: { tools: [{ words }] } } })];
  const said = await tokens({ messages: [{ role: 'user', content: words }], prompt: undefined });
  expect(raw - plain).toBeGreaterThan(said - plain - 1);
  await vibe.close();
});

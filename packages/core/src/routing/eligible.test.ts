import { describe, expect, it } from 'vitest';
import { fails, failure, type ScriptedOptions, says, scripted, testPrices } from '../../test/scripted-provider.js';
import { createVibe } from '../create-vibe.js';
import type { VibeOptions } from '../spec/options.js';
import type { AnyInput } from '../spec/request.js';

const prompt = 'Hi';
const image = { type: 'image', mediaType: 'image/png', data: new Uint8Array([1]) } as const;
const audio = { type: 'audio', mediaType: 'audio/wav', data: new Uint8Array([1]) } as const;
const schema = { type: 'object', properties: { a: { type: 'string' } } };

/** Why a model may not serve a request; an empty list when it may. */
async function reasons(request: AnyInput, served: ScriptedOptions, options: Partial<VibeOptions> = {}) {
  const provider = scripted(says('x'), served);
  const vibe = createVibe({ plugins: [provider, testPrices], ...options });
  const { routes } = await vibe.estimate(request);
  expect(provider.calls).toEqual([]);
  return Object.fromEntries(
    routes.map(({ target, reasons: given }) => [`${target.endpoint}/${target.model}`, given.join('; ')]),
  );
}

describe('a model may not serve a call', () => {
  it('of an operation it does not have', async () => {
    const models = [{ id: 'talks' }, { id: 'paints', operations: ['paint'] }] as const;
    expect(await reasons({ model: 'paints', prompt }, { models })).toEqual({ 'main/paints': 'it cannot chat' });
  });

  it('with parts it cannot read', async () => {
    const models = [{ id: 'reads' }, { id: 'sees', input: ['text', 'image'] }] as const;
    const seen = await reasons({ messages: [{ role: 'user', content: [image, image] }] }, { models });
    expect(seen).toEqual({ 'main/reads': 'it takes no image input', 'main/sees': '' });
    const heard = await reasons({ messages: [{ role: 'user', content: [image, audio] }] }, { models });
    expect(heard['main/sees']).toBe('it takes no audio input');
  });

  it('that changes a picture, when it only makes new ones', async () => {
    const models = [
      { id: 'makes', operations: ['paint'] },
      { id: 'edits', operations: ['paint'], input: ['text', 'image'] },
    ] as const;
    expect(await reasons({ prompt, images: [image] }, { models })).toEqual({
      'main/makes': 'it takes no image input',
      'main/edits': '',
    });
    expect(await reasons({ prompt, count: 1 }, { models })).toEqual({ 'main/makes': '', 'main/edits': '' });
  });

  it('with tools it cannot call', async () => {
    const models = [{ id: 'acts' }, { id: 'talks', tools: false }] as const;
    const tools = [{ name: 'look', description: 'looks', input: { type: 'object' } }];
    expect(await reasons({ prompt, tools }, { models })).toEqual({
      'main/acts': '',
      'main/talks': 'it cannot call tools',
    });
  });

  it('with a schema it cannot be held to, unless it is the model that was asked for', async () => {
    const models = [{ id: 'exact', structured: true }, { id: 'loose' }] as const;
    expect(await reasons({ prompt, output: schema }, { models })).toEqual({
      'main/exact': '',
      'main/loose': 'it cannot be held to a schema',
    });
    expect(await reasons({ model: 'acme/auto', prompt, output: schema }, { models })).toMatchObject({
      'main/loose': 'it cannot be held to a schema',
    });
    expect(await reasons({ model: 'loose', prompt, output: schema }, { models })).toEqual({ 'main/loose': '' });
  });

  it('that is far too long for it', async () => {
    const models = [{ id: 'short', contextTokens: 100 }, { id: 'long' }] as const;
    const given = await reasons({ prompt: 'word '.repeat(5_000) }, { models });
    expect(given['main/short']).toMatch(/^the input has up to \d+ tokens, its context 100$/);
    expect(given['main/long']).toBe('');
  });

  it('below the tier that is asked for', async () => {
    const models = [
      { id: 'small', tier: 'economy' },
      { id: 'large', tier: 'premium' },
    ] as const;
    expect(await reasons({ prompt, minTier: 'standard' }, { models })).toEqual({
      'main/large': '',
      'main/small': 'its tier is economy, at least standard is asked for',
    });
  });

  it('that may cost more than the caller allows, or nobody knows how much', async () => {
    const models = [{ id: 'dear' }, { id: 'a-cheap' }, { id: 'an-unpriced' }] as const;
    const given = await reasons({ prompt, maxCostUsd: 0.001 }, { models });
    expect(given['main/a-cheap']).toBe('');
    expect(given['main/dear']).toMatch(/^its worst case is \$0\.00\d+, maxCostUsd allows \$0\.0010$/);
    expect(given['main/an-unpriced']).toBe('no price is known for acme/an-unpriced in region global');
  });

  it('whose price nobody knows, in strict mode', async () => {
    const models = [{ id: 'priced' }, { id: 'an-unpriced' }] as const;
    const budgets = [{ window: 'day', limitUsd: 1 }] as const;
    const strict = await reasons({ prompt }, { models }, { mode: 'strict_budget', budgets });
    expect(strict).toEqual({
      'main/priced': '',
      'main/an-unpriced': 'no price is known for acme/an-unpriced in region global',
    });
    expect(await reasons({ prompt }, { models }, { budgets })).toEqual({ 'main/priced': '', 'main/an-unpriced': '' });
  });

  it('without a key', async () => {
    const endpoints = [
      { id: 'one', region: 'cn' },
      { id: 'two', region: 'cn', hasKey: false },
    ] as const;
    expect(await reasons({ prompt }, { endpoints })).toEqual({
      'one/acme-1': '',
      'two/acme-1': 'ACME_KEY_TWO is not set for acme/two',
    });
  });

  it('while its circuit is open', async () => {
    const provider = scripted(fails('provider_unavailable', 'down'));
    const vibe = createVibe({
      plugins: [provider],
      breaker: { failures: 1 },
      defaults: { retry: { attempts: 1 } },
    });
    await failure(vibe.generate({ prompt }));
    const { routes } = await vibe.estimate({ prompt });
    expect(routes[0]?.reasons).toEqual(['its circuit is open after repeated failures']);
    expect(await failure(vibe.generate({ prompt }))).toMatchObject({ code: 'circuit_open', retryable: true });
    expect(provider.calls).toHaveLength(1);
  });
});

describe('a call that is bound to regions', () => {
  const endpoints = [
    { id: 'cn', region: 'cn' },
    { id: 'sg', region: 'sg' },
    { id: 'nowhere', region: '' },
  ] as const;
  const compliance = [
    { tags: { data: 'cn-only' }, regions: ['cn'] },
    { tags: { data: 'cn-only', user: 'guest' }, regions: ['sg', 'us'] },
    { tags: { patient: '*' }, regions: ['cn'] },
  ] as const;
  const eligible = async (request: AnyInput) =>
    Object.entries(await reasons(request, { endpoints }, { router: { compliance } }))
      .filter(([, why]) => why === '')
      .map(([who]) => who);

  it('may go to the regions that all rules allow, and to no endpoint that does not say where it is', async () => {
    expect(await eligible({ prompt })).toEqual(['cn/acme-1', 'sg/acme-1', 'nowhere/acme-1']);
    expect(await eligible({ prompt, regions: ['sg', 'us'] })).toEqual(['sg/acme-1']);
    expect(await eligible({ prompt, tags: { data: 'cn-only' } })).toEqual(['cn/acme-1']);
    expect(await eligible({ prompt, tags: { data: 'public' } })).toHaveLength(3);
    expect(await eligible({ prompt, regions: ['sg'], tags: { data: 'cn-only' } })).toEqual([]);
    expect(await eligible({ prompt, tags: { data: 'cn-only', user: 'guest' } })).toEqual([]);
    expect(await eligible({ prompt, regions: [] })).toEqual([]);
  });

  it('is bound by any value of a tag where the rule says *', async () => {
    expect(await eligible({ prompt, tags: { patient: 'p-17' } })).toEqual(['cn/acme-1']);
    expect(await eligible({ prompt, tags: { patient: '*' } })).toEqual(['cn/acme-1']);
    expect(await eligible({ prompt, tags: { patient: 'p-17', data: 'cn-only', user: 'guest' } })).toEqual([]);
  });

  it('is told why the others may not serve it', async () => {
    expect(await reasons({ prompt, regions: ['cn'] }, { endpoints })).toEqual({
      'cn/acme-1': '',
      'sg/acme-1': 'region sg is not allowed, allowed are cn',
      'nowhere/acme-1': 'its region is not declared, allowed are cn',
    });
  });

  it('avoids an endpoint that also uses another region', async () => {
    const provider = scripted(says('x'), { endpoints: [{ id: 'cn', region: 'cn' }] });
    const [endpoint] = provider.endpoints;
    const alsoUses = [
      { region: 'cn', baseUrl: 'https://a.example' },
      { region: 'sg', baseUrl: 'https://b.example' },
    ];
    const vibe = createVibe({ plugins: [{ ...provider, endpoints: [{ ...endpoint!, alsoUses }] }] });
    const { routes } = await vibe.estimate({ prompt, regions: ['cn'] });
    expect(routes[0]?.reasons).toEqual(['region sg is not allowed, allowed are cn']);
  });
});

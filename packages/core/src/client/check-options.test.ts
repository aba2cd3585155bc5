import { describe, expect, it } from 'vitest';
import { says, scripted, testPrices } from '../../test/scripted-provider.js';
import { createVibe } from '../create-vibe.js';
import { memoryLedger } from '../defaults/memory-ledger.js';
import { definePlugin } from '../define-plugin.js';
import { VibeError } from '../errors/vibe-error.js';
import type { PluginPart } from '../spec/plugin.js';

const provider = () => scripted(says('a'));

function configError(options: unknown): VibeError {
  try {
    createVibe(options as Parameters<typeof createVibe>[0]);
  } catch (error) {
    if (VibeError.is(error, 'config')) return error;
    throw error;
  }
  throw new Error('createVibe accepted it');
}

describe('options of createVibe', () => {
  it.each([
    [undefined, /an object with at least `plugins`/],
    [{}, /plugins: expected a value/],
    [{ plugins: [], budget: [] }, /budget: unknown option \(did you mean "budgets"\?\)/],
    [{ plugins: [], mode: 'strict' }, /mode: expected one of best_effort, strict_budget/],
    [{ plugins: [], budgets: [{ window: 'day' }] }, /budgets\[0\]\.limitUsd/],
    [{ plugins: [], budgets: [{ window: 'year', limitUsd: 1 }] }, /budgets\[0\]\.window: expected one of call, run/],
    [{ plugins: [], budgets: [{ window: 'day', limitUsd: -1 }] }, /budgets\[0\]\.limitUsd: expected a number from 0/],
    [{ plugins: [], budgets: [{ window: 'day', limitUsd: Number.NaN }] }, /got NaN/],
    [{ plugins: [], budgets: [{ window: 'run', limitUsd: 1 }] }, /budgets\[0\]\.tags: expected a `run` tag pattern/],
    [
      { plugins: [], budgets: [{ window: 'day', limitUsd: 1, timezone: 'Mars/Olympus' }] },
      /^budgets\[0\]\.timezone: expected an IANA time zone/,
    ],
    [
      { plugins: [], limits: { '*': { rmp: 1 } } },
      /limits\.\*\.rmp: unknown option \(did you mean "rpm"\?\)|limits\.\*\.rmp: unknown option/,
    ],
    [{ plugins: [], defaults: { timeout: { totalMs: Number.POSITIVE_INFINITY } } }, /defaults\.timeout\.totalMs/],
    [{ plugins: [], retry: { attempts: 2 } }, /^retry: unknown option \(did you mean "defaults\.retry"\?\)/],
    [{ plugins: [], minTier: 'standard' }, /did you mean "router\.downgrade\.minTier"\?/],
    [{ plugins: [], limitUsd: 5 }, /did you mean "budgets\[\]\.limitUsd"\?/],
    [{ plugins: [], rpm: 5 }, /did you mean "limits\.\*\.rpm"\?/],
    [{ plugins: [], router: { minTier: 'standard' } }, /^router\.minTier: unknown .*"router\.downgrade\.minTier"\?/],
    [
      { plugins: [], defaults: { totalMs: 5 } },
      /^defaults\.totalMs: unknown option \(did you mean "defaults\.timeout\.totalMs"/,
    ],
    [{ plugins: [], breaker: { failRate: 2 } }, /breaker\.failRate/],
    [{ plugins: [], regions: 'cn' }, /regions: expected a list/],
    [{ plugins: 'qwen' }, /plugins: expected a list/],
  ])('refuses %j with its path', (options, message) => {
    expect(configError(options).message).toMatch(message);
  });
});

describe('options of a request', () => {
  const vibe = createVibe({ plugins: [provider(), testPrices] });

  it.each([
    [{}, /The request is empty/],
    [{ prompt: '' }, /The request is empty/],
    [{ prompt: '  \n' }, /The request is empty/],
    [{ messages: [] }, /The request is empty/],
    [{ messages: [{ role: 'robot', content: 'x' }] }, /messages\[0\]\.role must be one of system, user/],
    [
      { messages: [{ role: 'user', content: [{ type: 'image', mediaType: 'png', data: 'x' }] }] },
      /mediaType must be a media type/,
    ],
    [{ prompt: 'x', maxWaitMs: Number.POSITIVE_INFINITY }, /maxWaitMs/],
    [{ prompt: 'x', maxWaitMs: -1 }, /maxWaitMs/],
    [{ prompt: 'x', maxOutputTokens: 0 }, /maxOutputTokens/],
    [{ prompt: 'x', retry: { attempts: 0 } }, /retry\.attempts/],
    [{ prompt: 7 }, /prompt must be a string/],
    [{ prompt: 'x', attempts: 2 }, /^attempts: unknown key of a request \(did you mean "retry\.attempts"\?\)/],
  ])('refuses %j as invalid_request', async (request, message) => {
    const error = await vibe.generate(request as never).catch((thrown: unknown) => thrown);
    expect(VibeError.is(error, 'invalid_request')).toBe(true);
    expect((error as VibeError).message).toMatch(message);
  });

  it('passes a megabyte of text, NUL bytes and unpaired surrogates on', async () => {
    const prompt = `${'word '.repeat(200_000)}\0\ud800`;
    const acme = scripted(says('read'), { models: [{ id: 'acme-1', contextTokens: 2_000_000 }] });
    const response = await createVibe({ plugins: [acme] }).generate({ model: 'acme-1', prompt });
    expect(response.text).toBe('read');
    expect(acme.calls[0]?.request).toMatchObject({ messages: [{ content: [{ text: prompt }] }] });
  });
});

describe('plugins that do not fit together', () => {
  const named = (name: string, create: () => PluginPart) => definePlugin({ name, specVersion: 'v1', create })();

  it('refuses a second ledger and names both plugins', () => {
    const error = configError({
      plugins: [named('@example/first', memoryLedger), named('@example/second', memoryLedger)],
    });
    expect(error.message).toContain('@example/first');
    expect(error.message).toContain('@example/second');
  });

  it('refuses the same provider and profile twice, and allows a second profile', () => {
    expect(configError({ plugins: [provider(), provider()] }).message).toContain('configured twice');
    createVibe({ plugins: [provider(), { ...provider(), profile: 'second' }] });
  });

  it('refuses an unknown kind, another spec version, and a plugin that was not called', () => {
    expect(configError({ plugins: [{ kind: 'oracle' }] }).message).toMatch(/plugins\[0\]: unknown kind "oracle"/);
    const old = { kind: 'plugin', name: '@example/old', specVersion: 'v0', create: () => provider() };
    expect(configError({ plugins: [old] }).message).toMatch(/@example\/old was made for plugin spec v0/);
    const plugin = definePlugin({ name: '@example/acme', specVersion: 'v1', create: provider });
    expect(configError({ plugins: [plugin] }).message).toContain('@example/acme()');
  });

  it.each<[string, () => unknown, RegExp]>([
    ['something else', () => ({ kind: 'oracle' }), /unknown kind "oracle"/],
    ['nothing', () => null, /is no plugin: got null/],
    ['a promise', () => Promise.reject(new Error('too late')), /is no plugin yet: got a promise/],
  ])('says what a plugin has to give instead of %s', (_name, create, what) => {
    const plugin = { kind: 'plugin', name: '@example/acme', specVersion: 'v1', create };
    expect(configError({ plugins: [plugin] })).toMatchObject({
      message: expect.stringMatching(what),
      next: [expect.stringMatching(/^Give @example\/acme a part with a "kind"/)],
    });
  });

  it.each<[unknown, RegExp]>([
    [{ kind: 'provider' }, /plugins\[0\] is no whole provider: id must be a text/],
    [{ ...provider(), stream: undefined }, /no whole provider: stream must be a function, got undefined/],
    [{ ...provider(), endpoints: {} }, /no whole provider: endpoints must be a list, got object/],
    [{ ...provider(), models: [{ id: 'a' }] }, /no whole provider: models\[0\]\.operations must be a list/],
    [{ ...provider(), models: [null] }, /no whole provider: models\[0\] must be an object, got null/],
    [{ ...provider(), endpoints: [{ id: 'a' }] }, /no whole provider: endpoints\[0\]\.keyPresent must be a function/],
    [{ kind: 'router' }, /no whole router: plan must be a function/],
    [{ kind: 'middleware', middleware: 'none' }, /no whole middleware: middleware must be a function, got string/],
    [{ ...memoryLedger(), settle: 1 }, /no whole ledger: settle must be a function, got number/],
    [{ kind: 'pricing', price: () => null }, /no whole pricing: rates must be a function/],
    [{ kind: 'tokenizer', count: () => 1 }, /no whole tokenizer: matches must be a function/],
    [{ kind: 'limiter', peek: 1 }, /no whole limiter: acquire must be a function/],
    [undefined, /plugins\[0\] is no plugin: got undefined/],
  ])('names the part that is not whole, and what it lacks (%#)', (part, message) => {
    const error = configError({ plugins: [part] });
    expect(error.message).toMatch(message);
  });

  it('names the plugin that cannot be created, or that brings something broken', () => {
    const broken = (create: () => PluginPart) => configError({ plugins: [named('@example/broken', create)] }).message;
    const thrown = () => {
      throw new TypeError("Cannot read properties of undefined (reading 'url')");
    };
    expect(broken(thrown)).toMatch(/^@example\/broken could not be created: Cannot read/);
    expect(broken(() => ({ kind: 'router' }) as PluginPart)).toMatch(/^@example\/broken is no whole router/);
    expect(broken(() => undefined as unknown as PluginPart)).toMatch(/@example\/broken/);
  });

  it('gives plugins the secrets that the program keeps', () => {
    let found: string | undefined;
    const asking = definePlugin({
      name: '@example/asking',
      specVersion: 'v1',
      create: (_options, host) => {
        found = host.secret?.('ACME_KEY');
        return provider();
      },
    });
    createVibe({ plugins: [asking()] }, { secret: (variable) => `kept for ${variable}` });
    expect(found).toBe('kept for ACME_KEY');
    createVibe({ plugins: [asking()] });
    expect(found).toBeUndefined();
  });

  it('takes nested lists', async () => {
    const vibe = createVibe({ plugins: [[provider(), [testPrices]]] });
    expect((await vibe.generate({ model: 'acme-1', prompt: 'x' })).cost.actualNanoUsd).toBe(12_000);
  });
});

describe('keys of a request that nobody knows', () => {
  const ask = { model: 'acme-1', prompt: 'Hi' };
  const refusal = async (input: object) => {
    const acme = scripted(says('never'));
    const error = await createVibe({ plugins: [acme] })
      .generate({ ...ask, ...input })
      .then(() => null, VibeError.from);
    expect(acme.calls).toEqual([]);
    return error;
  };

  it.each([
    ['maxOutputToken', 'maxOutputTokens'],
    ['max_cost_usd', 'maxCostUsd'],
    ['temprature', 'temperature'],
    ['tag', 'tags'],
  ])('are refused before anything is sent, with what was meant: %s', async (key, meant) => {
    const error = await refusal({ [key]: 1 });
    expect(error?.code).toBe('invalid_request');
    expect(error?.message).toContain(`${key}: unknown key of a request (did you mean "${meant}"?)`);
    expect(error?.next[0]).toContain('providerOptions');
  });

  it('are refused where they belong to another operation', async () => {
    expect((await refusal({ size: '1x1' }))?.message).toContain('size: unknown key of a request');
  });

  it('do not matter while they have no value', async () => {
    const vibe = createVibe({ plugins: [scripted(says('fine'))] });
    expect((await vibe.generate({ ...ask, ...{ maxTokens: undefined } })).text).toBe('fine');
  });
});

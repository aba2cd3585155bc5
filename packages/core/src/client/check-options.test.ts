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
    [{ plugins: [], budgets: [{ window: 'day', limitUsd: 1, timezone: 'Mars/Olympus' }] }, /no IANA time zone/],
    [
      { plugins: [], limits: { '*': { rmp: 1 } } },
      /limits\.\*\.rmp: unknown option \(did you mean "rpm"\?\)|limits\.\*\.rmp: unknown option/,
    ],
    [{ plugins: [], defaults: { timeout: { totalMs: Number.POSITIVE_INFINITY } } }, /defaults\.timeout\.totalMs/],
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

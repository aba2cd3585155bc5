import { describe, expect, it } from 'vitest';
import { says, scripted } from '../../test/scripted-provider.js';
import { createVibe } from '../create-vibe.js';
import { Catalog } from './catalog.js';
import { unknownModel } from './no-route.js';
import { limitsOf } from './resolve-limits.js';

const qwen = scripted(says('x'), {
  id: 'qwen',
  models: [
    { id: 'qwen-plus', aliases: ['qwen-plus-latest'] },
    { id: 'qwen-long', endpoints: ['cn'] },
  ],
  endpoints: [
    { id: 'cn', region: 'cn' },
    { id: 'sg', region: 'sg' },
  ],
});
const other = {
  ...scripted(says('x'), { id: 'other', models: [{ id: 'vendor/model' }, { id: 'qwen-plus' }] }),
  profile: 'work',
};
const catalog = new Catalog([qwen, other]);
const found = (reference: string) =>
  catalog
    .find(reference, 'chat')
    .map(({ target }) => `${target.provider}:${target.profile}@${target.endpoint}/${target.model}`);

describe('a model reference', () => {
  it('finds every endpoint and provider that serves the model', () => {
    expect(found('qwen-plus')).toEqual([
      'qwen:default@cn/qwen-plus',
      'qwen:default@sg/qwen-plus',
      'other:work@main/qwen-plus',
    ]);
    expect(found('qwen-long')).toEqual(['qwen:default@cn/qwen-long']);
  });

  it('to any model means those that have the operation; all of them, when none has it', () => {
    const models = [{ id: 'talks' }, { id: 'paints', operations: ['paint'] as const }];
    const mixed = new Catalog([scripted(says('x'), { models })]);
    const names = (operation: string) => mixed.find('auto', operation).map(({ target }) => target.model);
    expect([names('chat'), names('paint'), names('speak')]).toEqual([['talks'], ['paints'], ['talks', 'paints']]);
    expect(mixed.find('paints', 'chat')).toHaveLength(1);
  });

  it('with nothing behind its slash is a name that is missing, not any model', async () => {
    expect([found('qwen/'), found('qwen@sg/'), found('nobody/')]).toEqual([[], [], []]);
    expect(unknownModel('qwen@sg/', catalog)).toMatchObject({
      code: 'no_route',
      message: '"qwen@sg/" names no model behind its slash; nothing was sent.',
      next: ['Use model: "qwen@sg/auto" for any model there.'],
    });
  });

  it('can name the provider, and the endpoint or profile', () => {
    expect(found('qwen/qwen-plus')).toEqual(['qwen:default@cn/qwen-plus', 'qwen:default@sg/qwen-plus']);
    expect(found('qwen@sg/qwen-plus')).toEqual(['qwen:default@sg/qwen-plus']);
    expect(found('other@work/qwen-plus')).toEqual(['other:work@main/qwen-plus']);
    expect(found('qwen/auto')).toHaveLength(5);
  });

  it('to a place that is not there says which there are', () => {
    for (const reference of ['qwen@us/qwen-plus', 'qwen@sg@work/qwen-plus', 'qwen@/qwen-plus']) {
      expect(found(reference)).toEqual([]);
      const error = unknownModel(reference, catalog);
      expect(error.message).toMatch(/^"qwen@.*: qwen has no endpoint and no profile ".*"; there is cn, sg, default\./);
      expect(error.next).toEqual([expect.stringMatching(/^Use model: "qwen@cn\/qwen-plus", or leave "@.*" out\.$/)]);
    }
  });

  it('to nobody at all does not call the name wrong', () => {
    const error = unknownModel('auto', new Catalog([]));
    expect(error).toMatchObject({ code: 'no_route', message: 'No provider is configured; nothing was sent.' });
    expect(error.next).toEqual([expect.stringContaining('Add a provider to "plugins"')]);
  });

  it('keeps a slash in a model id, and calls an alias by its own name', () => {
    expect(found('vendor/model')).toEqual(['other:work@main/vendor/model']);
    expect(found('qwen@cn/qwen-plus-latest')).toEqual(['qwen:default@cn/qwen-plus-latest']);
  });

  it('passes a model of a named provider through, and nothing else', () => {
    expect(found('qwen@cn/qwen-next')).toEqual(['qwen:default@cn/qwen-next']);
    expect(found('qwen-next')).toEqual([]);
    expect(catalog.suggestions('qwen-pluss')[0]).toBe('qwen-plus');
  });
});

it('two endpoints of one name are refused: nothing could tell them apart', () => {
  const endpoints = [
    { id: 'main', region: 'cn' },
    { id: 'main', region: 'sg' },
  ];
  expect(() => createVibe({ plugins: [scripted(says('x'), { endpoints })] })).toThrow(
    'plugins[0] has two endpoints "main" of the provider "acme".',
  );
});

describe('limits', () => {
  it('come from the most specific pattern, field by field', () => {
    const target = { provider: 'qwen', profile: 'default', endpoint: 'sg', region: 'sg', model: 'qwen-plus' };
    const patterns = {
      '*': { rpm: 1, tpm: 1, rpd: 1, concurrency: 1 },
      'qwen/*': { rpm: 2, tpm: 2, rpd: 2 },
      'qwen-plus': { rpm: 3, tpm: 3 },
      'qwen@sg/qwen-plus': { rpm: 4 },
      'qwen-max': { rpm: 9 },
    };
    expect(limitsOf(patterns, target)).toEqual({ rpm: 4, tpm: 3, rpd: 2, concurrency: 1 });
  });
});

import { describe, expect, it } from 'vitest';
import { testModel } from '../testing.js';
import { withModels } from './models.js';

describe('withModels', () => {
  it('changes only the fields that are given', () => {
    const [model] = withModels([testModel], [{ id: testModel.id, tier: 'premium', tools: undefined }]);
    expect(model).toEqual({ ...testModel, tier: 'premium' });
  });

  it('adds a model of which only the id is known as plain chat', () => {
    expect(withModels([testModel], [{ id: 'new', contextTokens: 1000 }])).toEqual([
      testModel,
      expect.objectContaining({
        id: 'new',
        operations: ['chat'],
        input: ['text'],
        reasoning: false,
        contextTokens: 1000,
      }),
    ]);
  });
});

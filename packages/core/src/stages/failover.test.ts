import { expect, it } from 'vitest';
import { says, scripted } from '../../test/scripted-provider.js';
import { createVibe } from '../create-vibe.js';
import { VibeError, type VibeErrorFields } from '../errors/vibe-error.js';

/** Two candidates; the first fails. Gives the models that were asked. */
async function asked(fields: VibeErrorFields): Promise<readonly string[]> {
  const provider = scripted(
    [
      // biome-ignore lint/correctness/useYield: it fails before its first event
      async function* () {
        throw new VibeError('provider_unavailable', 'down', fields);
      },
      says('ok'),
    ],
    { models: [{ id: 'first' }, { id: 'second' }] },
  );
  const vibe = createVibe({
    plugins: [provider],
    router: { order: ['first', 'second'] },
    defaults: { retry: { attempts: 2 } },
  });
  await vibe.generate({ prompt: 'Hi', route: 'fixed' }).catch(() => undefined);
  return provider.calls.map(({ model }) => model.id);
}

it('asks nobody else for what may be billed and must not be repeated', async () => {
  expect(await asked({ retryable: false, mayBeBilled: true })).toEqual(['first']);
});

it('asks the next one for what cannot be repeated but costs nothing', async () => {
  expect(await asked({ retryable: false, mayBeBilled: false })).toEqual(['first', 'second']);
});

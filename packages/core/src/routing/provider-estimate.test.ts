import { describe, expect, it } from 'vitest';
import { type ScriptedProvider, says, scripted, testPrices } from '../../test/scripted-provider.js';
import { createVibe } from '../create-vibe.js';
import type { Provider } from '../spec/provider.js';
import type { Quantities } from '../spec/usage.js';

type Estimator = NonNullable<Provider['estimate']>;

function client(estimate: Estimator | null, operation: 'chat' | 'paint' | 'transcribe') {
  const provider: ScriptedProvider = {
    ...scripted(says('fine'), { models: [{ id: 'acme-1', operations: [operation], input: ['text', 'audio'] }] }),
    ...(estimate !== null && { estimate }),
  };
  return createVibe({ plugins: [provider, testPrices] });
}

const says100: Estimator = () => estimated({ input_token: 100 });
const estimated = (quantities: Quantities) => ({ quantities, unknown: true, source: 'estimated' }) as const;

describe("a provider's own estimate", () => {
  it('is the input of a chat; the output is bounded by the cap', async () => {
    const { worstCaseUsd } = await client(says100, 'chat').estimate({ prompt: 'Hi', maxOutputTokens: 10 });
    expect(worstCaseUsd).toBe((100 * 1_000 + 10 * 2_000) / 1e9);
  });

  it('is the whole bill of a picture: no image is added to what the provider said', async () => {
    const whole: Estimator = () => estimated({ output_image_token: 7 });
    const { worstCaseUsd } = await client(whole, 'paint').estimate({ prompt: 'A cat', count: 2 });
    expect(worstCaseUsd).toBe((7 * 2_000) / 1e9);
  });

  it('may leave the generic bound as it is', async () => {
    const request = { prompt: 'A cat', count: 2 };
    const { worstCaseUsd } = await client(() => null, 'paint').estimate(request);
    expect(worstCaseUsd).toBe((await client(null, 'paint').estimate(request)).worstCaseUsd);
    expect(worstCaseUsd).toBeGreaterThan(0);
  });

  it('is told the operation and the generic bound', async () => {
    const asked: unknown[] = [];
    const vibe = client((_request, { id }, generic) => {
      asked.push([id, generic]);
      return null;
    }, 'transcribe');
    await vibe.estimate({ audio: { type: 'audio', mediaType: 'audio/wav', data: new Uint8Array(1_500) } });
    expect(asked).toEqual([
      ['acme-1', { operation: 'transcribe', quantities: { audio_second: 3, input_audio_token: 96 } }],
    ]);
  });

  it.each([
    { input_token: Number.NaN },
    { input_token: -100, output_token: 1 },
    { input_token: Number.POSITIVE_INFINITY },
    { input_token: undefined } as unknown as Quantities,
  ])('is not believed where it is no amount: %o', async (quantities) => {
    const request = { prompt: 'Hi', maxOutputTokens: 10 };
    const { worstCaseUsd } = await client(null, 'chat').estimate(request);
    expect((await client(() => estimated(quantities), 'chat').estimate(request)).worstCaseUsd).toBe(worstCaseUsd);
    const late: Estimator = async () => estimated(quantities);
    expect((await client(late, 'chat').estimate(request)).worstCaseUsd).toBe(worstCaseUsd);
  });

  it('bounds what has no generic bound', async () => {
    const request = { audio: { type: 'file_ref', uri: 'files/1', mediaType: 'audio/wav' } } as const;
    expect((await client(null, 'transcribe').estimate(request)).worstCaseUsd).toBeNull();
    expect((await client(says100, 'transcribe').estimate(request)).worstCaseUsd).toBe(1e-4);
  });
});

import { expect, it } from 'vitest';
import { scripted, testPrices } from '../../test/scripted-provider.js';
import { createVibe } from '../create-vibe.js';
import type { Quantities } from '../spec/usage.js';

const audio = { type: 'audio', mediaType: 'audio/wav', data: new Uint8Array(1_500) } as const;

/** What a transcription is billed that is left at its first words. */
async function billed(bound: Quantities | null): Promise<Quantities | undefined> {
  const provider = {
    ...scripted(
      async function* ({ signal }) {
        yield { type: 'delta', part: { type: 'text', text: 'one two three' }, text: 'one two three' };
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
      },
      { models: [{ id: 'acme-1', operations: ['transcribe'], input: ['audio'] }] },
    ),
    ...(bound !== null && { estimate: () => ({ quantities: bound, unknown: true, source: 'estimated' }) as const }),
  };
  const stream = createVibe({ plugins: [provider, testPrices] }).transcribeStream({ model: 'acme-1', audio });
  for await (const event of stream) if (event.type === 'delta') break;
  return (await stream.final()).usage?.quantities;
}

it('bills no words where the provider bills seconds', async () => {
  expect(await billed({ audio_second: 2 })).toEqual({ audio_second: 2 });
});

it('bills the words that came where the provider bills words', async () => {
  expect(await billed({ input_audio_token: 96, output_token: 500 })).toEqual({
    input_audio_token: 96,
    output_token: 4,
  });
});

it('counts both where nobody knows how it is billed', async () => {
  expect(await billed(null)).toEqual({ audio_second: 3, input_audio_token: 96, output_token: 4 });
});

import { expect, it } from 'vitest';
import { says, scripted } from '../../test/scripted-provider.js';
import { createVibe } from '../create-vibe.js';
import type { MediaData } from '../spec/content.js';

const models = [
  { id: 'hears', operations: ['transcribe'], input: ['audio'] },
  { id: 'reads-files', operations: ['transcribe'], input: ['file_ref'] },
] as const;

async function eligible(data: MediaData) {
  const vibe = createVibe({ plugins: [scripted(says('a'), { models })] });
  const { routes } = await vibe.estimate({ audio: { type: 'audio', mediaType: 'audio/wav', data } });
  return Object.fromEntries(routes.map(({ target, reasons }) => [target.model, reasons]));
}

it('sends bytes of audio only to models that take them', async () => {
  const onlyAddresses = ['it takes the address of an audio, not its bytes'];
  expect(await eligible(new Uint8Array([1]))).toEqual({ hears: [], 'reads-files': onlyAddresses });
  expect(await eligible('UklGRg==')).toEqual({ hears: [], 'reads-files': onlyAddresses });
});

it('sends the address of an audio to both', async () => {
  expect(await eligible(new URL('https://a.example/a.wav'))).toEqual({ hears: [], 'reads-files': [] });
  expect(await eligible('https://a.example/a.wav')).toEqual({ hears: [], 'reads-files': [] });
});

import { describe, expect, it } from 'vitest';
import { says, scripted } from '../../test/scripted-provider.js';
import { createVibe } from '../create-vibe.js';
import { VibeError } from '../errors/vibe-error.js';
import type { Vibe } from '../spec/vibe.js';

const manifest = { id: 'acme-1', operations: ['chat', 'transcribe', 'speak', 'paint'] } as const;

/** What comes of a request that no type would allow: the message of its refusal, with nothing sent. */
async function refusal(operation: 'generate' | 'transcribe' | 'speak' | 'paint', input: object): Promise<string> {
  const acme = scripted(says('never'), { models: [manifest] });
  const vibe: Vibe = createVibe({ plugins: [acme] });
  const ask = async () => vibe[operation]({ model: 'acme-1', ...input } as never);
  const error: unknown = await ask().catch((reason: unknown) => reason);
  expect(acme.calls).toEqual([]);
  if (!VibeError.is(error, 'invalid_request')) throw new Error('it should have been refused', { cause: error });
  return error.message;
}

const tool = { name: 'weather', input: { type: 'object' } };
const wav = { type: 'audio', mediaType: 'audio/wav', data: new Uint8Array([1]) };

describe('a value that providers could only drop', () => {
  it.each<[object, RegExp]>([
    [{ tools: [tool], toolChoice: 'any' }, /^toolChoice: expected one of auto, none, required/],
    [{ tools: [tool], toolChoice: null }, /^toolChoice: expected an object/],
    [{ tools: [tool], toolChoice: {} }, /^toolChoice\.name/],
    [{ toolChoice: 'required' }, /there are no tools/],
    [{ tools: [], toolChoice: { name: 'weather' } }, /there are no tools/],
    [{ tools: { weather: tool } }, /^tools: expected a list/],
    [{ tools: [{ ...tool, description: 5 }] }, /^tools\[0\]\.description/],
    [{ output: 'json' }, /^output: expected a JSON Schema or a Standard Schema/],
    [{ output: [tool.input] }, /^output: expected/],
    [{ output: null }, /^output: expected/],
  ])('in a chat is refused: %j', async (input, message) => {
    expect(await refusal('generate', { prompt: 'x', ...input })).toMatch(message);
  });

  it.each<[object, RegExp]>([
    [{ type: 'file_ref', mediaType: 'image/png' }, /messages\[0\]\.content\[0\] must be \{ type: 'file_ref'/],
    [{ type: 'tool_call', id: 'a', input: {} }, /must be \{ type: 'tool_call', id, name, input \}/],
    [{ type: 'tool_call', id: 'a', name: 'f' }, /must be \{ type: 'tool_call', id, name, input \}/],
  ])('in a part is refused: %j', async (part, message) => {
    expect(await refusal('generate', { messages: [{ role: 'user', content: [part] }] })).toMatch(message);
  });

  it.each<[object, RegExp]>([
    [{ text: 'x', format: 'ogg' }, /^format: expected one of wav, mp3, pcm/],
    [{ text: 'x', voice: 5 }, /^voice: expected a non-empty string/],
  ])('of a speech is refused: %j', async (input, message) => {
    expect(await refusal('speak', input)).toMatch(message);
  });

  it.each<[object, RegExp]>([
    [{ audio: wav, language: 5 }, /^language: expected a non-empty string/],
    [{ audio: { type: 'file_ref', mediaType: 'audio/wav' } }, /audio must be \{ type: 'file_ref'/],
  ])('of a transcription is refused: %#', async (input, message) => {
    expect(await refusal('transcribe', input)).toMatch(message);
  });

  it.each<[object, RegExp]>([
    [{ images: 'a.png' }, /^images: expected a list/],
    [{ images: [{ type: 'text', text: 'x' }] }, /^images\[0\] must be an image part/],
    [{ images: [{ type: 'image', mediaType: 'image/png' }] }, /^images\[0\]\.data/],
    [{ size: ['1024x1024'] }, /^size: expected a non-empty string/],
  ])('of a painting is refused: %j', async (input, message) => {
    expect(await refusal('paint', { prompt: 'x', ...input })).toMatch(message);
  });

  it('is none where it says what is so anyway', async () => {
    const vibe = createVibe({ plugins: [scripted(says('fine'), { models: [manifest] })] });
    for (const toolChoice of ['auto', 'none'] as const)
      expect((await vibe.generate({ model: 'acme-1', prompt: 'x', toolChoice })).text).toBe('fine');
  });
});

import type { ModelManifest, Operation, OperationRequest, Part, Tool } from '@vibe/core';

/** Long enough an answer to come in several pieces. */
const prompt = 'Explain in three sentences why the sky is blue.';
const maxOutputTokens = 1_000;

export const weatherTool: Tool = {
  name: 'weather',
  description: 'The weather of a city.',
  input: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

/** What a chat may show besides text, as small as it can be. */
export const shown: Readonly<Record<'image' | 'audio', () => Part>> = {
  image: () => ({ type: 'image', mediaType: 'image/png', data: Buffer.from(onePixel, 'base64') }),
  audio: () => ({ type: 'audio', mediaType: 'audio/wav', data: silentWav() }),
};

const onePixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** What every schema-bound answer is asked for. */
export const citySchema = {
  type: 'object',
  properties: { city: { type: 'string' }, population: { type: 'integer' } },
  required: ['city', 'population'],
  additionalProperties: false,
} as const;

/** What a test asks beyond a plain question. */
export type ChatExtras = Partial<Extract<OperationRequest, { operation: 'chat' }>['request']>;

/** A chat request as the chain would hand it to a provider. */
export function chatRequest(model: ModelManifest, extras: ChatExtras = {}): OperationRequest {
  return {
    operation: 'chat',
    request: {
      prompt,
      messages: [{ role: 'user', content: [{ type: 'text', text: prompt }] }],
      maxOutputTokens: Math.min(maxOutputTokens, model.maxOutputTokens ?? maxOutputTokens),
      ...extras,
    },
  };
}

/** The smallest request of an operation; null for one the suite does not know. */
export function smallestRequest(operation: Operation, model: ModelManifest): OperationRequest | null {
  switch (operation) {
    case 'chat':
      return chatRequest(model);
    case 'transcribe':
      return {
        operation: 'transcribe',
        request: {
          audio: model.input.includes('audio')
            ? { type: 'audio', mediaType: 'audio/wav', data: silentWav() }
            : { type: 'file_ref', uri: 'https://example.com/silence.wav', mediaType: 'audio/wav' },
        },
      };
    case 'speak':
      return { operation: 'speak', request: { text: 'The sky is blue.' } };
    case 'paint':
      return { operation: 'paint', request: { prompt: 'A blue sky.' } };
    default:
      return null;
  }
}

/** A tenth of a second of silence: 16 kHz, mono, 16 bit. */
function silentWav(): Uint8Array {
  const samples = 1_600;
  const wav = new DataView(new ArrayBuffer(44 + samples * 2));
  const text = (offset: number, value: string) => {
    for (const [index, letter] of [...value].entries()) wav.setUint8(offset + index, letter.charCodeAt(0));
  };
  text(0, 'RIFF');
  wav.setUint32(4, 36 + samples * 2, true);
  text(8, 'WAVEfmt ');
  wav.setUint32(16, 16, true);
  wav.setUint16(20, 1, true);
  wav.setUint16(22, 1, true);
  wav.setUint32(24, 16_000, true);
  wav.setUint32(28, 32_000, true);
  wav.setUint16(32, 2, true);
  wav.setUint16(34, 16, true);
  text(36, 'data');
  wav.setUint32(40, samples * 2, true);
  return new Uint8Array(wav.buffer);
}

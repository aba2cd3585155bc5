import { type AudioPart, type ImagePart, VibeError } from '@vibe/core';

/** A result as bytes, whichever way the provider gave it. Null: it is still at a URL. */
export function bytesOf({ data }: AudioPart | ImagePart): Uint8Array | null {
  if (data instanceof Uint8Array) return data;
  if (data instanceof URL) return null;
  return Buffer.from(data, 'base64');
}

/** The call went well and has no such part: the provider broke its promise. */
export function noResult(what: string): VibeError {
  return new VibeError(
    'invalid_response',
    `The answer has no ${what} in it. It is paid for: llm logs shows the call.`,
    {
      next: ['llm logs -n 1'],
    },
  );
}

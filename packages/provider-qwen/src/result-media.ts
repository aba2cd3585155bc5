import { type ProviderCall, VibeError, type Warning } from '@vibe/core';
import { type DownloadedMedia, downloadMedia, type HttpClient, mediaPlaces } from '@vibe/provider-kit';
import type { QwenEndpoint } from './endpoints.js';

export interface ResultAddress {
  readonly url: string;
  readonly maxBytes: number;
  /** For the warning: speech, image. */
  readonly what: string;
}

/**
 * Fetches what a call has made and paid for, without the key, from the places of its endpoint only. When that fails the
 * result is not lost: the caller gets its address with a warning. Only an abort throws.
 */
export async function fetchResult(
  client: HttpClient,
  { signal, timeout }: ProviderCall,
  { endpoint }: QwenEndpoint,
  { url, maxBytes, what }: ResultAddress,
): Promise<DownloadedMedia | { readonly warning: Warning }> {
  const places = mediaPlaces(endpoint);
  const download = { url, places, maxBytes, signal, connectMs: timeout.connectMs };
  try {
    return await downloadMedia(client, download, `qwen@${endpoint.id}`);
  } catch (error) {
    if (signal.aborted) throw error;
    const { message, code } = VibeError.from(error);
    return {
      warning: {
        code: 'media_not_fetched',
        message: `The ${what} was made, but could not be fetched; its address is given instead, which lives for a day. ${message}`,
        details: { code },
      },
    };
  }
}

import { type Endpoint, VibeError } from '@vibe/core';
import { abortError } from '../http/abort.js';
import type { HttpClient } from '../http/http-client.js';
import { networkError } from '../http/network-error.js';

/** A file that a provider made and put somewhere. */
export interface MediaDownload {
  readonly url: string;
  /** Where it may lie: see `mediaPlaces`. The address of another host is refused, and nothing is sent to it. */
  readonly places: readonly string[];
  /** The most that is read. A larger file is refused. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  readonly connectMs: number;
}

export interface DownloadedMedia {
  readonly bytes: Uint8Array;
  /** As the host says, without parameters; null when it does not say. */
  readonly mediaType: string | null;
}

/** The addresses at which an endpoint's results may lie: its own, and those that it declares in `alsoUses`. */
export function mediaPlaces({ baseUrl, alsoUses = [] }: Endpoint): string[] {
  return [baseUrl, ...alsoUses.map((place) => place.baseUrl)];
}

/**
 * Fetches a result. Never sends a key, follows no redirect, and asks only the hosts of `places` and their subdomains; an
 * `http` address of a place that is declared with `https` is fetched with `https`. One request. Failures are VibeErrors:
 * `invalid_response` for an address that is not allowed or a file that is too large, otherwise as of any request.
 */
export async function downloadMedia(
  client: HttpClient,
  download: MediaDownload,
  service: string,
): Promise<DownloadedMedia> {
  const url = allowedAddress(download, service);
  const { signal, connectMs } = download;
  const headers = { accept: '*/*' };
  const response = await client.send({ method: 'GET', url: url.href, headers, signal, connectMs }, service);
  if (response.status !== 200) {
    response.body.destroy();
    throw new VibeError(
      response.status < 500 ? 'invalid_response' : 'provider_unavailable',
      `The result of ${service} could not be fetched from ${url.host}: HTTP ${response.status}.`,
      { status: response.status, next: ['Results are kept for a limited time: fetch them soon.'] },
    );
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body) {
      size += chunk.byteLength;
      if (size > download.maxBytes) throw tooLarge(download, url, service);
      chunks.push(chunk);
    }
  } catch (error) {
    if (signal.aborted) throw abortError(signal);
    if (VibeError.is(error)) throw error;
    throw networkError(error, 'body', service, url.href);
  }
  const declared = response.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  return { bytes: Buffer.concat(chunks), mediaType: declared === undefined || declared === '' ? null : declared };
}

function allowedAddress({ url: text, places }: MediaDownload, service: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  const place = url === null ? undefined : places.map((each) => new URL(each)).find((each) => covers(each, url));
  if (url === null || place === undefined || !/^https?:$/.test(url.protocol)) {
    const host = url?.host ?? 'no readable address';
    throw new VibeError(
      'invalid_response',
      `${service} put its result where this endpoint may not fetch from (${host}), so it was not fetched.`,
      {
        retryable: false,
        details: { host, allowed: places.map((each) => new URL(each).host) },
        next: ['Fetch it yourself, or allow the host in the options of the provider.'],
      },
    );
  }
  if (place.protocol === 'https:') url.protocol = 'https:';
  return url;
}

function covers(place: URL, url: URL): boolean {
  if (isLoopback(place) && isLoopback(url)) return true;
  return url.hostname === place.hostname || url.hostname.endsWith(`.${place.hostname}`);
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}

function tooLarge({ maxBytes }: MediaDownload, url: URL, service: string): VibeError {
  return new VibeError('invalid_response', `The result of ${service} at ${url.host} has more than ${maxBytes} bytes.`, {
    retryable: false,
    details: { maxBytes },
    next: ['Ask for a smaller result, or fetch it yourself.'],
  });
}

import { type AudioPart, type ImagePart, VibeError } from '@vibe/core';

/** Media as a service can take it: an address it fetches itself, or the bytes in base64. */
export type MediaSource =
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'base64'; readonly mediaType: string; readonly base64: string };

/**
 * The source of a media part. A string is base64, but data URLs and http(s) addresses in strings are recognised (neither
 * can be base64: it has no colon). Other kinds of URL are `invalid_request`: a provider cannot fetch them.
 */
export function mediaSource(part: ImagePart | AudioPart): MediaSource {
  const { data, mediaType } = part;
  if (data instanceof Uint8Array) {
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    return { kind: 'base64', mediaType, base64: bytes.toString('base64') };
  }
  const text = data instanceof URL ? data.href : data;
  if (/^https?:\/\//i.test(text)) return { kind: 'url', url: text };
  const inline = /^data:([^;,]*)[^,]*;base64,/i.exec(text);
  if (inline !== null) {
    return {
      kind: 'base64',
      mediaType: inline[1] === '' ? mediaType : (inline[1] ?? mediaType),
      base64: text.slice(inline[0].length),
    };
  }
  if (/^[a-z][a-z0-9+.-]*:/i.test(text)) {
    const scheme = text.slice(0, text.indexOf(':') + 1);
    throw new VibeError('invalid_request', `A provider cannot fetch a ${scheme} address.`, {
      next: ['Read the file and pass its bytes as data, or give an https address or a base64 data URL.'],
    });
  }
  return { kind: 'base64', mediaType, base64: text };
}

/** The address of a media source, as a data URL where it holds the bytes. */
export function mediaUrl(source: MediaSource): string {
  return source.kind === 'url' ? source.url : `data:${source.mediaType};base64,${source.base64}`;
}

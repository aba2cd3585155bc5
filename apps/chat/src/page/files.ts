/** Larger ones the server refuses. */
export const maxImageBytes = 5_000_000;
export const maxAudioBytes = 10_000_000;
export const maxImages = 4;
export const imageTypes = ['image/png', 'image/jpeg', 'image/webp', 'image/gif'];

/** A file as it travels. */
export interface Encoded {
  readonly mediaType: string;
  readonly base64: string;
  readonly bytes: number;
  readonly name: string;
}

export async function encode(file: Blob, name: string): Promise<Encoded> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  // In pieces: a call takes only so many arguments.
  let binary = '';
  for (let at = 0; at < bytes.length; at += 8_192) binary += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  return { mediaType: file.type.split(';')[0] ?? '', base64: btoa(binary), bytes: bytes.length, name };
}

export function size(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

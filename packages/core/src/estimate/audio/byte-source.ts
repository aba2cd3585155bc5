/** Bytes of which any can be read by its index; 0 beyond the end. */
export interface ByteSource {
  readonly length: number;
  at(index: number): number;
}

export function bytesOf(data: Uint8Array): ByteSource {
  return { length: data.byteLength, at: (index) => data[index] ?? 0 };
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const bitsOf = new Uint8Array(128);
for (let bits = 0; bits < alphabet.length; bits++) bitsOf[alphabet.charCodeAt(bits)] = bits;
bitsOf['-'.charCodeAt(0)] = 62;
bitsOf['_'.charCodeAt(0)] = 63;

/** Base64 from `start` on, without decoding more than what is asked for: a recording may have megabytes. */
export function base64Of(text: string, start: number): ByteSource {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const length = Math.max(0, Math.floor(((text.length - start - padding) * 3) / 4));
  const sixBits = (index: number) => bitsOf[text.charCodeAt(index)] ?? 0;
  return {
    length,
    at: (index) => {
      if (index < 0 || index >= length) return 0;
      const group = Math.floor(index / 3);
      const rest = index - group * 3;
      const first = start + group * 4 + rest;
      return ((sixBits(first) << (2 + 2 * rest)) | (sixBits(first + 1) >> (4 - 2 * rest))) & 0xff;
    },
  };
}

/** Four characters, as containers name their parts. */
export function nameAt(bytes: ByteSource, index: number): string {
  return String.fromCharCode(bytes.at(index), bytes.at(index + 1), bytes.at(index + 2), bytes.at(index + 3));
}

export function isTextAt(bytes: ByteSource, index: number, text: string): boolean {
  for (let offset = 0; offset < text.length; offset++)
    if (bytes.at(index + offset) !== text.charCodeAt(offset)) return false;
  return true;
}

/** An unsigned number of `size` bytes, the highest first. */
export function bigEndian(bytes: ByteSource, index: number, size: number): number {
  let value = 0;
  for (let offset = 0; offset < size; offset++) value = value * 256 + bytes.at(index + offset);
  return value;
}

/** An unsigned number of `size` bytes, the lowest first. */
export function littleEndian(bytes: ByteSource, index: number, size: number): number {
  let value = 0;
  for (let offset = size - 1; offset >= 0; offset--) value = value * 256 + bytes.at(index + offset);
  return value;
}

/** Where the sound begins behind an ID3 tag; 0 where there is none. */
export function behindId3(bytes: ByteSource): number {
  if (!isTextAt(bytes, 0, 'ID3')) return 0;
  let size = 0;
  for (let index = 6; index < 10; index++) size = size * 128 + (bytes.at(index) & 0x7f);
  const hasFooter = (bytes.at(5) & 0x10) !== 0;
  return 10 + size + (hasFooter ? 10 : 0);
}

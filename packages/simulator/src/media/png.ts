import { crc32, deflateSync } from 'node:zlib';
import { hash32 } from '../answer/random.js';

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
/** Larger ones are not drawn: the numbers of a request are not to be trusted. */
export const MAX_SIDE = 8_192;

/** A real PNG of some size: one grey, which the words decide. Small, whatever the size. */
export function pngOf(width: number, height: number, words: string): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([1, 0, 0, 0, 0], 8); // one bit of grey per pixel, no interlacing
  const row = Buffer.alloc(1 + Math.ceil(width / 8), hash32(words) % 2 === 0 ? 0xff : 0x00);
  row[0] = 0;
  const rows = Buffer.concat(Array.from({ length: height }, () => row));
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Width and height of a PNG; null for anything else. */
export function pngSize(bytes: Uint8Array): { readonly width: number; readonly height: number } | null {
  const png = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (png.byteLength < 24 || !png.subarray(0, 8).equals(SIGNATURE)) return null;
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20) };
}

function chunk(name: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.byteLength);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

import { crc32, deflateSync } from 'node:zlib';
import { hash32 } from '../answer/random.js';

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
/** Larger ones are not drawn: the numbers of a request are not to be trusted. */
export const MAX_SIDE = 8_192;

/** Sky and sun; the words choose. */
const palettes = ['0b7285ffd43b', '364fc7ff922b', '5f3dc4ffe066', '087f5bfff3bf', 'a61e4dffc9c9'];

/** A real PNG of some size: a disc before a plain ground, in colours that the words decide. Small, whatever the size. */
export function pngOf(width: number, height: number, words: string): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([1, 3, 0, 0, 0], 8); // one bit per pixel, which chooses from the palette; no interlacing
  const palette = Buffer.from(palettes[hash32(words) % palettes.length] ?? '', 'hex');
  const rows = Buffer.alloc(height * rowBytes(width));
  for (let y = 0; y < height; y++) drawRow(rows, width, height, y);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', palette),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** With the byte that names the filter of the row: none. */
function rowBytes(width: number): number {
  return 1 + Math.ceil(width / 8);
}

function drawRow(rows: Buffer, width: number, height: number, y: number): void {
  const radius = Math.min(width, height) / 3;
  const fromMiddle = y + 0.5 - height / 2;
  if (Math.abs(fromMiddle) >= radius) return;
  const half = Math.sqrt(radius * radius - fromMiddle * fromMiddle);
  const [from, to] = [Math.ceil(width / 2 - half), Math.floor(width / 2 + half)];
  const start = y * rowBytes(width) + 1;
  const [firstByte, endByte] = [Math.ceil(from / 8), Math.floor(to / 8)];
  const set = (x: number) => {
    const at = start + (x >> 3);
    rows[at] = (rows[at] ?? 0) | (0x80 >> (x & 7));
  };
  if (firstByte < endByte) rows.fill(0xff, start + firstByte, start + endByte);
  // What is left is less than a byte at either end.
  for (let x = from; x < Math.min(to, firstByte * 8); x++) set(x);
  for (let x = Math.max(from, endByte * 8); x < to; x++) set(x);
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

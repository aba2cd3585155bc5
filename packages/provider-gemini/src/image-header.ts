import type { MediaData } from '@vibe/core';

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** How much of a picture is looked at. JPEG has its size behind its metadata, which may be long. */
const MAX_HEADER_BYTES = 256 * 1024;

/** The size a picture says it has (PNG, GIF, JPEG); null for other formats, for addresses and for broken headers. */
export function imageSizeOf(data: MediaData): ImageSize | null {
  const bytes = headOf(data);
  if (bytes === null) return null;
  return pngSize(bytes) ?? gifSize(bytes) ?? jpegSize(bytes);
}

function headOf(data: MediaData): Buffer | null {
  if (data instanceof Uint8Array)
    return Buffer.from(data.buffer, data.byteOffset, Math.min(data.byteLength, MAX_HEADER_BYTES));
  const text = data instanceof URL ? data.href : data;
  const base64 = /^data:[^,]*;base64,/i.test(text) ? text.slice(text.indexOf(',') + 1) : text;
  if (base64.includes(':')) return null;
  return Buffer.from(base64.slice(0, (MAX_HEADER_BYTES / 3) * 4), 'base64');
}

function pngSize(bytes: Buffer): ImageSize | null {
  if (bytes.length < 24 || bytes.toString('latin1', 1, 4) !== 'PNG') return null;
  return sized(bytes.readUInt32BE(16), bytes.readUInt32BE(20));
}

function gifSize(bytes: Buffer): ImageSize | null {
  if (bytes.length < 10 || bytes.toString('latin1', 0, 3) !== 'GIF') return null;
  return sized(bytes.readUInt16LE(6), bytes.readUInt16LE(8));
}

/** Walks the segments up to the one that starts a frame. */
function jpegSize(bytes: Buffer): ImageSize | null {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xff_d8) return null;
  let at = 2;
  while (at + 9 < bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return sized(bytes.readUInt16BE(at + 7), bytes.readUInt16BE(at + 5));
    at += marker === 0xff ? 1 : 2 + bytes.readUInt16BE(at + 2);
  }
  return null;
}

function sized(width: number, height: number): ImageSize | null {
  return width > 0 && height > 0 ? { width, height } : null;
}

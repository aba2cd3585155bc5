import { type ByteSource, littleEndian, nameAt } from './byte-source.js';

/** Formats whose samples take a fixed number of bytes: PCM, floating point, A-law, µ-law, and those with more in their header. */
const fixedFormats: readonly number[] = [1, 3, 6, 7, 0xfffe];
/** No recorder is faster; a header that says so would make the sound look shorter. */
const maxRate = 384_000;
/** How many chunks may stand before the samples. */
const maxChunks = 1_000;

/**
 * By its byte rate and by how many bytes there are: what the header says of its own length is not asked. Undefined for
 * formats of other kinds, whose size bounds them, and for rates that contradict themselves.
 */
export function wavSeconds(bytes: ByteSource): number | undefined {
  if (bytes.length < 44 || nameAt(bytes, 0) !== 'RIFF' || nameAt(bytes, 8) !== 'WAVE') return undefined;
  let bytesPerSecond = 0;
  let at = 12;
  for (let chunk = 0; chunk < maxChunks && at + 8 <= bytes.length; chunk++) {
    const size = littleEndian(bytes, at + 4, 4);
    const name = nameAt(bytes, at);
    if (name === 'data') return bytesPerSecond > 0 ? (bytes.length - at - 8) / bytesPerSecond : undefined;
    if (name === 'fmt ' && at + 24 <= bytes.length) {
      bytesPerSecond = littleEndian(bytes, at + 16, 4);
      const rate = littleEndian(bytes, at + 12, 4);
      const perFrame = littleEndian(bytes, at + 20, 2);
      const isFixed = fixedFormats.includes(littleEndian(bytes, at + 8, 2));
      if (!isFixed || rate > maxRate || bytesPerSecond !== rate * perFrame) return undefined;
      const channels = littleEndian(bytes, at + 10, 2);
      const bits = littleEndian(bytes, at + 22, 2);
      if (perFrame > channels * Math.ceil(Math.min(bits, 64) / 8)) return undefined;
    }
    at += 8 + size + (size % 2);
  }
  return undefined;
}

import { type ByteSource, behindId3, bigEndian, isTextAt } from './byte-source.js';

interface StreamInfo {
  readonly rate: number;
  readonly bytesPerSecond: number;
  readonly largestBlock: number;
  /** 0: not said. */
  readonly samples: number;
  /** Where the frames begin. */
  readonly soundAt: number;
}

const maxBlocks = 1_000;
/** How far the last frame may begin before the end. */
const maxFrameBytes = 1_048_576;

/**
 * What the header says, but not less than the last frame's own number, nor less than its bytes would play uncompressed. Null
 * where neither is there: silence takes next to no bytes, so its size bounds nothing.
 */
export function flacSeconds(bytes: ByteSource): number | null | undefined {
  const start = behindId3(bytes);
  if (!isTextAt(bytes, start, 'fLaC')) return undefined;
  const info = streamInfo(bytes, start + 4);
  if (info === null) return null;
  const samples = Math.max(info.samples, lastSample(bytes, info));
  const soundBytes = bytes.length - info.soundAt;
  if (samples === 0) return null;
  return Math.max(samples / info.rate, soundBytes / info.bytesPerSecond - 1);
}

function streamInfo(bytes: ByteSource, from: number): StreamInfo | null {
  let at = from;
  for (let block = 0; block < maxBlocks && at + 4 <= bytes.length; block++) {
    const kind = bytes.at(at);
    at += 4 + bigEndian(bytes, at + 1, 3);
    if ((kind & 0x80) !== 0) return infoOf(bytes, from + 4, at);
  }
  return null;
}

/** The first block, which every file must have. */
function infoOf(bytes: ByteSource, at: number, soundAt: number): StreamInfo | null {
  const packed = bigEndian(bytes, at + 10, 4);
  const rate = Math.floor(packed / 4_096);
  const channels = ((packed >> 9) & 7) + 1;
  const bits = ((packed >> 4) & 31) + 1;
  if ((bytes.at(at - 4) & 0x7f) !== 0 || rate === 0 || soundAt > bytes.length) return null;
  return {
    rate,
    bytesPerSecond: (rate * channels * bits) / 8,
    largestBlock: bigEndian(bytes, at + 2, 2),
    samples: (packed & 15) * 2 ** 32 + bigEndian(bytes, at + 14, 4),
    soundAt,
  };
}

/** Where the last frame ends, by its own number; 0 where none is found. */
function lastSample(bytes: ByteSource, info: StreamInfo): number {
  const first = Math.max(info.soundAt, bytes.length - maxFrameBytes);
  for (let at = bytes.length - 6; at >= first; at--) {
    if (bytes.at(at) !== 0xff || (bytes.at(at + 1) & 0xfe) !== 0xf8) continue;
    const end = frameEnd(bytes, at, info);
    if (end !== null) return end;
  }
  return 0;
}

/** Null for what only looks like a frame: its header has a check sum. */
function frameEnd(bytes: ByteSource, at: number, { largestBlock }: StreamInfo): number | null {
  const lead = bytes.at(at + 4);
  const more = lead < 0x80 ? 0 : Math.clz32(~lead & 0xff) - 25;
  if (lead >= 0x80 && (more < 1 || more > 6)) return null;
  let number = more === 0 ? lead : lead & (0x3f >> more);
  for (let index = 1; index <= more; index++) number = number * 64 + (bytes.at(at + 4 + index) & 0x3f);
  const sizes = bytes.at(at + 2);
  const blockCode = sizes >> 4;
  const rateCode = sizes & 15;
  const blockAt = at + 5 + more;
  const blockBytes = blockCode === 6 ? 1 : blockCode === 7 ? 2 : 0;
  const rateBytes = rateCode === 12 ? 1 : rateCode === 13 || rateCode === 14 ? 2 : 0;
  const checkAt = blockAt + blockBytes + rateBytes;
  if (blockCode === 0 || rateCode === 15 || checkSum(bytes, at, checkAt) !== bytes.at(checkAt)) return null;
  const block = blockBytes > 0 ? bigEndian(bytes, blockAt, blockBytes) + 1 : blockSamples(blockCode);
  const isByNumber = (bytes.at(at + 1) & 1) === 0;
  return (isByNumber ? number * Math.max(largestBlock, block) : number) + block;
}

function blockSamples(code: number): number {
  if (code === 1) return 192;
  return code < 6 ? 576 * 2 ** (code - 2) : 256 * 2 ** (code - 8);
}

/** CRC-8 with the polynomial x⁸ + x² + x + 1. */
function checkSum(bytes: ByteSource, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at < to; at++) {
    sum ^= bytes.at(at);
    for (let bit = 0; bit < 8; bit++) sum = (sum & 0x80) === 0 ? sum << 1 : ((sum << 1) ^ 0x07) & 0xff;
  }
  return sum & 0xff;
}

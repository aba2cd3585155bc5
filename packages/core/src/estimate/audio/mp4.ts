import { type ByteSource, bigEndian, nameAt } from './byte-source.js';

interface Box {
  readonly name: string;
  readonly at: number;
  readonly endAt: number;
}

const maxBoxes = 10_000;
const maxEntries = 1_000_000;
/** Faster than any compressed sound: what claims to be shorter is not believed. */
const maxBytesPerSecond = 600_000;
/** Samples of an AAC frame. */
const frameSamples = 1_024;

/**
 * M4A and MP4: the longest of what the header claims, what its table of times adds up to, and what as many AAC frames last.
 * Null for files in fragments, for those without a track of sound, and for claims that their size contradicts.
 */
export function mp4Seconds(bytes: ByteSource): number | null | undefined {
  if (nameAt(bytes, 4) !== 'ftyp') return undefined;
  const boxes = boxesIn(bytes, 0, bytes.length);
  const movie = boxes.find(({ name }) => name === 'moov');
  if (movie === undefined || boxes.some(({ name }) => name === 'moof')) return null;
  let seconds = 0;
  for (const track of childrenOf(bytes, movie, 'trak')) seconds = Math.max(seconds, trackSeconds(bytes, track));
  const sound = boxes.reduce((sum, { name, at, endAt }) => (name === 'mdat' ? sum + endAt - at : sum), 0);
  return seconds > 0 && seconds >= sound / maxBytesPerSecond - 1 ? seconds : null;
}

function trackSeconds(bytes: ByteSource, track: Box): number {
  const [media] = childrenOf(bytes, track, 'mdia');
  const [header] = media === undefined ? [] : childrenOf(bytes, media, 'mdhd');
  const [handler] = media === undefined ? [] : childrenOf(bytes, media, 'hdlr');
  if (media === undefined || header === undefined || handler === undefined) return 0;
  if (nameAt(bytes, handler.at + 8) !== 'soun') return 0;
  const isLong = bytes.at(header.at) === 1;
  const timescale = bigEndian(bytes, header.at + (isLong ? 20 : 12), 4);
  const claimed = bigEndian(bytes, header.at + (isLong ? 24 : 16), isLong ? 8 : 4);
  if (timescale === 0) return 0;
  const [info] = childrenOf(bytes, media, 'minf');
  const [table] = info === undefined ? [] : childrenOf(bytes, info, 'stbl');
  const counted = table === undefined ? { duration: 0, seconds: 0 } : tableOf(bytes, table);
  return Math.max(claimed / timescale, counted.duration / timescale, counted.seconds);
}

function tableOf(bytes: ByteSource, table: Box): { readonly duration: number; readonly seconds: number } {
  const [times] = childrenOf(bytes, table, 'stts');
  const [sizes] = childrenOf(bytes, table, 'stsz');
  const [formats] = childrenOf(bytes, table, 'stsd');
  let duration = 0;
  if (times !== undefined) {
    const entries = Math.min(maxEntries, bigEndian(bytes, times.at + 4, 4), (times.endAt - times.at - 8) / 8);
    for (let entry = 0; entry < entries; entry++) {
      const at = times.at + 8 + entry * 8;
      duration += bigEndian(bytes, at, 4) * bigEndian(bytes, at + 4, 4);
    }
  }
  const frames = sizes === undefined ? 0 : bigEndian(bytes, sizes.at + 8, 4);
  // a format: its size, its name, 8 bytes, 8 of an older version, channels, bits, 4 bytes, the rate
  const isAac = formats !== undefined && nameAt(bytes, formats.at + 12) === 'mp4a';
  const rate = formats === undefined ? 0 : bigEndian(bytes, formats.at + 40, 2);
  return { duration, seconds: isAac && rate > 0 ? (frames * frameSamples) / rate : 0 };
}

function childrenOf(bytes: ByteSource, { at, endAt }: Box, name: string): readonly Box[] {
  return boxesIn(bytes, at, endAt).filter((box) => box.name === name);
}

/** `at` of a box is behind its size and name. A box that reaches beyond its parent ends with it. */
function boxesIn(bytes: ByteSource, from: number, to: number): readonly Box[] {
  const boxes: Box[] = [];
  let at = from;
  while (at + 8 <= to && boxes.length < maxBoxes) {
    const short = bigEndian(bytes, at, 4);
    const size = short === 1 ? bigEndian(bytes, at + 8, 8) : short === 0 ? to - at : short;
    const head = short === 1 ? 16 : 8;
    if (size < head) break;
    boxes.push({ name: nameAt(bytes, at + 4), at: at + head, endAt: Math.min(to, at + size) });
    at += size;
  }
  return boxes;
}

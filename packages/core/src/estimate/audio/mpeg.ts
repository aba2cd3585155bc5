import { type ByteSource, behindId3, isTextAt, littleEndian } from './byte-source.js';

/** One frame of MP3 or of AAC with ADTS headers. */
interface Frame {
  readonly bytes: number;
  readonly seconds: number;
}

/** Frames and bytes between them that are looked at; whoever has more is bounded by the size of the file. */
const maxSteps = 4_000_000;
/** How far behind tags the first frame may stand. */
const maxLead = 65_536;
const framesInRow = 3;
/** What stands between frames, at the lowest bit rate of MP3. */
const minBytesPerSecond = 1_000;

/**
 * The sum of all frames. Their headers say how long each is; the tables of a Xing or VBRI header, which might say otherwise,
 * are not asked, and bytes between frames count at the lowest bit rate.
 */
export function mpegSeconds(bytes: ByteSource): number | undefined {
  let at = firstFrame(bytes);
  if (at < 0) return undefined;
  let seconds = 0;
  let lost = 0;
  for (let step = 0; at < bytes.length; step++) {
    if (step > maxSteps) return undefined;
    const frame = frameAt(bytes, at);
    if (frame !== null) {
      seconds += frame.seconds;
      at += frame.bytes;
      continue;
    }
    const tag = tagBytes(bytes, at);
    if (tag === 0) lost++;
    at += Math.max(1, tag);
  }
  // what is mostly something else is no MPEG sound
  return lost > bytes.length / 2 ? undefined : seconds + lost / minBytesPerSecond;
}

function firstFrame(bytes: ByteSource): number {
  const from = behindId3(bytes);
  for (let at = from; at < bytes.length && at < from + maxLead; at++) if (isRow(bytes, at, at === from)) return at;
  return -1;
}

/** Three frames one behind the other: chance has none. At the very beginning also fewer, when they end with the file. */
function isRow(bytes: ByteSource, from: number, mayEnd: boolean): boolean {
  let at = from;
  for (let frames = 0; frames < framesInRow; frames++) {
    const frame = frameAt(bytes, at);
    if (frame === null) return mayEnd && frames > 0 && (at >= bytes.length || tagBytes(bytes, at) > 0);
    at += frame.bytes;
  }
  return true;
}

/** Tags that stand behind the sound: ID3v1 and APE. */
function tagBytes(bytes: ByteSource, at: number): number {
  if (isTextAt(bytes, at, 'TAG') && at + 128 === bytes.length) return 128;
  if (!isTextAt(bytes, at, 'APETAGEX')) return 0;
  const size = 32 + littleEndian(bytes, at + 12, 4);
  return at + size <= bytes.length ? size : 0;
}

function frameAt(bytes: ByteSource, at: number): Frame | null {
  if (bytes.at(at) !== 0xff) return null;
  const second = bytes.at(at + 1);
  if ((second & 0xe0) !== 0xe0) return null;
  return (second & 0xf6) === 0xf0 ? adtsFrame(bytes, at) : layerFrame(bytes, at, second);
}

const version1Rates = [44_100, 48_000, 32_000] as const;
/** kbit/s by the four bits of a header, for MPEG 1 and for its later, lower rates. */
const bitRates: Readonly<Record<string, readonly number[]>> = {
  '1/1': [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  '1/2': [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  '1/3': [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  '2/1': [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  '2/2': [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  '2/3': [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
};

function layerFrame(bytes: ByteSource, at: number, second: number): Frame | null {
  const version = (second >> 3) & 3; // 3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5
  const layer = 4 - ((second >> 1) & 3);
  const third = bytes.at(at + 2);
  const base = version1Rates[(third >> 2) & 3];
  if (version === 1 || layer === 4 || base === undefined) return null;
  const kilobits = bitRates[`${version === 3 ? 1 : 2}/${layer}`]?.[third >> 4];
  if (kilobits === undefined || kilobits === 0) return null;
  const rate = version === 3 ? base : version === 2 ? base / 2 : base / 4;
  const samples = layer === 1 ? 384 : layer === 3 && version !== 3 ? 576 : 1_152;
  const padding = ((third >> 1) & 1) * (layer === 1 ? 4 : 1);
  const slots =
    layer === 1 ? 4 * Math.floor((12_000 * kilobits) / rate) : Math.floor((samples * 125 * kilobits) / rate);
  return { bytes: slots + padding, seconds: samples / rate };
}

const adtsRates = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
];

function adtsFrame(bytes: ByteSource, at: number): Frame | null {
  const rate = adtsRates[(bytes.at(at + 2) >> 2) & 15];
  const length = ((bytes.at(at + 3) & 3) << 11) | (bytes.at(at + 4) << 3) | (bytes.at(at + 5) >> 5);
  if (rate === undefined || length < 7) return null;
  return { bytes: length, seconds: (1_024 * ((bytes.at(at + 6) & 3) + 1)) / rate };
}

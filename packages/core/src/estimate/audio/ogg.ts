import { type ByteSource, isTextAt, littleEndian } from './byte-source.js';

/** Of one logical stream: seconds a packet lasts at most, by where it begins. Null for a header. */
type PacketSeconds = (bytes: ByteSource, at: number, length: number) => number | null;

/** Pages and bytes between them; whoever has more is of unknown length. */
const maxSteps = 4_000_000;
const headerBytes = 27;

/**
 * The sum of all packets: those of Opus say how long they are, those of Vorbis are at most half of its larger block. The
 * positions that pages claim are not asked. Null for other codecs, and for streams without a beginning.
 */
export function oggSeconds(bytes: ByteSource): number | null | undefined {
  if (!isTextAt(bytes, 0, 'OggS')) return undefined;
  const streams = new Map<number, PacketSeconds>();
  let seconds = 0;
  let at = 0;
  for (let step = 0; at + headerBytes <= bytes.length; step++) {
    if (step > maxSteps) return null;
    // players look for the next page where one is broken
    if (!isTextAt(bytes, at, 'OggS')) {
      at++;
      continue;
    }
    const page = pageAt(bytes, at);
    if ((page.kind & beginning) !== 0) {
      const codec = codecAt(bytes, page.dataAt);
      if (codec === null) return null;
      streams.set(page.serial, codec);
    }
    const secondsOf = streams.get(page.serial);
    if (secondsOf === undefined) return null;
    for (const packet of page.packets) seconds += secondsOf(bytes, packet.at, packet.length) ?? 0;
    at = page.endAt;
  }
  return seconds;
}

const beginning = 2;
const continued = 1;

interface Page {
  readonly kind: number;
  readonly serial: number;
  readonly dataAt: number;
  readonly endAt: number;
  /** Those that begin on it. */
  readonly packets: readonly { readonly at: number; readonly length: number }[];
}

/** A page has up to 255 pieces; one of 255 bytes goes on in the next piece. */
function pageAt(bytes: ByteSource, at: number): Page {
  const kind = bytes.at(at + 5);
  const pieces = bytes.at(at + 26);
  const dataAt = at + headerBytes + pieces;
  const packets: { at: number; length: number }[] = [];
  let begin = dataAt;
  let end = dataAt;
  let isRest = (kind & continued) !== 0;
  for (let piece = 0; piece < pieces; piece++) {
    const size = bytes.at(at + headerBytes + piece);
    end += size;
    if (size === 255 && piece < pieces - 1) continue;
    if (!isRest && begin < bytes.length) packets.push({ at: begin, length: end - begin });
    isRest = false;
    begin = end;
  }
  return { kind, serial: littleEndian(bytes, at + 14, 4), dataAt, endAt: end, packets };
}

function codecAt(bytes: ByteSource, at: number): PacketSeconds | null {
  if (isTextAt(bytes, at, 'OpusHead')) return opusSeconds;
  if (!isTextAt(bytes, at, '\x01vorbis')) return null;
  const rate = littleEndian(bytes, at + 12, 4);
  const longBlock = 2 ** (bytes.at(at + 28) >> 4);
  if (rate === 0 || rate > 384_000 || longBlock < 64 || longBlock > 8_192) return null;
  // the first bit of headers is set, that of sound is not
  return (source, begin, length) => (length === 0 || (source.at(begin) & 1) === 1 ? null : longBlock / 2 / rate);
}

/** ms of a frame: SILK, hybrid and CELT. */
const silk = [10, 20, 40, 60] as const;
const celt = [2.5, 5, 10, 20] as const;
const maxPacketMs = 120;

function opusSeconds(bytes: ByteSource, at: number, length: number): number | null {
  if (length === 0 || isTextAt(bytes, at, 'OpusHead') || isTextAt(bytes, at, 'OpusTags')) return null;
  const header = bytes.at(at);
  const mode = header >> 3;
  const frameMs = (mode < 12 ? silk[mode & 3] : mode < 16 ? silk[mode & 1] : celt[mode & 3]) ?? maxPacketMs;
  const code = header & 3;
  const frames = code === 0 ? 1 : code < 3 ? 2 : bytes.at(at + 1) & 63;
  return Math.min(maxPacketMs, frameMs * frames) / 1_000;
}

/** How raw PCM is to be read: 16-bit little-endian samples. */
export interface PcmFormat {
  /** Samples per second. */
  readonly rate: number;
  readonly channels: number;
}

/** What the header of a WAV file with PCM says. */
export interface WavHeader extends PcmFormat {
  readonly bytesPerSecond: number;
  /** Where the samples begin. */
  readonly dataOffset: number;
}

const HEADER_BYTES = 44;
const BYTES_PER_SAMPLE = 2;
const PCM = 1;
/** The largest length the header can say. */
const MAX_LENGTH = 0xff_ff_ff_ff;
const DEFAULT_RATE = 24_000;

/**
 * The format in a media type of raw PCM, such as `audio/L16;codec=pcm;rate=24000`; null for any other type. L16 is big-endian
 * in RFC 3551, and Gemini's is not: in its recorded speech neighbouring samples differ by 754 on average when they are read
 * as little-endian, as speech does, and by 17,622 the other way. So samples are little-endian here, as WAV files want them.
 */
export function pcmOf(mediaType: string): PcmFormat | null {
  if (!/^audio\/(l16|pcm)\b/i.test(mediaType)) return null;
  const said = (name: string) => Number(new RegExp(`[;\\s]${name}=(\\d+)`, 'i').exec(mediaType)?.[1] ?? 0);
  return { rate: said('rate') || DEFAULT_RATE, channels: said('channels') || 1 };
}

/** The media type of raw PCM. Not L16, which would say big-endian to whoever keeps to RFC 3551. */
export function pcmMediaType({ rate, channels }: PcmFormat): string {
  return `audio/pcm;rate=${rate};channels=${channels}`;
}

/** Raw PCM as a WAV file that players understand. An odd last byte, half of a sample, is dropped. */
export function wavOf(pcm: Uint8Array, { rate, channels }: PcmFormat): Uint8Array {
  const whole = pcm.byteLength - (pcm.byteLength % BYTES_PER_SAMPLE);
  const header = Buffer.alloc(HEADER_BYTES);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(Math.min(MAX_LENGTH, HEADER_BYTES - 8 + whole), 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(PCM, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * channels * BYTES_PER_SAMPLE, 28);
  header.writeUInt16LE(channels * BYTES_PER_SAMPLE, 32);
  header.writeUInt16LE(8 * BYTES_PER_SAMPLE, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(Math.min(MAX_LENGTH, whole), 40);
  return Buffer.concat([header, pcm.subarray(0, whole)]);
}

/** The header of a WAV file with PCM, of which the first bytes are enough; null for anything else. */
export function readWav(bytes: Uint8Array): WavHeader | null {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length < 36 || view.toString('latin1', 0, 4) !== 'RIFF' || view.toString('latin1', 8, 16) !== 'WAVEfmt ')
    return null;
  if (view.readUInt16LE(20) !== PCM) return null;
  const at = view.indexOf('data', 36, 'latin1');
  return {
    rate: view.readUInt32LE(24),
    channels: view.readUInt16LE(22),
    bytesPerSecond: view.readUInt32LE(28),
    dataOffset: at < 0 ? HEADER_BYTES : at + 8,
  };
}

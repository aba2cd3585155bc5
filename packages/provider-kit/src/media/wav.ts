/** How raw PCM is to be read: 16-bit little-endian samples. */
export interface PcmFormat {
  /** Samples per second. */
  readonly rate: number;
  readonly channels: number;
}

const HEADER_BYTES = 44;
const BYTES_PER_SAMPLE = 2;
/** The largest length the header can say. */
const MAX_LENGTH = 0xff_ff_ff_ff;

/** Raw PCM as a WAV file that players understand. An odd last byte, half of a sample, is dropped. */
export function wavFile(pcm: Uint8Array, { rate, channels }: PcmFormat): Uint8Array {
  const whole = pcm.byteLength - (pcm.byteLength % BYTES_PER_SAMPLE);
  const header = Buffer.alloc(HEADER_BYTES);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(Math.min(MAX_LENGTH, HEADER_BYTES - 8 + whole), 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20); // PCM
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * channels * BYTES_PER_SAMPLE, 28);
  header.writeUInt16LE(channels * BYTES_PER_SAMPLE, 32);
  header.writeUInt16LE(8 * BYTES_PER_SAMPLE, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(Math.min(MAX_LENGTH, whole), 40);
  return Buffer.concat([header, pcm.subarray(0, whole)]);
}

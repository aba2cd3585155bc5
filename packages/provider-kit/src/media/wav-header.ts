/** What the header of a WAV file says. Samples of PCM are signed integers, little-endian, channels interleaved. */
export interface WavHeader {
  /** Samples per second. */
  readonly rate: number;
  readonly channels: number;
  readonly bitsPerSample: number;
  /** Where the samples begin, in bytes. */
  readonly dataOffset: number;
  /** How many bytes of samples there are. Headers of streams say 0 or all ones: then it is the rest of the file. */
  readonly dataBytes: number;
  /** How long it plays. */
  readonly seconds: number;
}

const UNKNOWN_SIZE = 0xffff_ffff;

/** Reads the header of a WAV file, whatever chunks stand before its samples. Null when it is no WAV file. */
export function readWav(bytes: Uint8Array): WavHeader | null {
  if (bytes.byteLength < 12 || ascii(bytes, 0) !== 'RIFF' || ascii(bytes, 8) !== 'WAVE') return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let format: { rate: number; channels: number; bitsPerSample: number; bytesPerSecond: number } | null = null;
  for (let at = 12; at + 8 <= bytes.byteLength; ) {
    const [name, size] = [ascii(bytes, at), view.getUint32(at + 4, true)];
    const start = at + 8;
    if (name === 'fmt ' && start + 16 <= bytes.byteLength) {
      format = {
        channels: view.getUint16(start + 2, true),
        rate: view.getUint32(start + 4, true),
        bytesPerSecond: view.getUint32(start + 8, true),
        bitsPerSample: view.getUint16(start + 14, true),
      };
    }
    if (name === 'data') {
      if (format === null || format.bytesPerSecond === 0) return null;
      const { bytesPerSecond, ...pcm } = format;
      const rest = bytes.byteLength - start;
      const dataBytes = size === 0 || size === UNKNOWN_SIZE ? rest : Math.min(size, rest);
      return { ...pcm, dataOffset: start, dataBytes, seconds: dataBytes / bytesPerSecond };
    }
    at = start + size + (size % 2); // chunks are padded to even lengths
  }
  return null;
}

/** The samples of a WAV file without its header. Null when it is no WAV file. */
export function pcmOf(wav: Uint8Array): Uint8Array | null {
  const header = readWav(wav);
  return header === null ? null : wav.subarray(header.dataOffset, header.dataOffset + header.dataBytes);
}

function ascii(bytes: Uint8Array, offset: number): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + 4));
}

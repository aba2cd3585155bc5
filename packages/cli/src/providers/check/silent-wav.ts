const hertz = 16_000;
const headerBytes = 44;

/** A second of silence: mono, 16 bit. */
export function silentWav(): Uint8Array {
  const wav = Buffer.alloc(headerBytes + hertz * 2);
  wav.write('RIFF', 0, 'latin1');
  wav.writeUInt32LE(wav.length - 8, 4);
  wav.write('WAVEfmt ', 8, 'latin1');
  wav.writeUInt32LE(16, 16); // the size of what describes the format
  wav.writeUInt16LE(1, 20); // PCM
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(hertz, 24);
  wav.writeUInt32LE(hertz * 2, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36, 'latin1');
  wav.writeUInt32LE(hertz * 2, 40);
  return wav;
}

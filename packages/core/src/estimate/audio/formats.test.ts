import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { audioSeconds } from './audio-length.js';
import { base64Of, bytesOf } from './byte-source.js';

const fixture = (name: string) => new Uint8Array(readFileSync(new URL(`../../../test/audio/${name}`, import.meta.url)));
const seconds = (data: Uint8Array | string) => audioSeconds({ type: 'audio', mediaType: 'audio/x', data });
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

/** `size` bytes at `index` overwritten, highest first. */
function patched(bytes: Uint8Array, index: number, size: number, value: number): Uint8Array {
  const copy = bytes.slice();
  for (let at = index + size - 1, rest = value; at >= index; at--, rest = Math.floor(rest / 256)) copy[at] = rest % 256;
  return copy;
}

const indexOf = (bytes: Uint8Array, text: string) => Buffer.from(bytes).indexOf(text, 0, 'latin1');

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** What 3.3 seconds are in each format, the padding of its encoder included. */
const tones = ['cbr.mp3', 'vbr.mp3', 'tone.flac', 'opus.ogg', 'vorbis.ogg', 'tone.m4a', 'tone.aac'] as const;

describe('the length of a sound', () => {
  it.each(tones)('is read from %s, as bytes and as base64', (name) => {
    const bytes = fixture(name);
    expect(seconds(bytes)).toBe(4);
    expect(seconds(base64(bytes))).toBe(4);
    expect(seconds(`data:audio/x;base64,${base64(bytes)}`)).toBe(4);
    expect(seconds(base64(bytes).replaceAll('+', '-').replaceAll('/', '_'))).toBe(4);
  });

  it('is that of silence too, which takes next to no bytes', () => {
    const bytes = fixture('silence.flac');
    expect(bytes.length / 500).toBeLessThan(120);
    expect(seconds(bytes)).toBe(120);
  });

  it('is bounded by the size where no reader knows the format', () => {
    const bytes = fixture('tone.webm');
    expect(seconds(bytes)).toBe(Math.ceil(bytes.length / 500));
  });

  it('is unknown for files in fragments', () => {
    expect(seconds(fixture('fragments.m4a'))).toBeNull();
  });

  it('of AMR is 20 ms for each frame', () => {
    // 12.2 kbit/s has 32 bytes a frame; an empty one has a single byte
    const speech = Array.from({ length: 100 }, () => [0x3c, ...new Array<number>(31).fill(1)]).flat();
    const header = new TextEncoder().encode('#!AMR\n');
    expect(seconds(joined(header, Uint8Array.from(speech)))).toBe(2);
    expect(seconds(joined(header, new Uint8Array(500).fill(0x7c)))).toBe(10);
    const wide = new TextEncoder().encode('#!AMR-WB\n');
    expect(seconds(joined(wide, new Uint8Array(61 * 50).fill(0x44)))).toBe(1);
  });
});

describe('a header that lies', () => {
  it('in MP3 changes nothing: the frames are counted', () => {
    const bytes = fixture('vbr.mp3');
    const xing = indexOf(bytes, 'Xing');
    expect(xing).toBeGreaterThan(0);
    expect(seconds(patched(bytes, xing + 8, 4, 1))).toBe(4);
  });

  it('in FLAC is found out by the number of the last frame', () => {
    const bytes = fixture('silence.flac');
    // 36 bits of samples: 1 instead of 1,920,000
    expect(seconds(patched(bytes, 22, 4, 1))).toBe(120);
    expect(seconds(patched(bytes, 22, 4, 0))).toBe(120);
  });

  it('in FLAC is found out by its bytes where the frames lie as well', () => {
    // the first block of the header, marked as the last one
    const header = patched(fixture('tone.flac').slice(0, 42), 4, 1, 0x80);
    // 16,000 bytes a second uncompressed; no frames, and the header says one sample
    expect(seconds(patched(joined(header, new Uint8Array(160_000)), 22, 4, 1))).toBe(9);
    expect(seconds(patched(joined(header, new Uint8Array(160_000)), 22, 4, 0))).toBeNull();
  });

  it('in Ogg changes nothing: positions of pages are not asked', () => {
    for (const name of ['opus.ogg', 'vorbis.ogg']) {
      const bytes = fixture(name);
      const last = Buffer.from(bytes).lastIndexOf('OggS');
      expect(seconds(patched(bytes, last + 6, 8, 0))).toBe(4);
    }
  });

  it('in M4A is found out by the number of frames', () => {
    const bytes = fixture('tone.m4a');
    const media = indexOf(bytes, 'mdhd');
    const times = indexOf(bytes, 'stts');
    const short = patched(patched(bytes, media + 20, 4, 1), times + 16, 4, 1);
    expect(seconds(short)).toBe(4);
    // without its frames it is shorter than its bytes could be
    const sizes = indexOf(bytes, 'stsz');
    const empty = patched(short, sizes + 12, 4, 0);
    const large = joined(empty, Uint8Array.from([0x7f, 0xff, 0xff, 0xff, ...Buffer.from('mdat')]), new Uint8Array(3e6));
    expect(seconds(large)).toBeNull();
  });

  it('in WAV with a rate nobody records at is not believed', () => {
    const bytes = new Uint8Array(32_044);
    const view = new DataView(bytes.buffer);
    bytes.set(new TextEncoder().encode('RIFF'), 0);
    bytes.set(new TextEncoder().encode('WAVEfmt '), 8);
    for (const [at, value] of [
      [16, 16],
      [24, 1e9],
      [28, 2e9],
      [40, 32_000],
    ] as const)
      view.setUint32(at, value, true);
    for (const [at, value] of [
      [20, 1],
      [22, 1],
      [32, 2],
      [34, 16],
    ] as const)
      view.setUint16(at, value, true);
    bytes.set(new TextEncoder().encode('data'), 36);
    expect(seconds(bytes)).toBe(Math.ceil(32_044 / 500));
    view.setUint32(24, 16_000, true);
    view.setUint32(28, 32_000, true);
    expect(seconds(bytes)).toBe(1);
    // a frame larger than its samples would play too fast
    view.setUint32(28, 16_000 * 60_000, true);
    view.setUint16(32, 60_000, true);
    expect(seconds(bytes)).toBe(Math.ceil(32_044 / 500));
  });
});

describe('a file that is broken', () => {
  it.each(tones)('is never longer for being cut: %s', (name) => {
    const bytes = fixture(name);
    for (const share of [0, 0.01, 0.1, 0.5, 0.9]) {
      const cut = seconds(bytes.slice(0, Math.floor(bytes.length * share)));
      if (cut !== null) expect(cut).toBeGreaterThanOrEqual(1);
      if (cut !== null && share >= 0.5) expect(cut).toBeLessThanOrEqual(Math.max(4, Math.ceil(bytes.length / 500)));
    }
  });

  it('counts what it has behind a gap: players go on there', () => {
    for (const name of ['cbr.mp3', 'opus.ogg', 'tone.aac']) {
      const bytes = fixture(name);
      expect(seconds(joined(bytes, new Uint8Array(300), bytes))).toBeGreaterThanOrEqual(7);
    }
  });

  it('counts one sound behind the other', () => {
    for (const name of ['cbr.mp3', 'opus.ogg', 'vorbis.ogg']) {
      const bytes = fixture(name);
      expect(seconds(joined(bytes, bytes))).toBe(7);
    }
  });

  it('is not longer for the tags behind it', () => {
    const id3 = joined(new TextEncoder().encode('TAG'), new Uint8Array(125));
    expect(seconds(joined(fixture('cbr.mp3'), id3))).toBe(4);
  });

  it('gives a length or none, whatever is in it, and looks at each byte a few times at most', () => {
    const starts = ['fLaC', 'OggS', 'RIFF', 'ID3', '\0\0\0\x18ftyp', '#!AMR\n', '\xff\xfb\x10', '\xff\xf1'];
    const start = fc.constantFrom(...starts).map((text) => new Uint8Array(Buffer.from(text, 'latin1')));
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 3_000 }), (head, rest) => {
        const bytes = joined(head, rest);
        const length = seconds(bytes);
        if (length !== null) expect(Number.isInteger(length) && length >= 1).toBe(true);
        expect(seconds(base64(bytes))).toBe(length);
      }),
    );
    for (const [index, name] of tones.entries()) {
      const bytes = fixture(name);
      fc.assert(
        fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
          const length = seconds(patched(bytes, at, 1, value));
          if (length !== null) expect(length).toBeGreaterThanOrEqual(1);
        }),
        { numRuns: 100, seed: index },
      );
    }
  });
});

it('base64 is read at any place without the rest', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(10), (bytes, start) => {
      const source = base64Of('x'.repeat(start) + base64(bytes), start);
      expect(source.length).toBe(bytes.length);
      for (let index = -1; index <= bytes.length; index++) expect(source.at(index)).toBe(bytesOf(bytes).at(index));
    }),
  );
});

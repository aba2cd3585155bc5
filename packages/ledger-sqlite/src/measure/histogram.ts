/**
 * Counts of durations in buckets that are exact up to 127 ms and 1/64 of an octave wide above: a percentile read from
 * them is off by less than 0.8 %. They can be added, which percentiles cannot.
 */
export class Histogram {
  /** By bucket; as long as the highest bucket in use asks for. */
  #counts = noCounts;
  #total = 0;

  get total(): number {
    return this.#total;
  }

  /** `times` is −1 to take a value out again. */
  add(durationMs: number, times = 1): void {
    this.#count(bucketOf(durationMs), times);
  }

  /** Adds what `toBytes` made. */
  addBytes(bytes: Buffer): void {
    for (let offset = 0; offset + entryBytes <= bytes.length; offset += entryBytes) {
      // Reports read millions of these: the methods of Buffer cost five times as much.
      const bucket = at(bytes, offset) | (at(bytes, offset + 1) << 8);
      const low = at(bytes, offset + 2) | (at(bytes, offset + 3) << 8) | (at(bytes, offset + 4) << 16);
      this.#count(bucket, low + at(bytes, offset + 5) * 2 ** 24);
    }
  }

  addHistogram(other: Histogram): void {
    for (const [bucket, count] of other.#counts.entries()) if (count !== 0) this.#count(bucket, count);
  }

  /** Pairs of bucket and count, lowest bucket first: equal histograms have equal bytes. */
  toBytes(): Buffer {
    let used = 0;
    for (const count of this.#counts) if (count > 0) used += 1;
    const bytes = Buffer.alloc(used * entryBytes);
    let offset = 0;
    for (const [bucket, count] of this.#counts.entries()) {
      if (count <= 0) continue;
      bytes.writeUInt16LE(bucket, offset);
      bytes.writeUInt32LE(count, offset + 2);
      offset += entryBytes;
    }
    return bytes;
  }

  /** The smallest duration that at least `share` (0..1) of the values do not exceed; null without values. */
  percentile(share: number): number | null {
    if (this.#total <= 0) return null;
    const wanted = Math.max(1, Math.ceil(share * this.#total));
    let seen = 0;
    for (const [bucket, count] of this.#counts.entries()) {
      seen += count;
      if (seen >= wanted) return middleOf(bucket);
    }
    return null;
  }

  #count(bucket: number, times: number): void {
    if (bucket >= this.#counts.length) {
      const longer = new Int32Array(bucket + bucketsPerOctave);
      longer.set(this.#counts);
      this.#counts = longer;
    }
    this.#counts[bucket] = (this.#counts[bucket] as number) + times;
    this.#total += times;
  }
}

const noCounts = new Int32Array(0);
function at(bytes: Buffer, offset: number): number {
  return bytes[offset] as number;
}

const entryBytes = 6;
const exactBelow = 128;
const bucketsPerOctave = 64;
/** About 24 days: anything longer is counted as this. */
const maxDurationMs = 2 ** 31 - 1;

function bucketOf(durationMs: number): number {
  const value = Math.min(Math.max(Math.round(durationMs), 0), maxDurationMs);
  if (value < exactBelow) return value;
  const octave = 31 - Math.clz32(value);
  return exactBelow + (octave - 7) * bucketsPerOctave + ((value >> (octave - 6)) - bucketsPerOctave);
}

function middleOf(bucket: number): number {
  if (bucket < exactBelow) return bucket;
  const octave = 7 + Math.floor((bucket - exactBelow) / bucketsPerOctave);
  const width = 2 ** (octave - 6);
  const start = 2 ** octave + ((bucket - exactBelow) % bucketsPerOctave) * width;
  return start + Math.floor((width - 1) / 2);
}

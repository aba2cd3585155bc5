/**
 * Counts of durations in buckets that are exact up to 127 ms and 1/64 of an octave wide above: a percentile read from
 * them is off by less than 0.8 %. They can be added, which percentiles cannot.
 */
export class Histogram {
  /** By bucket, beginning with bucket `#first`. */
  #counts = noCounts;
  #first = 0;
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

  /** `sign` −1 takes it out again. */
  addHistogram(other: Histogram, sign: 1 | -1 = 1): void {
    other.#each((bucket, count) => this.#count(bucket, sign * count));
  }

  /** Pairs of bucket and count, lowest bucket first: equal histograms have equal bytes. */
  toBytes(): Buffer {
    const pairs = this.toPairs();
    const bytes = Buffer.alloc((pairs.length / 2) * entryBytes);
    for (let index = 0, offset = 0; index < pairs.length; index += 2, offset += entryBytes) {
      bytes.writeUInt16LE(pairs[index] as number, offset);
      bytes.writeUInt32LE(pairs[index + 1] as number, offset + 2);
    }
    return bytes;
  }

  /** Adds what `toPairs` made; `sign` −1 takes it out again. */
  addPairs(pairs: readonly number[], sign: 1 | -1 = 1): void {
    for (let index = 0; index + 1 < pairs.length; index += 2)
      this.#count(pairs[index] as number, sign * (pairs[index + 1] as number));
  }

  /** Bucket and count, one after the other, lowest bucket first. */
  toPairs(): readonly number[] {
    const pairs: number[] = [];
    this.#each((bucket, count) => {
      if (count > 0) pairs.push(bucket, count);
    });
    return pairs;
  }

  /** The smallest duration that at least `share` (0..1) of the values do not exceed; null without values. */
  percentile(share: number): number | null {
    if (this.#total <= 0) return null;
    const wanted = Math.max(1, Math.ceil(share * this.#total));
    let seen = 0;
    for (let index = 0; index < this.#counts.length; index++) {
      seen += this.#counts[index] as number;
      if (seen >= wanted) return middleOf(this.#first + index);
    }
    return null;
  }

  #count(bucket: number, times: number): void {
    if (bucket < this.#first || bucket >= this.#first + this.#counts.length) this.#makeRoom(bucket);
    const index = bucket - this.#first;
    this.#counts[index] = (this.#counts[index] as number) + times;
    this.#total += times;
  }

  /** From the lowest to the highest bucket in use: reports keep hundreds of thousands of these. */
  #makeRoom(bucket: number): void {
    const before = this.#counts;
    const isFirst = before.length === 0;
    const first = isFirst ? bucket : Math.min(this.#first, Math.max(0, bucket - spareBuckets));
    const end = isFirst ? bucket + 1 : Math.max(this.#first + before.length, bucket + 1 + spareBuckets);
    const counts = new Int32Array(end - first);
    counts.set(before, isFirst ? 0 : this.#first - first);
    this.#counts = counts;
    this.#first = first;
  }

  #each(take: (bucket: number, count: number) => void): void {
    for (let index = 0; index < this.#counts.length; index++) {
      const count = this.#counts[index] as number;
      if (count !== 0) take(this.#first + index, count);
    }
  }
}

const noCounts = new Int32Array(0);
/** So that not every new bucket makes room anew. */
const spareBuckets = 32;

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

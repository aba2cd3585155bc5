import { type ByteSource, isTextAt } from './byte-source.js';

/** Bytes of a frame by its type, its own byte not counted. Types that are not here have none. */
const narrow = [12, 13, 15, 17, 19, 20, 26, 31, 5] as const;
const wide = [17, 23, 32, 36, 40, 46, 50, 58, 60, 5] as const;
const framesPerSecond = 50;

/** The sum of all frames. */
export function amrSeconds(bytes: ByteSource): number | undefined {
  if (isTextAt(bytes, 0, '#!AMR\n')) return framesFrom(bytes, 6, narrow) / framesPerSecond;
  if (isTextAt(bytes, 0, '#!AMR-WB\n')) return framesFrom(bytes, 9, wide) / framesPerSecond;
  return undefined;
}

function framesFrom(bytes: ByteSource, from: number, sizes: readonly number[]): number {
  let frames = 0;
  for (let at = from; at < bytes.length; frames++) at += 1 + (sizes[(bytes.at(at) >> 3) & 15] ?? 0);
  return frames;
}

import { randomFillSync } from 'node:crypto';

const hexOfByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const pool = new Uint8Array(4_096);
let used = pool.length;
let lastMs = 0;
/** Of `lastMs`: a number of this size takes longer to write than the rest of an id. */
let time = '';
let counter = 0;

/**
 * A time-ordered id (UUID version 7, RFC 9562): ids made one after the other sort in that order, so that rows of a
 * ledger lie in order of time. The 12 bits behind the time count within a millisecond.
 */
export function uuidV7(nowMs: number): string {
  if (nowMs > lastMs) startAt(nowMs);
  // More than 4,096 in one millisecond borrow from the next one.
  else if (++counter > 0xfff) startAt(lastMs + 1);
  if (used + 8 > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const count = hexOf(0x70 | (counter >> 8)) + hexOf(counter & 0xff);
  const variant = hexOf(0x80 | (random() & 0x3f)) + hexOf(random());
  let rest = '';
  for (let index = 0; index < 6; index++) rest += hexOf(random());
  return `${time}-${count}-${variant}-${rest}`;
}

function startAt(ms: number): void {
  lastMs = ms;
  counter = 0;
  const hex = ms.toString(16).padStart(12, '0');
  time = `${hex.slice(0, 8)}-${hex.slice(8)}`;
}

function hexOf(byte: number): string {
  return hexOfByte[byte] as string;
}

/** The next byte of the pool: one system call for 512 ids. */
function random(): number {
  return pool[used++] as number;
}

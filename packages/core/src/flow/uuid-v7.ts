import { randomFillSync } from 'node:crypto';

const hexOfByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const pool = new Uint8Array(4_096);
let used = pool.length;
let lastMs = 0;
let counter = 0;

/**
 * A time-ordered id (UUID version 7, RFC 9562): ids made one after the other sort in that order, so that rows of a
 * ledger lie in order of time. The 12 bits behind the time count within a millisecond.
 */
export function uuidV7(nowMs: number): string {
  if (nowMs > lastMs) {
    lastMs = nowMs;
    counter = 0;
  } else if (++counter > 0xfff) {
    // More than 4,096 in one millisecond borrow from the next one.
    lastMs++;
    counter = 0;
  }
  const time = lastMs.toString(16).padStart(12, '0');
  const count = counter.toString(16).padStart(3, '0');
  const random = randomHex();
  const variant = ((Number.parseInt(random[0] ?? '0', 16) & 0x3) | 0x8).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${count}-${variant}${random.slice(1, 4)}-${random.slice(4)}`;
}

/** 8 random bytes from a pool: one system call for 512 ids. */
function randomHex(): string {
  if (used + 8 > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  let hex = '';
  for (let index = 0; index < 8; index++) hex += hexOfByte[pool[used + index] ?? 0];
  used += 8;
  return hex;
}

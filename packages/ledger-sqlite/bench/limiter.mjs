import { best, cases } from '../../core/bench/limiter-cases.mjs';
import { row } from './open.mjs';

/** One decision of the limiter in memory, when most are denied. */
export const limiter = (rounds) => {
  const nanoseconds = best(cases['rpm 1,000, 20 times the limit'], 1_000_000, rounds);
  return [row('limiter admit in memory, mostly denied', nanoseconds / 1_000, { atMost: 1, unit: ' µs' })];
};

// What one decision of the limiter costs in memory, in nanoseconds. Best of several rounds: what disturbs a round makes it
// slower, never faster.
//   node bench/limiter.bench.mjs [rounds]
import { memoryLimiter } from '../dist/index.js';
import { best, cases } from './limiter-cases.mjs';

const rounds = Number(process.argv[2] ?? 7);
const operations = 1_000_000;
for (const [name, each] of Object.entries(cases)) {
  const nanoseconds = best(each, operations, rounds);
  const denied = `${(each.denied * 100).toFixed(1)} % denied`;
  console.log(`decide: ${name.padEnd(48)} ${nanoseconds.toFixed(0).padStart(6)} ns  ${denied}`);
}

// The same through the limiter: a promise, and for a refusal an error with its message and its stack.
const target = { provider: 'acme', profile: 'default', endpoint: 'main', region: 'global', model: 'acme-1' };
const { signal } = new AbortController();
const ignore = () => undefined;
const acquire = async (limits, count) => {
  const limiter = memoryLimiter();
  const startedAt = process.hrtime.bigint();
  for (let index = 0; index < count; index++)
    await limiter.acquire(target, { requests: 1, tokens: 100 }, { limits, maxWaitMs: 0, signal }).catch(ignore);
  return Number(process.hrtime.bigint() - startedAt) / count;
};
for (const [name, limits] of [
  ['admitted', { rpm: 1_000_000_000, tpm: 1_000_000_000 }],
  ['denied', { rpm: 1, tpm: 1_000_000 }],
]) {
  let fastest = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) fastest = Math.min(fastest, await acquire(limits, 100_000));
  console.log(`acquire: ${name.padEnd(47)} ${fastest.toFixed(0).padStart(6)} ns`);
}

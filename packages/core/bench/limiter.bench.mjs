// What one decision of the limiter costs in memory, in nanoseconds. Best of several rounds: what disturbs a round makes it
// slower, never faster.
//   node bench/limiter.bench.mjs [rounds]
import { memoryLimiter, TargetLimits } from '../dist/index.js';

const rounds = Number(process.argv[2] ?? 7);

/** Nanoseconds per operation of the fastest round. */
function best(operations, prepare, run) {
  let fastest = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const state = prepare();
    const startedAt = process.hrtime.bigint();
    run(state, operations);
    fastest = Math.min(fastest, Number(process.hrtime.bigint() - startedAt) / operations);
  }
  return fastest;
}

const call = (limits, tokens, deadlineMs) => ({ id: 0, mine: true, requests: 1, tokens, limits, deadlineMs });

/** Asks at a steady rate of so many times the limit, without waiting; says how many were denied. */
function flood(limits, timesTheLimit) {
  const stepMs = 60_000 / (limits.rpm * timesTheLimit);
  return {
    prepare: () => new TargetLimits(),
    run(target, operations) {
      let denied = 0;
      for (let index = 0; index < operations; index++) {
        const nowMs = Math.floor(index * stepMs);
        if (target.ask(call(limits, 100, nowMs), nowMs).kind === 'refused') denied++;
      }
      this.denied = denied / operations;
    },
  };
}

/** Asks behind a long line, too late for every one. */
function behindALine(limits, length) {
  return {
    prepare() {
      const target = new TargetLimits();
      for (let index = 0; index < limits.rpm + length; index++) target.ask(call(limits, 100, Infinity), 0);
      return target;
    },
    run(target, operations) {
      let denied = 0;
      for (let index = 0; index < operations; index++)
        if (target.ask(call(limits, 100, 10), 10).kind === 'refused') denied++;
      this.denied = denied / operations;
    },
  };
}

const burst = { windowMs: 6_000, requests: 100, tokens: 1_000_000 };
const cases = {
  'rpm 1,000, 20 times the limit': flood({ rpm: 1_000 }, 20),
  'rpm 100,000, 20 times the limit': flood({ rpm: 100_000 }, 20),
  'rpm 1,000 + tpm + burst, 20 times the limit': flood({ rpm: 1_000, tpm: 10_000_000, burst }, 20),
  'rpm 1,000 + tpm + burst, at the limit': flood({ rpm: 1_000, tpm: 10_000_000, burst }, 1),
  'behind a line of 1,000': behindALine({ rpm: 1_000, tpm: 10_000_000 }, 1_000),
};
const operations = 1_000_000;
for (const [name, each] of Object.entries(cases)) {
  const nanoseconds = best(
    operations,
    () => each.prepare(),
    (target, count) => each.run(target, count),
  );
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

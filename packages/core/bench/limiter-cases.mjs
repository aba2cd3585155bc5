import { TargetLimits } from '../dist/index.js';

/** Nanoseconds per operation of the fastest round. */
export function best(each, operations, rounds) {
  let fastest = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const state = each.prepare();
    const startedAt = process.hrtime.bigint();
    each.run(state, operations);
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
export const cases = {
  'rpm 1,000, 20 times the limit': flood({ rpm: 1_000 }, 20),
  'rpm 100,000, 20 times the limit': flood({ rpm: 100_000 }, 20),
  'rpm 1,000 + tpm + burst, 20 times the limit': flood({ rpm: 1_000, tpm: 10_000_000, burst }, 20),
  'rpm 1,000 + tpm + burst, at the limit': flood({ rpm: 1_000, tpm: 10_000_000, burst }, 1),
  'behind a line of 1,000': behindALine({ rpm: 1_000, tpm: 10_000_000 }, 1_000),
};

// A process that has the only slot of a target and waits for another one, until it is killed: PATH.
import { sqliteLedger } from '../dist/index.js';

const [path] = process.argv.slice(2);
const host = { now: Date.now, random: Math.random, warn: console.error };
const [, limiter] = sqliteLedger({ path, timezone: 'UTC' }).create(host);
const target = { provider: 'qwen', profile: 'default', endpoint: 'sg', region: 'sg', model: 'qwen-plus' };
const acquire = (onWait) => {
  const { signal } = new AbortController();
  const options = { limits: { concurrency: 1 }, maxWaitMs: 3_600_000, signal, onWait };
  return limiter.acquire(target, { requests: 1, tokens: 0 }, options);
};
await acquire();
void acquire(() => process.stdout.write('waits\n'));

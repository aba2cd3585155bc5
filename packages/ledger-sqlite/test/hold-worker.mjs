// A process that makes calls against a shared ledger: PATH, calls, concurrency, mode (hold | naive | endless).
// Prints how many were admitted; in endless mode one line per acknowledged operation, until it is killed.
import { createRequire } from 'node:module';
import { sqliteLedger } from '../dist/index.js';

const [path, calls, concurrency, mode] = process.argv.slice(2);
const warnings = [];
const host = { now: Date.now, random: Math.random, warn: (warning) => warnings.push(warning) };
const ledger = [sqliteLedger({ path, timezone: 'UTC', limiter: false }).create(host)]
  .flat()
  .find(({ kind }) => kind === 'ledger');

const cent = 10_000_000;
const limitNanoUsd = Number(process.env.LIMIT ?? 1_000_000_000);
const target = { provider: 'qwen', profile: 'default', endpoint: 'sg', region: 'sg', model: 'qwen-plus' };
const budgets = [
  {
    id: 'day',
    scope: 'all',
    window: 'total',
    timezone: null,
    limitNanoUsd,
    mode: 'strict_budget',
    warnAt: [],
    shadow: false,
    origin: 'test',
  },
  {
    id: 'user',
    scope: 'tag.user=alice',
    window: 'day',
    timezone: null,
    limitNanoUsd: 5_000_000e9,
    mode: 'strict_budget',
    warnAt: [],
    shadow: false,
    origin: 'test',
  },
];
let last = 0;
const nextId = () => `${process.pid}-${String(++last).padStart(8, '0')}`;
const request = (callId) => ({
  callId,
  amountNanoUsd: cent,
  budgets,
  strict: true,
  leaseMs: 60_000,
  tags: {},
  traceId: 't',
  target,
  estimatedUsage: { quantities: {}, unknown: true, source: 'estimated' },
});
const settlement = {
  status: 'ok',
  attempts: [],
  usage: null,
  actualNanoUsd: cent / 2,
  lines: [],
  timing: { ttftMs: null, totalMs: 1, waitMs: 0, retryMs: 0, attempts: 0 },
  tags: {},
  traceId: 't',
  target,
};

/** What a counter without a transaction does: look, then write. */
function naive() {
  const Database = createRequire(import.meta.url)('better-sqlite3');
  const db = new Database(path, { timeout: 10_000 });
  const read = db.prepare("SELECT value FROM meta WHERE key = 'naive'").pluck();
  const write = db.prepare("UPDATE meta SET value = value + ? WHERE key = 'naive'");
  return async () => {
    const held = Number(read.get());
    await new Promise(setImmediate);
    if (held + cent > limitNanoUsd) return false;
    write.run(cent);
    return true;
  };
}

const strict = async () => {
  try {
    await ledger.hold(request(nextId()));
    return true;
  } catch (error) {
    if (error.code === 'budget_exceeded') return false;
    throw error;
  }
};

/** Acknowledged operations, for the test to look for after the kill. */
const endless = async () => {
  const callId = nextId();
  await ledger.hold(request(callId));
  process.stdout.write(`h ${callId}\n`);
  await ledger.settle(callId, settlement);
  process.stdout.write(`s ${callId}\n`);
  return true;
};

const call = mode === 'naive' ? naive() : mode === 'endless' ? endless : strict;
// Everybody starts together.
process.stdout.write('ready\n');
await new Promise((resolve) => process.stdin.once('data', resolve));
process.stdin.pause();

let left = Number(calls);
let admitted = 0;
const startedAt = performance.now();
const caller = async () => {
  while (left-- > 0) if (await call()) admitted += 1;
};
await Promise.all(Array.from({ length: Number(concurrency) }, caller));
const ms = performance.now() - startedAt;
await ledger.close();
process.stdout.write(`done ${JSON.stringify({ admitted, ms, warnings: warnings.length })}\n`);

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { built } from '../lib/from-package.mjs';
import { callsOf, startMs, Weather } from './scenario.mjs';
import { prices, services } from './services.mjs';
import { VirtualTime } from './virtual-time.mjs';

const { createVibe, memoryLedger, memoryLimiter } = await built('core');
const { sqliteLedger } = await built('ledger-sqlite');

/** One scenario under one way to choose. Resolves with what became of every call, in the order of their time. */
export async function runPolicy(scenario, seed, policy, store = 'memory') {
  const time = new VirtualTime(startMs);
  const weather = new Weather(scenario);
  const calls = callsOf(scenario, seed);
  const { ledger, remove } = ledgerOf(policy, time, store);
  time.install();
  try {
    const vibe = createVibe(
      {
        plugins: [
          ...services(scenario, weather, time, seed),
          prices(scenario, weather, time),
          ledger,
          memoryLimiter(() => time.nowMs),
          ...(policy.router === undefined ? [] : [policy.router(calls)]),
        ],
        limits: limitsOf(scenario),
        router: { probeIntervalMs: 0, ...policy.options },
      },
      { now: () => time.nowMs, random: () => 0.5, env: {} },
    );
    const outcomes = calls.map((call) => ({ ...call, phase: weather.phaseAt(call.atMs) }));
    let ended = 0;
    for (const outcome of outcomes) {
      time.at(outcome.atMs, () => {
        void make(vibe, policy, outcome, time).finally(() => {
          ended++;
        });
      });
    }
    await time.run(() => ended === calls.length);
    const closing = vibe.close();
    let isClosed = false;
    closing.finally(() => {
      isClosed = true;
    });
    time.uninstall();
    if (!isClosed) await closing;
    return outcomes;
  } finally {
    time.uninstall();
    remove();
  }
}

async function make(vibe, { route, modelOf, keepsTier = true }, call, time) {
  const { minTier, maxOutputTokens, inputTokens, outputTokens, index } = call;
  const request = {
    model: modelOf === undefined ? 'auto' : modelOf,
    ...(route === undefined ? {} : { route }),
    ...(keepsTier && minTier !== undefined ? { minTier } : {}),
    maxOutputTokens,
    prompt: 'x',
    providerOptions: { work: { index, inputTokens, outputTokens, attempts: 0 } },
  };
  try {
    const response = await vibe.generate(request);
    call.ok = true;
    call.nanoUsd = response.cost.actualNanoUsd ?? 0;
    call.attempts = seen(response.attempts);
    call.served = `${response.providerMeta.model}@${response.providerMeta.endpoint}`;
  } catch (error) {
    call.ok = false;
    call.error = error.code;
    call.attempts = seen(error.attempts ?? []);
    call.nanoUsd = Math.round((error.cost?.actualUsd ?? 0) * 1e9);
  }
  call.totalMs = time.nowMs - call.atMs;
}

const seen = (attempts) =>
  attempts.map(({ target: { model, endpoint }, status, startedAtMs }) => ({
    served: `${model}@${endpoint}`,
    ok: status === 'ok',
    atMs: startedAtMs,
  }));

/** What the client knows of the limits of the services. */
function limitsOf({ candidates }) {
  const limited = candidates.filter(({ rpm }) => rpm !== undefined);
  return Object.fromEntries(
    limited.map(({ provider, endpoint, model, rpm }) => [`${provider}@${endpoint}/${model}`, { rpm }]),
  );
}

/** Who learns does so from a real ledger, in memory or in SQLite; the others need none that remembers. */
function ledgerOf({ learns }, time, store) {
  if (!learns || store === 'memory') {
    const ledger = memoryLedger({ now: () => time.nowMs });
    return { ledger: learns ? ledger : { ...ledger, stats: async () => [] }, remove: () => undefined };
  }
  const folder = mkdtempSync(join(tmpdir(), 'vibe-bench-router-'));
  const host = { now: () => time.nowMs, random: () => 0.5, warn: () => undefined };
  const made = sqliteLedger({ path: join(folder, 'ledger.db'), limiter: false });
  const ledger = made.kind === 'plugin' ? [made.create(host)].flat()[0] : made;
  const tracked = Object.fromEntries(
    ['hold', 'settle', 'check', 'budgets', 'report', 'flush', 'close', 'block'].map((name) => [
      name,
      (...args) => time.track(Promise.resolve(ledger[name](...args))),
    ]),
  );
  // What was settled before the question is in the answer: otherwise a run would depend on the speed of the disk.
  const stats = (query) => time.track(ledger.flush().then(() => ledger.stats(query)));
  return {
    ledger: { ...ledger, ...tracked, stats, health: undefined },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

import { byCost, bySpeed, fitForAll, grouped, inHindsight, summary } from './judge.mjs';
import { startMs } from './scenario.mjs';

/** What is asked of the router, worked out from what became of the calls. */
export function verdicts(scenario, runs, fixed) {
  const [calls] = Object.values(runs);
  const numbers = Object.fromEntries(Object.entries(runs).map(([name, run]) => [name, summary(run)]));
  const fixedNumbers = Object.fromEntries([...fixed].map(([name, run]) => [name, summary(run)]));
  const fit = fitForAll(scenario, calls).map(({ name }) => ({ name, ...fixedNumbers[name] }));
  const perTier = summary(inHindsight(scenario, fixed, calls, ({ minTier }) => minTier, byCost));
  return {
    numbers,
    fixed: fixedNumbers,
    bestFixed: fit.reduce((best, each) => (byCost(each) < byCost(best) ? each : best)),
    cheapestFixed: fit.reduce((best, each) => (each.usdPerThousand < best.usdPerThousand ? each : best)),
    perTier,
    phases: phasesOf(scenario, runs.smart, fixed),
    recovery: { cheap: recoveryOf(scenario, runs.cheap), smart: recoveryOf(scenario, runs.smart) },
  };
}

/** How `smart` did in each phase, and how the best choice of that phase did, known afterwards. */
function phasesOf(scenario, smart, fixed) {
  const best = inHindsight(scenario, fixed, smart, ({ phase, minTier }) => `${phase} ${minTier}`, bySpeed);
  const bestOf = grouped(best, ({ phase }) => phase);
  return [...grouped(smart, ({ phase }) => phase)].map(([phase, calls]) => ({
    name: scenario.phases[phase].name,
    smart: summary(calls),
    best: summary(bestOf.get(phase)),
  }));
}

/** A breaker that has opened asks again after so long: what comes sooner was sent before it had opened. */
const cooldownMs = 30_000;
/** Who served fewer calls of the phase before is not missed. */
const minServed = 5;

/**
 * What an outage did: calls that failed; how long after its beginning the last attempt went there that was no probe of the
 * breaker; how long after its end the first one was answered there again (null: nobody had gone there before).
 */
function recoveryOf(scenario, calls) {
  return scenario.phases.flatMap(({ name, changes = {} }, phase) => {
    const down = scenario.candidates.filter((candidate) => changes[candidate.name]?.failRate === 1);
    if (down.length === 0) return [];
    const places = new Set(down.map(({ model, endpoint }) => `${model}@${endpoint}`));
    const beginMs = startMs + scenario.phases[phase].fromMinute * 60_000;
    const next = scenario.phases[phase + 1];
    const endMs = next === undefined ? Number.POSITIVE_INFINITY : startMs + next.fromMinute * 60_000;
    const there = calls
      .flatMap(({ attempts }) => attempts.filter(({ served }) => places.has(served)))
      .sort((left, right) => left.atMs - right.atMs);
    const usedBefore = calls.filter((call) => call.phase === phase - 1 && places.has(call.served)).length >= minServed;
    const back = there.find(({ atMs, ok }) => ok && atMs >= endMs);
    return [
      {
        name,
        failed: calls.filter((call) => call.phase === phase && !call.ok).length,
        ...lastBeforeOpen(
          there.filter(({ atMs }) => atMs >= beginMs && atMs < endMs),
          beginMs,
        ),
        backMs: usedBefore && back !== undefined ? back.atMs - endMs : null,
      },
    ];
  });
}

/** Failed attempts up to the first silence as long as a cooldown, per place that is down. */
function lastBeforeOpen(attempts, beginMs) {
  const last = new Map();
  let count = 0;
  for (const { served, atMs } of attempts) {
    const before = last.get(served) ?? beginMs;
    if (atMs - before >= cooldownMs * 0.9) continue;
    last.set(served, atMs);
    count++;
  }
  return { attempts: count, lastAttemptMs: count === 0 ? null : Math.max(...last.values()) - beginMs };
}

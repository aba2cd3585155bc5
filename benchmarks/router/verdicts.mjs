import { byCost, bySpeed, fitForAll, grouped, inHindsight, summary } from './judge.mjs';

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
    recovery: recoveryOf(scenario, runs.smart),
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

/** How long after the beginning of an outage the last call of `smart` was slowed by it: tried there first, and failed over. */
function recoveryOf(scenario, smart) {
  const outages = scenario.phases.flatMap(({ name, fromMinute, changes = {} }, phase) =>
    Object.values(changes).some(({ failRate }) => failRate === 1) ? [{ name, fromMinute, phase }] : [],
  );
  return outages.map(({ name, phase }) => {
    const calls = smart.filter((call) => call.phase === phase);
    const failed = calls.filter(({ ok }) => !ok);
    const lastMs = failed.length === 0 ? 0 : failed.at(-1).atMs - calls[0].atMs;
    return { name, failed: failed.length, lastFailureAfterMs: lastMs };
  });
}

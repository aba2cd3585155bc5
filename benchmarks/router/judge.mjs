/** Numbers of a set of calls. */
export function summary(calls) {
  const answered = calls.filter(({ ok }) => ok);
  const nanoUsd = calls.reduce((sum, call) => sum + call.nanoUsd, 0);
  return {
    calls: calls.length,
    failRate: calls.length === 0 ? 0 : 1 - answered.length / calls.length,
    usd: nanoUsd / 1e9,
    /** What calls that fail do not cost is no saving. */
    usdPerThousand: answered.length === 0 ? Number.POSITIVE_INFINITY : nanoUsd / 1e6 / answered.length,
    p95Ms: percentile(
      answered.map(({ totalMs }) => totalMs),
      0.95,
    ),
  };
}

function percentile(values, share) {
  const ascending = values.sort((left, right) => left - right);
  return ascending[Math.max(0, Math.ceil(share * ascending.length) - 1)] ?? Number.POSITIVE_INFINITY;
}

const tiers = ['economy', 'standard', 'premium'];
const serves = (candidate, call) => tiers.indexOf(candidate.tier) >= tiers.indexOf(call.minTier ?? 'economy');

/** Candidates whose tier meets every call. */
export const fitForAll = (scenario, calls) =>
  scenario.candidates.filter((candidate) => calls.every((call) => serves(candidate, call)));

/** Splits calls by a key. */
export function grouped(calls, keyOf) {
  const groups = new Map();
  for (const call of calls) {
    const key = keyOf(call);
    if (groups.has(key)) groups.get(key).push(call);
    else groups.set(key, [call]);
  }
  return groups;
}

/**
 * Who would have been best, known afterwards: for each group of calls the candidate with the least `badness` among those
 * whose tier fits. `fixed` has the calls of every candidate, had it served them all.
 */
export function inHindsight(scenario, fixed, calls, keyOf, badness) {
  const chosen = [];
  for (const group of grouped(calls, keyOf).values()) {
    const indexes = group.map(({ index }) => index);
    const options = scenario.candidates
      .filter((candidate) => group.every((call) => serves(candidate, call)))
      .map(({ name }) => indexes.map((index) => fixed.get(name)[index]))
      .map((served) => ({ served, bad: badness(summary(served)) }));
    chosen.push(...options.reduce((best, option) => (option.bad < best.bad ? option : best)).served);
  }
  return chosen.sort((left, right) => left.index - right.index);
}

/** Cheapest per answer, unless it fails more often than can be lived with. */
export const byCost = ({ usdPerThousand, failRate }) => (failRate > 0.02 ? 1e9 * failRate : 0) + usdPerThousand;
/** Fastest at the 95th percentile, unless it fails more often than that. */
export const bySpeed = ({ p95Ms, failRate }) => (failRate > 0.02 ? 1e9 * failRate : 0) + p95Ms;

const percent = (share) => `${(100 * share).toFixed(2)} %`;
const less = (own, other) => `${(100 * (1 - own / other)).toFixed(0)} %`;
const seconds = (ms) => `${(ms / 1_000).toFixed(2)} s`;
const dollars = (usd) => `$${usd.toFixed(4)}`;
const worst = (values) => Math.max(...values);

/** The result as Markdown. Every seed is shown. */
export function reportOf(results, { planUs, inCallUs }, ledger) {
  const scenarios = [...new Set(results.map(({ scenario }) => scenario))];
  return [
    `Planning a call with 20 candidates: median ${planUs.toFixed(1)} µs of CPU for the planner alone (target 20 µs), ${inCallUs.toFixed(1)} µs in the middle of real calls, from the door of the chain to the finished plan. Statistics come from ${ledger === 'sqlite' ? 'the SQLite ledger' : 'the ledger in memory'}.`,
    '',
    ...scenarios.flatMap((name) => scenarioText(results.filter(({ scenario }) => scenario === name))),
  ].join('\n');
}

function scenarioText(results) {
  const [{ scenario, about }] = results;
  return [
    `### ${scenario}`,
    '',
    about,
    '',
    '| `cheap` | calls | bill per 1,000 answers | best fixed | less | best fixed per tier | less | round robin | estimates only | failed | best fixed failed |',
    '|---|---|---|---|---|---|---|---|---|---|---|',
    ...results.map(cheapRow),
    '',
    '| `smart` | failed | p95 | p95 against the best of each phase, worst phase | over all phases | bill per 1,000 answers | `quality` |',
    '|---|---|---|---|---|---|---|',
    ...results.map(smartRow),
    '',
    ...recoveryRows(results),
    `![Regret over time](images/regret-${scenario}.svg)`,
    '',
  ];
}

function recoveryRows(results) {
  const rows = results.flatMap(({ seed, recovery }) =>
    Object.entries(recovery).flatMap(([policy, outages]) =>
      outages.map(({ name, failed, attempts, lastAttemptMs, backMs }) =>
        row([
          name,
          `\`${policy}\`, seed ${seed}`,
          failed,
          attempts,
          lastAttemptMs === null ? '–' : seconds(lastAttemptMs),
          backMs === null ? '–' : seconds(backMs),
        ]),
      ),
    ),
  );
  if (rows.length === 0) return [];
  return [
    '| outage | | calls that failed | attempts before the breaker opened | the last of them after its beginning | calls are back after its end |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
  ];
}

function cheapRow({ seed, numbers, bestFixed, perTier }) {
  const { cheap } = numbers;
  const [own, robin, guess] = [cheap, numbers['round robin'], numbers['estimates only']].map(
    (each) => each.usdPerThousand,
  );
  return row([
    `seed ${seed}`,
    cheap.calls,
    dollars(own),
    `${bestFixed.name} ${dollars(bestFixed.usdPerThousand)}`,
    less(own, bestFixed.usdPerThousand),
    dollars(perTier.usdPerThousand),
    less(own, perTier.usdPerThousand),
    dollars(robin),
    dollars(guess),
    percent(cheap.failRate),
    percent(bestFixed.failRate),
  ]);
}

function smartRow({ seed, numbers, phases }) {
  const { smart, quality } = numbers;
  const ratios = phases.map((phase) => phase.smart.p95Ms / phase.best.p95Ms);
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  return row([
    `seed ${seed}`,
    percent(smart.failRate),
    seconds(smart.p95Ms),
    `${worst(ratios).toFixed(3)} (${phases[ratios.indexOf(worst(ratios))].name})`,
    mean.toFixed(3),
    dollars(smart.usdPerThousand),
    dollars(quality.usdPerThousand),
  ]);
}

const row = (cells) => `| ${cells.join(' | ')} |`;

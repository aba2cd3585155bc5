import {
  bad,
  boolean,
  type Check,
  count,
  listOf,
  mapOf,
  maxMs,
  mode,
  ms,
  numberIn,
  oneOf,
  policy,
  retryOptions,
  shape,
  string,
  tier,
  timeoutOptions,
  timezone,
  usd,
} from './checks.js';

/**
 * What `createVibe` accepts, as a table. A wrong or unknown key fails at once, with the path and what was expected,
 * because a misspelt budget would otherwise be no budget at all.
 */
export function checkVibeOptions(options: unknown): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw bad('createVibe', 'an object with at least `plugins`', options);
  }
  vibeOptions(options, '');
}

const budgetShape = shape(
  {
    id: string,
    window: oneOf('call', 'run', 'hour', 'day', 'week', 'month', 'total'),
    limitUsd: usd,
    tags: mapOf(string),
    provider: string,
    model: string,
    endpoint: string,
    mode,
    warnAt: listOf(numberIn(0, 10)),
    shadow: boolean,
    timezone,
  },
  ['window', 'limitUsd'],
);
const wholeBudget: Check = (value, path) => {
  budgetShape(value, path);
  const { window, tags } = value as { window: string; tags?: Record<string, string> };
  if (window === 'run' && tags?.['run'] === undefined)
    throw bad(`${path}.tags`, "a `run` tag pattern such as { run: '*' } for the window run", tags);
};
const budget: Check = Object.assign(wholeBudget, { inside: budgetShape.inside ?? [] });

const burst = shape({ windowMs: numberIn(1, 60_000, true), requests: count, tokens: count }, ['windowMs']);
const limits = mapOf(shape({ rpm: count, tpm: count, rpd: count, concurrency: count, rpdTimezone: timezone, burst }));

const weights = mapOf(numberIn(0, 1_000));
const router = shape({
  policy,
  weights: shape({ smart: weights, cheap: weights, fast: weights, quality: weights, fixed: weights }),
  order: listOf(string),
  downgrade: shape({ allow: boolean, minTier: tier, steps: listOf(string) }),
  compliance: listOf(shape({ tags: mapOf(string), regions: listOf(string) }, ['tags', 'regions'])),
  statsMaxAgeMs: ms,
  probeIntervalMs: ms,
  exploration: shape(
    { share: numberIn(0, 0.2), seed: numberIn(0, 4_294_967_295, true), maxCostFactor: numberIn(1, 1_000) },
    ['share'],
  ),
});

const vibeOptions = shape(
  {
    plugins: (value, path) => {
      if (!Array.isArray(value)) throw bad(path, 'a list of plugins', value);
    },
    budgets: listOf(budget),
    mode,
    limits,
    router,
    regions: listOf(string),
    defaults: shape({
      model: string,
      maxWaitMs: ms,
      retry: retryOptions,
      timeout: timeoutOptions,
      maxOutputTokens: count,
      maxAudioSeconds: count,
      countTokens: boolean,
      countTimeoutMs: ms,
    }),
    breaker: shape({
      failures: count,
      failRate: numberIn(0.01, 1),
      windowMs: numberIn(1, maxMs),
      cooldownMs: ms,
      probes: count,
    }),
    onUnpriced: oneOf('warn', 'refuse'),
    telemetry: shape({ semconv: oneOf('v1.41', 'latest') }),
    middleware: listOf((value, path) => {
      if (typeof value !== 'function') throw bad(path, 'a function (next) => handler', value);
    }),
    dryRun: boolean,
  },
  ['plugins'],
);

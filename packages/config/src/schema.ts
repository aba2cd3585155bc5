// The small variant of zod: the other one takes longer to load than everything else that a config file costs.
import * as z from 'zod/mini';

/*
 * One schema for both layers of files and for what the environment says. Every `error` completes the sentence
 * "expected …"; for unknown keys it lists the known ones (see problems.ts).
 */

/** The longest delay a timer can keep. */
const maxMs = 2_147_483_647;
const maxCount = 1_000_000_000;
/** Nano-USD in a safe integer. */
const maxUsd = 9_007_199;

function fields<Shape extends z.core.$ZodShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join(' ') : 'settings (a mapping)'),
  });
}

function list<Entry extends z.core.SomeType>(entry: Entry) {
  return z.array(entry, { error: 'a list' });
}

function mapOf<Value extends z.core.SomeType>(value: Value) {
  return z.record(z.string(), value, { error: 'settings (a mapping)' });
}

function oneOf<const Names extends readonly [string, ...string[]]>(...names: Names) {
  return z.enum(names, { error: `one of ${names.join(', ')}` });
}

function numberIn(from: number, to: number) {
  const error = `a number from ${from} to ${to}`;
  return z.number({ error }).check(z.minimum(from, { error }), z.maximum(to, { error }));
}

function wholeIn(from: number, to: number) {
  const error = `a whole number from ${from} to ${to}`;
  return z.int({ error }).check(z.minimum(from, { error }), z.maximum(to, { error }));
}

const someText = { error: 'a text that is not empty' };
const text = z.string(someText).check(z.minLength(1, someText));
const boolean = z.boolean({ error: 'true or false' });
const ms = numberIn(0, maxMs);
const count = wholeIn(1, maxCount);
const tier = oneOf('economy', 'standard', 'premium');
const mode = oneOf('best_effort', 'strict_budget');
const policy = oneOf('smart', 'cheap', 'fast', 'quality', 'fixed');
const someTimezone = { error: 'an IANA time zone such as Asia/Shanghai or UTC' };
const timezone = z.string(someTimezone).check(z.refine(isTimezone, someTimezone));

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const plugin = z.union(
  [
    text,
    fields({ name: text, options: z.optional(z.record(z.string(), z.json(), { error: 'settings (a mapping)' })) }),
  ],
  { error: 'the name of a plugin, or { name, options }' },
);

const budget = fields({
  id: z.optional(text),
  window: oneOf('call', 'run', 'hour', 'day', 'week', 'month', 'total'),
  limitUsd: numberIn(0, maxUsd),
  tags: z.optional(mapOf(text)),
  provider: z.optional(text),
  model: z.optional(text),
  endpoint: z.optional(text),
  mode: z.optional(mode),
  warnAt: z.optional(list(numberIn(0, 10))),
  shadow: z.optional(boolean),
  timezone: z.optional(timezone),
}).check(
  z.refine(({ window, tags }) => window !== 'run' || tags?.['run'] !== undefined, {
    path: ['tags'],
    error: "a `run` tag pattern such as { run: '*' }, because the window is run",
  }),
);

const limits = fields({
  rpm: z.optional(count),
  tpm: z.optional(count),
  rpd: z.optional(count),
  concurrency: z.optional(count),
  rpdTimezone: z.optional(timezone),
  burst: z.optional(fields({ windowMs: wholeIn(1, 60_000), requests: z.optional(count), tokens: z.optional(count) })),
});

const router = fields({
  policy: z.optional(policy),
  weights: z.optional(
    z.partialRecord(policy, mapOf(numberIn(0, 1_000)), {
      error: 'weights by policy: smart, cheap, fast, quality, fixed',
    }),
  ),
  order: z.optional(list(text)),
  downgrade: z.optional(
    fields({
      allow: z.optional(boolean),
      minTier: z.optional(tier),
      steps: z.optional(list(text)),
    }),
  ),
  compliance: z.optional(list(fields({ tags: mapOf(text), regions: list(text) }))),
  statsMaxAgeMs: z.optional(ms),
  probeIntervalMs: z.optional(ms),
  exploration: z.optional(
    fields({
      share: numberIn(0, 0.2),
      seed: z.optional(wholeIn(0, 4_294_967_295)),
      maxCostFactor: z.optional(numberIn(1, 1_000)),
    }),
  ),
});

const defaults = fields({
  model: z.optional(text),
  maxWaitMs: z.optional(ms),
  retry: z.optional(
    fields({
      attempts: z.optional(wholeIn(1, 100)),
      budgetMs: z.optional(ms),
      on429: z.optional(boolean),
    }),
  ),
  timeout: z.optional(
    fields({
      connectMs: z.optional(ms),
      firstChunkMs: z.optional(ms),
      chunkMs: z.optional(ms),
      totalMs: z.optional(ms),
      idleMs: z.optional(ms),
    }),
  ),
  maxOutputTokens: z.optional(count),
  maxAudioSeconds: z.optional(count),
  countTokens: z.optional(boolean),
  countTimeoutMs: z.optional(ms),
});

const breaker = fields({
  failures: z.optional(count),
  failRate: z.optional(numberIn(0.01, 1)),
  windowMs: z.optional(numberIn(1, maxMs)),
  cooldownMs: z.optional(ms),
  probes: z.optional(count),
});

/** The keys and ranges of `VibeOptions`; plugins by name. */
export const configSchema = fields({
  plugins: z.optional(list(plugin)),
  budgets: z.optional(list(budget)),
  mode: z.optional(mode),
  limits: z.optional(mapOf(limits)),
  router: z.optional(router),
  regions: z.optional(list(text)),
  defaults: z.optional(defaults),
  breaker: z.optional(breaker),
  onUnpriced: z.optional(oneOf('warn', 'refuse')),
  telemetry: z.optional(fields({ semconv: z.optional(oneOf('v1.41', 'latest')) })),
  middleware: z.optional(list(plugin)),
  dryRun: z.optional(boolean),
});

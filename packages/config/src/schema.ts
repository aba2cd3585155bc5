import { z } from 'zod';

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
  return z
    .number({ error: `a number from ${from} to ${to}` })
    .min(from)
    .max(to);
}

function wholeIn(from: number, to: number) {
  return z
    .int({ error: `a whole number from ${from} to ${to}` })
    .min(from)
    .max(to);
}

const text = z.string({ error: 'a text that is not empty' }).min(1);
const boolean = z.boolean({ error: 'true or false' });
const ms = numberIn(0, maxMs);
const count = wholeIn(1, maxCount);
const tier = oneOf('economy', 'standard', 'premium');
const mode = oneOf('best_effort', 'strict_budget');
const policy = oneOf('smart', 'cheap', 'fast', 'quality', 'fixed');
const timezone = z.string({ error: 'an IANA time zone such as Asia/Shanghai or UTC' }).refine(isTimezone, {
  error: 'an IANA time zone such as Asia/Shanghai or UTC',
});

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const plugin = z.union(
  [text, fields({ name: text, options: z.record(z.string(), z.json(), { error: 'settings (a mapping)' }).optional() })],
  { error: 'the name of a plugin, or { name, options }' },
);

const budget = fields({
  id: text.optional(),
  window: oneOf('call', 'run', 'hour', 'day', 'week', 'month', 'total'),
  limitUsd: numberIn(0, maxUsd),
  tags: mapOf(text).optional(),
  provider: text.optional(),
  model: text.optional(),
  endpoint: text.optional(),
  mode: mode.optional(),
  warnAt: list(numberIn(0, 10)).optional(),
  shadow: boolean.optional(),
  timezone: timezone.optional(),
}).refine(({ window, tags }) => window !== 'run' || tags?.['run'] !== undefined, {
  path: ['tags'],
  error: "a `run` tag pattern such as { run: '*' }, because the window is run",
});

const limits = fields({
  rpm: count.optional(),
  tpm: count.optional(),
  rpd: count.optional(),
  concurrency: count.optional(),
  rpdTimezone: timezone.optional(),
  burst: fields({ windowMs: wholeIn(1, 60_000), requests: count.optional(), tokens: count.optional() }).optional(),
});

const router = fields({
  policy: policy.optional(),
  weights: z
    .partialRecord(policy, mapOf(numberIn(0, 1_000)), {
      error: 'weights by policy: smart, cheap, fast, quality, fixed',
    })
    .optional(),
  order: list(text).optional(),
  downgrade: fields({
    allow: boolean.optional(),
    minTier: tier.optional(),
    steps: list(text).optional(),
  }).optional(),
  compliance: list(fields({ tags: mapOf(text), regions: list(text) })).optional(),
  statsMaxAgeMs: ms.optional(),
  probeIntervalMs: ms.optional(),
  exploration: fields({
    share: numberIn(0, 0.2),
    seed: wholeIn(0, 4_294_967_295).optional(),
    maxCostFactor: numberIn(1, 1_000).optional(),
  }).optional(),
});

const defaults = fields({
  model: text.optional(),
  maxWaitMs: ms.optional(),
  retry: fields({
    attempts: wholeIn(1, 100).optional(),
    budgetMs: ms.optional(),
    on429: boolean.optional(),
  }).optional(),
  timeout: fields({
    connectMs: ms.optional(),
    firstChunkMs: ms.optional(),
    chunkMs: ms.optional(),
    totalMs: ms.optional(),
    idleMs: ms.optional(),
  }).optional(),
  maxOutputTokens: count.optional(),
  maxAudioSeconds: count.optional(),
});

const breaker = fields({
  failures: count.optional(),
  failRate: numberIn(0.01, 1).optional(),
  windowMs: numberIn(1, maxMs).optional(),
  cooldownMs: ms.optional(),
  probes: count.optional(),
});

/** The keys and ranges of `VibeOptions`; plugins by name. */
export const configSchema = fields({
  plugins: list(plugin).optional(),
  budgets: list(budget).optional(),
  mode: mode.optional(),
  limits: mapOf(limits).optional(),
  router: router.optional(),
  regions: list(text).optional(),
  defaults: defaults.optional(),
  breaker: breaker.optional(),
  onUnpriced: oneOf('warn', 'refuse').optional(),
  telemetry: fields({ semconv: oneOf('v1.41', 'latest').optional() }).optional(),
  middleware: list(plugin).optional(),
  dryRun: boolean.optional(),
});

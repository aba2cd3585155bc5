import { VibeError } from '../errors/vibe-error.js';
import { windowSpan } from '../policies/budget-window.js';

type Check = (value: unknown, path: string) => void;

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

function bad(path: string, expected: string, value: unknown): VibeError {
  const given =
    typeof value === 'object' && value !== null
      ? Array.isArray(value)
        ? 'a list'
        : 'an object'
      : `${typeof value === 'string' ? `"${value}"` : String(value)}`;
  return new VibeError('config', `${path}: expected ${expected}, got ${given}.`, {
    details: { path },
    next: [`Correct ${path}.`],
  });
}

const string: Check = (value, path) => {
  if (typeof value !== 'string' || value === '') throw bad(path, 'a non-empty string', value);
};
const boolean: Check = (value, path) => {
  if (typeof value !== 'boolean') throw bad(path, 'true or false', value);
};
const anything: Check = () => undefined;

function numberIn(from: number, to: number, whole = false): Check {
  return (value, path) => {
    const fits = typeof value === 'number' && value >= from && value <= to && (!whole || Number.isInteger(value));
    if (!fits) throw bad(path, `${whole ? 'a whole number' : 'a number'} from ${from} to ${to}`, value);
  };
}

function oneOf(...allowed: readonly string[]): Check {
  return (value, path) => {
    if (typeof value !== 'string' || !allowed.includes(value))
      throw bad(path, `one of ${allowed.join(', ')}${near(String(value), allowed)}`, value);
  };
}

function listOf(check: Check): Check {
  return (value, path) => {
    if (!Array.isArray(value)) throw bad(path, 'a list', value);
    for (const [index, entry] of value.entries()) check(entry, `${path}[${index}]`);
  };
}

function mapOf(check: Check): Check {
  return (value, path) => {
    for (const [key, entry] of Object.entries(asObject(value, path))) check(entry, `${path}.${key}`);
  };
}

function shape(fields: Readonly<Record<string, Check>>, required: readonly string[] = []): Check {
  return (value, path) => {
    const object = asObject(value, path);
    const at = (key: string) => (path === '' ? key : `${path}.${key}`);
    for (const [key, entry] of Object.entries(object)) {
      const check = Object.hasOwn(fields, key) ? fields[key] : undefined;
      if (check === undefined) {
        throw new VibeError(
          'config',
          `${at(key)}: unknown option${near(key, Object.keys(fields))}. Known are ${Object.keys(fields).join(', ')}.`,
          {
            details: { path: at(key) },
          },
        );
      }
      if (entry !== undefined) check(entry, at(key));
    }
    for (const key of required) if (object[key] === undefined) throw bad(at(key), 'a value: it is required', undefined);
  };
}

function asObject(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad(path, 'an object', value);
  return value as Record<string, unknown>;
}

/** ` (did you mean "x"?)` when a known name starts or ends alike. */
function near(given: string, known: readonly string[]): string {
  const wanted = given.toLowerCase();
  const match = known.find((name) => {
    const candidate = name.toLowerCase();
    return (
      candidate === wanted ||
      (wanted.length >= 3 && (candidate.startsWith(wanted.slice(0, 3)) || candidate.endsWith(wanted.slice(-4))))
    );
  });
  return match === undefined ? '' : ` (did you mean "${match}"?)`;
}

/** The longest delay a timer can keep. */
const maxMs = 2_147_483_647;
const ms = numberIn(0, maxMs);
const count = numberIn(1, 1_000_000_000, true);
const usd = numberIn(0, 9_007_199);
const tier = oneOf('economy', 'standard', 'premium');
const mode = oneOf('best_effort', 'strict_budget');
const policy = oneOf('smart', 'cheap', 'fast', 'quality', 'fixed');
const timezone: Check = (value, path) => {
  string(value, path);
  windowSpan('day', value as string, 0);
};

const timeoutOptions = shape({ connectMs: ms, firstChunkMs: ms, chunkMs: ms, totalMs: ms, idleMs: ms });
const retryOptions = shape({ attempts: numberIn(1, 100, true), budgetMs: ms, on429: boolean });

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
const budget: Check = (value, path) => {
  budgetShape(value, path);
  const { window, tags } = value as { window: string; tags?: Record<string, string> };
  if (window === 'run' && tags?.['run'] === undefined)
    throw bad(`${path}.tags`, "a `run` tag pattern such as { run: '*' } for the window run", tags);
};

const burst = shape({ windowMs: numberIn(1, 60_000, true), requests: count, tokens: count }, ['windowMs']);
const limits = mapOf(shape({ rpm: count, tpm: count, rpd: count, concurrency: count, rpdTimezone: timezone, burst }));

const router = shape({
  policy,
  weights: mapOf(mapOf(numberIn(0, 1_000))),
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

/** Settings of a single request, with the same messages but the code of a wrong request. */
export function checkRequestSettings(request: Record<string, unknown>): void {
  try {
    requestSettings(pick(request, Object.keys(requestFields)), '');
  } catch (thrown) {
    const error = VibeError.from(thrown);
    throw new VibeError('invalid_request', error.message, { details: error.details, next: error.next });
  }
}

const requestFields: Readonly<Record<string, Check>> = {
  model: string,
  route: policy,
  regions: listOf(string),
  minTier: tier,
  maxCostUsd: usd,
  tags: mapOf((value, path) => {
    if (typeof value !== 'string') throw bad(path, 'a string', value);
  }),
  timeout: timeoutOptions,
  retry: retryOptions,
  waitOnRateLimit: boolean,
  maxWaitMs: ms,
  onCancel: oneOf('abort', 'drain'),
  dryRun: boolean,
  idempotencyKey: string,
  traceId: string,
  providerOptions: mapOf(anything),
  maxOutputTokens: count,
  countTokens: boolean,
  temperature: numberIn(0, 10),
  topP: numberIn(0, 1),
  stop: listOf(string),
  seed: numberIn(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, true),
  reasoning: (value, path) => {
    if (typeof value === 'object')
      shape({ budgetTokens: numberIn(0, 10_000_000, true) }, ['budgetTokens'])(value, path);
    else oneOf('off', 'low', 'medium', 'high')(value, path);
  },
};
const requestSettings = shape(requestFields);

function pick(object: Record<string, unknown>, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(keys.filter((key) => object[key] !== undefined).map((key) => [key, object[key]]));
}

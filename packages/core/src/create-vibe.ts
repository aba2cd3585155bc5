import { buildChain } from './chain.js';
import { checkVibeOptions } from './client/check-options.js';
import { collectParts } from './client/collect-parts.js';
import { VibeClient } from './client/vibe-client.js';
import { isDebugging, writeDecisions } from './debug/debug-output.js';
import { callDefaults } from './defaults/call-defaults.js';
import { memoryLedger } from './defaults/memory-ledger.js';
import { memoryLimiter } from './defaults/memory-limiter.js';
import { VibeError } from './errors/vibe-error.js';
import { PriceBook } from './estimate/price-book.js';
import { EventHub } from './flow/event-hub.js';
import { withMiddleware } from './flow/with-middleware.js';
import { Circuits } from './policies/circuits.js';
import { Catalog } from './routing/catalog.js';
import { defaultRouter } from './routing/default-router.js';
import { DowngradeRules } from './routing/downgrade.js';
import { HeadroomCache } from './routing/headroom.js';
import { HealthBoard } from './routing/health-board.js';
import { OwnCalls } from './routing/own-calls.js';
import { Planner } from './routing/planner.js';
import { Reachability } from './routing/reachability.js';
import { type ConfiguredBudget, configureBudgets } from './routing/resolve-budgets.js';
import { StatsCache } from './routing/stats-cache.js';
import { TokenCounts } from './routing/token-counts.js';
import { unknownNames } from './routing/unknown-names.js';
import type { CallDefaults, VibeOptions } from './spec/options.js';
import type { PluginHost } from './spec/plugin.js';
import type { RouterOptions } from './spec/router.js';
import type { Vibe } from './spec/vibe.js';
import { Telemetry } from './telemetry/telemetry.js';

/** What surrounds a client: time and chance for tests, and where its options were written. */
export interface Environment {
  /** Epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number;
  /** Uniform in [0, 1). Default `Math.random`. */
  readonly random?: () => number;
  /** Where each of `options.budgets` was written (`vibe.config.yaml:7`), so that a refusal can name it. Default `createVibe`. */
  readonly budgetOrigins?: readonly string[];
  /** Default `process.env`, where there is one. `VIBE_DEBUG=1` writes the decisions of every call. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Keys that are kept elsewhere than in the environment, by the name of the variable; for plugins. */
  readonly secret?: (variable: string) => string | undefined;
  /** Takes the lines of `VIBE_DEBUG`. Default: standard error. */
  readonly debug?: (line: string) => void;
}

const defaultStatsMaxAgeMs = 5_000;

/**
 * Makes a client. Options and plugins are checked at once; files and workers are opened by the first call.
 * Throws `config` with the path of the bad option, or with the names of plugins that do not fit together.
 */
export function createVibe(options: VibeOptions, environment: Environment = {}): Vibe {
  checkVibeOptions(options);
  const now = environment.now ?? Date.now;
  const random = environment.random ?? Math.random;
  const events = new EventHub();
  if (isDebugging(environment.env)) writeDecisions(events, environment.debug);
  const telemetry = new Telemetry(options.telemetry?.semconv ?? 'v1.41', events);
  const collected = collectParts(options.plugins, hostOf(environment, now, random, events));
  const ledger = collected.ledger ?? memoryLedger({ now });
  const limiter = collected.limiter ?? memoryLimiter(now);
  const prices = new PriceBook(collected.pricing);
  const mode = options.mode ?? 'best_effort';
  const budgets = configureBudgets(options.budgets ?? [], mode, environment.budgetOrigins ?? []);
  const circuits = new Circuits(options.breaker ?? {}, ({ target, from, to, openUntilMs, adopted }) => {
    events.emit('breaker', { target, from, to });
    if (!adopted && to !== 'half_open') health.tell(target, to, openUntilMs);
  });
  const reachability = new Reachability({ ledger, events, intervalMs: options.router?.probeIntervalMs, now });
  const health = new HealthBoard(ledger, circuits, reachability, now);
  requirePrices(prices, budgets, events);
  const catalog = new Catalog(collected.providers);
  for (const warning of unknownNames(options, catalog.targets, collected.router !== null))
    events.emit('warning', { callId: null, warning });
  const headroom = new HeadroomCache(limiter, now);
  const downgrade = new DowngradeRules(options.router ?? {});
  const planner = new Planner({
    catalog,
    router: collected.router ?? defaultRouter(),
    routerOptions: withRegions(options),
    prices,
    tokenizers: collected.tokenizers,
    circuits,
    own: new OwnCalls(events, now),
    stats: new StatsCache(ledger, options.router?.statsMaxAgeMs ?? defaultStatsMaxAgeMs, now),
    headroom,
    reachability,
    downgrade,
    budgets,
    mode,
    onUnpriced: options.onUnpriced ?? 'warn',
    limits: options.limits ?? {},
    ...plannerDefaults(options.defaults ?? {}),
    counts: new TokenCounts(limiter, options),
    now,
  });
  const chain = buildChain({
    planner,
    headroom,
    ledger,
    limiter,
    circuits,
    health,
    prices,
    events,
    telemetry,
    downgrade,
    now,
    random,
  });
  const handler = withMiddleware(chain, [...(options.middleware ?? []), ...collected.middleware]);
  return new VibeClient({
    handler,
    planner,
    health,
    ledger,
    limiter,
    events,
    budgets,
    defaults: options.defaults ?? {},
    dryRun: options.dryRun ?? false,
    now,
    providers: collected.providers,
    telemetry,
    reachability,
  });
}

function plannerDefaults({ model, maxOutputTokens, maxAudioSeconds, timeout }: CallDefaults) {
  return {
    defaultModel: model ?? 'auto',
    defaultMaxOutputTokens: maxOutputTokens,
    defaultMaxAudioSeconds: maxAudioSeconds,
    defaultTotalMs: timeout?.totalMs ?? callDefaults.totalMs,
  };
}

/** What plugins may use of their surroundings. */
function hostOf({ secret }: Environment, now: () => number, random: () => number, events: EventHub): PluginHost {
  return {
    now,
    random,
    warn: (warning) => events.emit('warning', { callId: null, warning }),
    ...(secret !== undefined && { secret }),
  };
}

/** What holds for every call is a rule without tags. */
function withRegions({ router = {}, regions }: VibeOptions): RouterOptions {
  if (regions === undefined) return router;
  return { ...router, compliance: [{ tags: {}, regions }, ...(router.compliance ?? [])] };
}

/** A budget without prices counts nothing: refused in strict mode, told otherwise. */
function requirePrices(prices: PriceBook, budgets: readonly ConfiguredBudget[], events: EventHub): void {
  if (!prices.isEmpty || budgets.length === 0) return;
  const strict = budgets.some(({ resolved }) => resolved.mode === 'strict_budget' && !resolved.shadow);
  const message = 'Budgets are configured, but no pricing plugin: no call can be priced.';
  const next = ['Add pricingRegistry() from @vibe/pricing-registry to `plugins`, or another pricing plugin.'];
  if (strict) throw new VibeError('config', `${message} In strict_budget mode every call would be refused.`, { next });
  events.emit('warning', {
    callId: null,
    warning: { code: 'no_pricing', message: `${message} They count nothing until one is added. ${next[0]}` },
  });
}

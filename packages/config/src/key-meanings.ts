import { formatPath, parsePath } from './path.js';

/** What each key of a config file means, for editors (JSON Schema) and for `llm config get`. `*` stands for any name. */
export const keyMeanings: Readonly<Record<string, string>> = {
  plugins:
    'Packages (or paths such as ./plugin.js) that bring providers, ledger, prices, …; with options: { name, options }.',
  'plugins[].name': 'A package, or a path that begins with "./".',
  'plugins[].options': 'What the plugin is called with. No keys in project files: `llm keys set`, or the environment.',
  budgets: 'Limits on money. All layers count; the same budget in two layers has the lower limit.',
  'budgets[].id': 'How reports and refusals call it.',
  'budgets[].window': 'The time it counts over.',
  'budgets[].limitUsd': 'In US dollars.',
  'budgets[].tags': 'Only calls with these tags; "*" makes one budget per value.',
  'budgets[].provider': 'Only calls to this provider.',
  'budgets[].model': 'Only calls to this model.',
  'budgets[].endpoint': 'Only calls to this endpoint.',
  'budgets[].mode': 'Default: `mode`.',
  'budgets[].warnAt': 'Shares of the limit at which to warn: 0.8 is 80 %.',
  'budgets[].shadow': 'Only reports what it would have refused.',
  'budgets[].timezone': 'IANA time zone in which days begin. Default: that of the ledger.',
  mode: 'strict_budget: nothing that does not fit is ever sent. best_effort (default): refused as far as this process knows.',
  limits: 'Rate limits by target: "qwen-plus", "qwen@sg/*", "*". The most specific counts; no layer raises another.',
  'limits.*.rpm': 'Requests per minute.',
  'limits.*.tpm': 'Tokens per minute.',
  'limits.*.rpd': 'Requests per day.',
  'limits.*.concurrency': 'Requests at the same time.',
  'limits.*.rpdTimezone': 'IANA time zone in which days begin.',
  'limits.*.burst': 'A limit within a shorter window.',
  'limits.*.burst.windowMs': 'Length of the window in ms.',
  'limits.*.burst.requests': 'Requests within the window.',
  'limits.*.burst.tokens': 'Tokens within the window.',
  router: 'How a model is chosen when a call leaves the choice.',
  'router.policy': 'Default: smart.',
  'router.weights': 'Weight of each score part, by policy.',
  'router.order': 'Models for the policy `fixed`, best first.',
  'router.downgrade': 'When a better model does not fit.',
  'router.downgrade.allow': 'Default true; always told.',
  'router.downgrade.minTier': 'Never below this tier.',
  'router.downgrade.steps': 'The models that may take over, in this order.',
  'router.compliance': 'Regions for calls with certain tags. All rules of all layers hold.',
  'router.compliance[].tags': 'The calls it holds for; * is any value of a tag.',
  'router.compliance[].regions': 'Where they may go.',
  'router.statsMaxAgeMs': 'How old the statistics may be, in ms. Default 5,000.',
  'router.probeIntervalMs':
    'How often the endpoints of a provider with several are asked whether they are reachable, in ms. 0: never. Default 30,000.',
  'router.exploration':
    'Lets a bounded share of the calls go to candidates about which little is known. Default: none.',
  'router.exploration.share': 'At most this share of the calls, 0 to 0.2.',
  'router.exploration.seed': 'Decides which calls. Default 1.',
  'router.exploration.maxCostFactor':
    'Only candidates that are expected to cost at most this many times as much as the best one. Default 3, under cheap 1.3 once a candidate is known.',
  regions: 'The only regions that any call may go to. Of two layers only what both allow.',
  defaults: 'What a call that says nothing else gets.',
  'defaults.model': '"qwen-plus", "qwen/qwen-plus", "qwen@sg/qwen-plus" or "auto".',
  'defaults.maxWaitMs': 'Longest wait for rate limits per call, in ms. Default 30,000.',
  'defaults.retry': 'Over all candidates of a call.',
  'defaults.retry.attempts': 'Physical requests. Default 4.',
  'defaults.retry.budgetMs':
    'Until when another attempt or wait may start, in ms. Default 60,000, or maxWaitMs where that is longer.',
  'defaults.retry.on429': 'Whether a 429 of the provider is waited for. Default true.',
  'defaults.timeout': 'In ms.',
  'defaults.timeout.connectMs': 'Default 10,000.',
  'defaults.timeout.firstChunkMs': 'Default 60,000.',
  'defaults.timeout.chunkMs': 'Between two pieces of an answer. Default 60,000.',
  'defaults.timeout.totalMs': 'Default 600,000.',
  'defaults.timeout.idleMs': 'When nobody reads the answer any more. Default 60,000.',
  'defaults.maxOutputTokens': 'Longest answer, thinking included.',
  'defaults.maxAudioSeconds': 'Longest sound behind an address; without it strict calls with one may be refused.',
  'defaults.countTokens':
    'Whether the service counts the tokens of a chat before its hold, by one free request more. Default false.',
  'defaults.countTimeoutMs': 'How long such a count may take, in ms. Default 2,000.',
  breaker: 'When a model at an endpoint is left alone for a while.',
  'breaker.failures': 'Failures in a row. Default 5.',
  'breaker.failRate': 'Share of failures within windowMs. Default 0.5.',
  'breaker.windowMs': 'Default 60,000.',
  'breaker.cooldownMs': 'How long it is left alone. Default 30,000.',
  'breaker.probes': 'Calls that try it afterwards, at the same time. Default 1.',
  onUnpriced: 'best_effort only: what to do with a call whose price is unknown. Default warn.',
  telemetry: 'OpenTelemetry.',
  'telemetry.semconv': 'Which GenAI conventions the names follow. Default v1.41.',
  middleware: 'Plugins that bring middleware, the outermost first.',
  'middleware[].name': 'A package, or a path that begins with "./".',
  'middleware[].options': 'What the plugin is called with.',
  dryRun: 'Plan and price every call, send nothing and write nothing.',
};

/** A key in its own form and what it means: of the nearest key above that has a meaning. Null: no file may have it. */
export function keyMeaning(key: string): { readonly wanted: string; readonly meaning: string } | null {
  const path = parsePath(key);
  if (path === null) return null;
  let pattern = '';
  let meaning: string | undefined;
  for (const step of path) {
    const named = pattern === '' ? String(step) : `${pattern}.${step}`;
    const names = [typeof step === 'number' ? `${pattern}[]` : named, `${pattern}.*`];
    const known = names.find((name) => Object.keys(keyMeanings).some((each) => isWithin(each, name)));
    if (known === undefined && !openPatterns.some((open) => isWithin(pattern, open))) return null;
    pattern = known ?? pattern;
    meaning = keyMeanings[pattern] ?? meaning;
  }
  return meaning === undefined ? null : { wanted: formatPath(path), meaning };
}

/** Below these, names are the user's own. */
const openPatterns = [
  'plugins[].options',
  'middleware[].options',
  'budgets[].tags',
  'budgets[].warnAt',
  'router.weights',
  'router.order',
  'router.downgrade.steps',
  'router.compliance[].tags',
  'router.compliance[].regions',
  'regions',
];

function isWithin(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(`${outer}.`) || inner.startsWith(`${outer}[`);
}

import { built } from '../lib/from-package.mjs';
import { draw, spread } from './random.mjs';

const { VibeError } = await built('core');
const { pricingRegistry } = await built('pricing-registry');

const windowMs = 60_000;
/** How often a long answer shows that it is alive. */
const deltaMs = 10_000;

/** The services of a scenario as providers in virtual time: real plugin interface, no socket. */
export function services(scenario, weather, time, seed) {
  const providers = new Map();
  for (const candidate of scenario.candidates) {
    const { provider } = candidate;
    if (!providers.has(provider)) providers.set(provider, []);
    providers.get(provider).push(candidate);
  }
  const arrivals = new Map();
  return [...providers].map(([id, candidates]) => ({
    kind: 'provider',
    id,
    endpoints: unique(candidates, ({ endpoint }) => endpoint).map(({ endpoint, region }) => ({
      id: endpoint,
      region,
      baseUrl: `https://${endpoint}.${id}.example`,
      keyPresent: () => true,
    })),
    models: unique(candidates, ({ model }) => model).map((candidate) => manifestOf(candidate, candidates)),
    // What a tokenizer would say; the chain adds the output.
    estimate: ({ providerOptions }) => ({
      quantities: { input_token: providerOptions.work.inputTokens },
      unknown: true,
      source: 'estimated',
    }),
    stream: (call) => answer(call, candidates, { weather, time, seed, arrivals }),
  }));
}

const unique = (list, keyOf) => [...new Map(list.map((entry) => [keyOf(entry), entry])).values()];

const manifestOf = ({ model, tier }, candidates) => ({
  id: model,
  operations: ['chat'],
  input: ['text'],
  output: ['text'],
  streams: true,
  tools: true,
  structured: true,
  reasoning: false,
  tier,
  contextTokens: 131_072,
  maxOutputTokens: 8_192,
  endpoints: candidates.filter((other) => other.model === model).map(({ endpoint }) => endpoint),
});

async function* answer({ request, endpoint, model, signal }, candidates, { weather, time, seed, arrivals }) {
  const { name } = candidates.find((each) => each.model === model.id && each.endpoint === endpoint.id);
  const { work } = request.providerOptions;
  const now = weather.of(name, time.nowMs);
  // A retry is another draw of the same dice.
  const attempt = ++work.attempts;
  const dice = [seed, work.index, name, attempt];
  refuseAboveLimit(name, now, time.nowMs, arrivals);
  const pace = now.latencyFactor * spread(now.spread, ...dice, 'pace');
  const ttftMs = now.ttftMs * pace;
  if (draw(...dice, 'fails') < now.failRate) {
    await time.wait(Math.min(ttftMs, now.failAfterMs ?? 400), signal);
    throw new VibeError('provider_unavailable', 'The service is overloaded.', { status: 503, retryable: true });
  }
  await time.wait(ttftMs, signal);
  yield { type: 'delta', part: { type: 'text', text: 'x' }, text: 'x' };
  const wanted = Math.round(work.outputTokens * now.verbosity * spread(0.15, ...dice, 'words'));
  const outputTokens = Math.max(1, Math.min(wanted, request.maxOutputTokens ?? wanted));
  for (let restMs = outputTokens * now.msPerToken * pace; restMs > 0; restMs -= deltaMs) {
    await time.wait(Math.min(restMs, deltaMs), signal);
    yield { type: 'delta', part: { type: 'text', text: 'x' }, text: 'x' };
  }
  const usage = {
    quantities: { input_token: work.inputTokens, output_token: outputTokens },
    unknown: false,
    source: 'provider',
  };
  const finish = { finishReason: 'stop', rawFinishReason: 'stop', servedModel: null, requestId: null };
  yield { type: 'final', result: { content: [{ type: 'text', text: 'x' }], usage, ...finish } };
}

/** The service's own limit, of which the client may or may not know. */
function refuseAboveLimit(name, { serviceRpm }, nowMs, arrivals) {
  if (serviceRpm === undefined) return;
  const recent = (arrivals.get(name) ?? []).filter((atMs) => atMs > nowMs - windowMs);
  arrivals.set(name, recent);
  if (recent.length >= serviceRpm) {
    const retryAfterMs = recent[0] + windowMs - nowMs;
    const details = { limitScope: 'minute' };
    throw new VibeError('provider_rate_limited', 'Too many requests.', {
      status: 429,
      retryable: true,
      retryAfterMs,
      details,
    });
  }
  recent.push(nowMs);
}

/** The prices of the registry, times what the scenario says of the moment. */
export function prices(scenario, weather, time) {
  const made = pricingRegistry();
  const host = { now: () => time.nowMs, random: Math.random, warn: () => undefined };
  const registry = made.kind === 'plugin' ? [made.create(host)].flat()[0] : made;
  const nameOf = new Map(
    scenario.candidates.map(({ name, provider, model, region }) => [`${provider}/${model}@${region}`, name]),
  );
  return {
    kind: 'pricing',
    rates: (query) => registry.rates(query),
    nextChangeMs: (atMs) => earlier(weather.nextPhaseMs(atMs), registry.nextChangeMs?.(atMs) ?? null),
    price(query) {
      const priced = registry.price(query);
      const name = nameOf.get(`${query.provider}/${query.model}@${query.region}`);
      if (priced === null || name === undefined) return priced;
      const { priceFactor } = weather.of(name, query.atMs);
      if (priceFactor === 1) return priced;
      const lines = priced.lines.map((line) => {
        const nanoUsd = Math.ceil(line.nanoUsd * priceFactor);
        return { ...line, nanoUsd, usd: nanoUsd / 1e9 };
      });
      return { ...priced, lines, totalNanoUsd: lines.reduce((sum, { nanoUsd }) => sum + nanoUsd, 0) };
    },
  };
}

/** Null: never. */
const earlier = (first, second) => (first === null || second === null ? (first ?? second) : Math.min(first, second));

import type { ModelManifest, Policy, RouteOption, RouteRequest, RouterView, TargetStats, Usage } from '@vibe/core';
import { randomSource, wholeNumber } from '../random.js';

const policies: readonly Policy[] = ['smart', 'cheap', 'fast', 'quality', 'fixed'];
const tiers = ['economy', 'standard', 'premium'] as const;

export interface RouterQuestion {
  readonly request: RouteRequest;
  readonly view: RouterView;
}

/** What an option of a view is made from; everything else is the same for all. */
export interface OptionTraits {
  readonly model: string;
  readonly endpoint?: string;
  readonly tier?: ModelManifest['tier'];
  /** Null: unpriced. */
  readonly nanoUsd?: number | null;
  readonly circuit?: RouteOption['circuit'];
  /** Of 1,000 calls; null: the target was never called. */
  readonly seen?: { readonly p50Ms: number; readonly failRate: number } | null;
}

export function optionOf(traits: OptionTraits): RouteOption {
  const { model, endpoint = 'main', tier = 'standard', nanoUsd = 1_000, circuit = 'closed', seen = null } = traits;
  const target = { provider: 'acme', profile: 'default', endpoint, region: 'global', model };
  const estimatedUsage: Usage = {
    quantities: { input_token: 10, output_token: 100 },
    unknown: true,
    source: 'estimated',
  };
  return {
    target,
    endpoint: { id: endpoint, region: 'global', baseUrl: `https://${endpoint}.example`, keyPresent: () => true },
    manifest: {
      id: model,
      operations: ['chat'],
      input: ['text'],
      output: ['text'],
      streams: true,
      tools: false,
      structured: false,
      reasoning: false,
      tier,
    },
    cost: {
      estimatedUsage,
      worstCaseUsage: estimatedUsage,
      estimatedNanoUsd: nanoUsd,
      worstCaseNanoUsd: nanoUsd === null ? null : nanoUsd * 2,
      unboundedReason: nanoUsd === null ? 'no price is known' : null,
      maxOutputTokens: 100,
    },
    circuit,
    stats: seen === null ? null : statsOf(target, seen, nanoUsd),
    mustBePriced: false,
  };
}

function statsOf(
  target: RouteOption['target'],
  { p50Ms, failRate }: NonNullable<OptionTraits['seen']>,
  costNanoUsd: number | null,
): TargetStats {
  return { ...target, calls: 1_000, failRate, p50Ms, p95Ms: p50Ms * 2, ttftMs: p50Ms / 4, costNanoUsd };
}

export function questionOf(
  policy: Policy,
  options: readonly RouteOption[],
  router: RouterView['router'] = {},
): RouterQuestion {
  return {
    request: {
      operation: 'chat',
      request: { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] },
      inputTokens: 10,
      policy,
    },
    view: { nowMs: Date.parse('2026-03-10T12:00:00Z'), options, router },
  };
}

/** Views of every size and kind, the same in every run. */
export function* someQuestions(): Generator<RouterQuestion> {
  const random = randomSource(7);
  const oneOf = <T>(values: readonly T[]): T => values[wholeNumber(random, 0, values.length - 1)] as T;
  for (let round = 0; round < 100; round++) {
    const options = Array.from({ length: wholeNumber(random, 0, 12) }, (_, index) =>
      optionOf({
        model: `acme-${Math.floor(index / 2)}`,
        endpoint: index % 2 === 0 ? 'main' : 'far',
        tier: oneOf(tiers),
        nanoUsd: random() < 0.2 ? null : wholeNumber(random, 0, 1_000_000),
        circuit: oneOf(['closed', 'half_open'] as const),
        seen: random() < 0.3 ? null : { p50Ms: wholeNumber(random, 1, 60_000), failRate: random() },
      }),
    );
    const order = options.filter(() => random() < 0.5).map(({ target }) => target.model);
    yield questionOf(policies[round % policies.length] as Policy, options, { order });
  }
}

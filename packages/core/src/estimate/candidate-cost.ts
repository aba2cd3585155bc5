import { addUsage } from '../money/usage.js';
import type { Call } from '../spec/middleware.js';
import type { NanoUsd } from '../spec/money.js';
import type { ModelManifest } from '../spec/provider.js';
import type { CandidateCost } from '../spec/router.js';
import type { Target } from '../spec/target.js';
import type { Quantities, Usage } from '../spec/usage.js';
import type { PriceBook } from './price-book.js';
import type { InputBound } from './request-usage.js';

/** What an answer usually needs at most. Only for expectations (ranking, rate limits): the hold covers the cap. */
const usualOutputTokens = 1_024;

export interface CostQuestion {
  readonly call: Call;
  readonly target: Target;
  readonly manifest: ModelManifest;
  readonly input: InputBound;
  /** From `defaults.maxOutputTokens`. */
  readonly defaultMaxOutputTokens: number | undefined;
  readonly prices: PriceBook;
  readonly atMs: number;
}

/** What a candidate would consume and cost: as expected, and at most. */
export function candidateCost(question: CostQuestion): CandidateCost {
  const { call, manifest, input } = question;
  if (call.operation !== 'chat') return mediaCost(question);
  const maxOutputTokens = outputCap(
    call.request.maxOutputTokens ?? question.defaultMaxOutputTokens,
    manifest.maxOutputTokens,
  );
  const estimatedUsage = estimated(input.quantities, {
    output_token: Math.min(maxOutputTokens ?? usualOutputTokens, usualOutputTokens),
  });
  const worstCases = [estimated(input.quantities, { output_token: maxOutputTokens ?? 0 })];
  // A model that thinks may spend the whole cap at the thinking rate.
  if (manifest.reasoning) worstCases.push(estimated(input.quantities, { reasoning_token: maxOutputTokens ?? 0 }));
  const unbounded =
    input.unboundedReason ??
    (maxOutputTokens === null ? 'no maxOutputTokens is given and the model states none' : null);
  return priced(question, estimatedUsage, worstCases, unbounded, maxOutputTokens);
}

/** What was asked, but never more than the model can do. Null when neither is known. */
function outputCap(asked: number | undefined, modelCap: number | undefined): number | null {
  if (asked === undefined) return modelCap ?? null;
  return modelCap === undefined ? asked : Math.min(asked, modelCap);
}

function mediaCost(question: CostQuestion): CandidateCost {
  const { call, input } = question;
  const paints = call.operation === 'paint' && input.whole !== true;
  const output: Quantities = paints ? { image: call.request.count ?? 1 } : {};
  const usage = estimated(input.quantities, output);
  return priced(question, usage, [usage], input.unboundedReason, null);
}

function priced(
  question: CostQuestion,
  estimatedUsage: Usage,
  worstCases: readonly Usage[],
  unboundedReason: string | null,
  maxOutputTokens: number | null,
): CandidateCost {
  const { prices, target, atMs } = question;
  let worstCaseUsage = worstCases[0] ?? estimatedUsage;
  let worstCaseNanoUsd: NanoUsd | null = -1;
  for (const usage of worstCases) {
    const total: NanoUsd | null = prices.price(target, null, atMs, usage)?.totalNanoUsd ?? null;
    if (total === null) {
      worstCaseNanoUsd = null;
      break;
    }
    if (worstCaseNanoUsd !== null && total > worstCaseNanoUsd) {
      worstCaseNanoUsd = total;
      worstCaseUsage = usage;
    }
  }
  const reason =
    unboundedReason ??
    (worstCaseNanoUsd === null
      ? `no price is known for ${target.provider}/${target.model} in region ${target.region}`
      : null);
  return {
    estimatedUsage,
    worstCaseUsage,
    estimatedNanoUsd: prices.price(target, null, atMs, estimatedUsage)?.totalNanoUsd ?? null,
    worstCaseNanoUsd: reason === null ? worstCaseNanoUsd : null,
    unboundedReason: reason,
    maxOutputTokens,
  };
}

function estimated(input: Quantities, output: Quantities): Usage {
  return addUsage(
    { quantities: input, unknown: true, source: 'estimated' },
    { quantities: output, unknown: true, source: 'estimated' },
  );
}

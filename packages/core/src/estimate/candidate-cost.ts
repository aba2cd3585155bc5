import type { Call } from '../spec/middleware.js';
import type { CostLine, NanoUsd } from '../spec/money.js';
import type { Priced } from '../spec/pricing.js';
import type { ModelManifest } from '../spec/provider.js';
import type { CandidateCost } from '../spec/router.js';
import type { Target } from '../spec/target.js';
import type { BillingUnit, Quantities, Usage } from '../spec/usage.js';
import type { PriceBook } from './price-book.js';
import type { InputBound } from './request-usage.js';
import { mayThink } from './thinks.js';

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
  /** When it will be priced: now, and whenever a price may change until the call's deadline. */
  readonly moments: readonly number[];
}

/** What a candidate would consume and cost: as expected, and at most. On the path of every call, once per candidate. */
export function candidateCost(question: CostQuestion): CandidateCost {
  const { call, manifest, input, target } = question;
  if (call.operation !== 'chat') return mediaCost(question);
  const { request } = call;
  const maxOutputTokens = outputCap(
    request.maxOutputTokens ?? question.defaultMaxOutputTokens,
    manifest.maxOutputTokens,
  );
  const cap = maxOutputTokens ?? 0;
  const expected = Math.min(maxOutputTokens ?? usualOutputTokens, usualOutputTokens);
  const expectedUsage = estimated(input, 'output_token', expected);
  const quietUsage = cap === expected ? expectedUsage : estimated(input, 'output_token', cap);
  const unbounded =
    input.unboundedReason ??
    (maxOutputTokens === null ? 'no maxOutputTokens is given and the model states none' : null);
  // A model that thinks may spend the whole cap at the thinking rate.
  const thinkingUsage = mayThink(request, manifest, target.provider) ? estimated(input, 'reasoning_token', cap) : null;
  return priced(question, expectedUsage, quietUsage, thinkingUsage, unbounded, maxOutputTokens);
}

/** What was asked, but never more than the model can do. Null when neither is known. */
function outputCap(asked: number | undefined, modelCap: number | undefined): number | null {
  if (asked === undefined) return modelCap ?? null;
  return modelCap === undefined ? asked : Math.min(asked, modelCap);
}

function mediaCost(question: CostQuestion): CandidateCost {
  const { call, input } = question;
  const paints = call.operation === 'paint' && input.whole !== true;
  const usage = estimated(input, 'image', paints ? (call.request.count ?? 1) : 0);
  return priced(question, usage, usage, null, input.unboundedReason, null);
}

function priced(
  question: CostQuestion,
  estimatedUsage: Usage,
  quietUsage: Usage,
  thinkingUsage: Usage | null,
  unboundedReason: string | null,
  maxOutputTokens: number | null,
): CandidateCost {
  const { target, moments } = question;
  const [nowMs = 0] = moments;
  const expected = question.prices.price(target, null, nowMs, estimatedUsage);
  const known = quietUsage === estimatedUsage ? expected : undefined;
  const quietNanoUsd = dearest(question, quietUsage, known);
  const thinkingNanoUsd = thinkingUsage === null ? quietNanoUsd : dearest(question, thinkingUsage, undefined);
  const isPriced = quietNanoUsd !== null && thinkingNanoUsd !== null;
  const thinkingIsDearer = thinkingUsage !== null && isPriced && thinkingNanoUsd > quietNanoUsd;
  const reason = unboundedReason ?? (isPriced ? null : unpricedReason(target, expected !== null));
  return {
    estimatedUsage,
    worstCaseUsage: thinkingIsDearer ? thinkingUsage : quietUsage,
    estimatedNanoUsd: expected?.totalNanoUsd ?? null,
    estimatedOutputNanoUsd: expected === null ? null : outputNanoUsdOf(expected.lines),
    worstCaseNanoUsd: reason !== null ? null : thinkingIsDearer ? thinkingNanoUsd : quietNanoUsd,
    unboundedReason: reason,
    maxOutputTokens,
  };
}

/** The most a usage costs while the call may run; null when it has no price at some time. `now`: its price now, where that is known already. */
function dearest(
  { call, prices, target, moments }: CostQuestion,
  usage: Usage,
  now: Priced | null | undefined,
): NanoUsd | null {
  let most = 0;
  for (const [index, atMs] of moments.entries()) {
    const bill = index === 0 && now !== undefined ? now : prices.price(target, null, atMs, usage);
    if (bill === null) return null;
    most = Math.max(most, bill.totalNanoUsd + (call.operation === 'chat' ? roundingOf(bill.lines) : 0));
  }
  return most;
}

function unpricedReason({ provider, model, region }: Target, hasPriceNow: boolean): string {
  const when = hasPriceNow ? ' until the end of timeout.totalMs' : '';
  return `no price is known for ${provider}/${model} in region ${region}${when}`;
}

/** What of a bill is for the answer. */
export function outputNanoUsdOf(lines: readonly CostLine[]): NanoUsd {
  let nanoUsd = 0;
  for (const line of lines)
    if (line.unit === 'output_token' || line.unit === 'reasoning_token') nanoUsd += line.nanoUsd;
  return nanoUsd;
}

/**
 * The bill of a chat may have more lines than its worst case: cached and written input, thoughts beside an answer. Each line
 * is rounded up, so where a unit costs no whole number of nano-USD two more lines may cost two more.
 */
function roundingOf(lines: readonly CostLine[]): NanoUsd {
  let rounding = 0;
  for (const { nanoUsd, quantity } of lines) if (nanoUsd % quantity !== 0) rounding += 2;
  return rounding;
}

/** The input with `quantity` more of one unit. */
function estimated({ quantities: input, serviceTier }: InputBound, unit: BillingUnit, quantity: number): Usage {
  const quantities = quantity === 0 ? input : withMore(input, unit, quantity);
  return serviceTier === undefined
    ? { quantities, unknown: true, source: 'estimated' }
    : { quantities, unknown: true, source: 'estimated', serviceTier };
}

/** A loop, since a spread with a key behind it takes ten times as long, and this runs for every candidate. */
function withMore(input: Quantities, added: BillingUnit, quantity: number): Quantities {
  const quantities: Record<string, number> = {};
  for (const unit in input) {
    const present = input[unit];
    if (present !== undefined) quantities[unit] = present;
  }
  quantities[added] = (input[added] ?? 0) + quantity;
  return quantities;
}

import { formatUsd, nanoUsdOf } from '../money/nano-usd.js';
import type { AudioPart, FileRefPart } from '../spec/content.js';
import type { ErrorCode } from '../spec/error-code.js';
import type { Call } from '../spec/middleware.js';
import type { ComplianceRule, RejectedRoute, RouteOption } from '../spec/router.js';
import type { Region, Tier } from '../spec/target.js';

/** What the rules look at besides the option itself. */
export interface EligibilityQuestion {
  readonly call: Call;
  readonly inputTokens: number;
  readonly compliance: readonly ComplianceRule[];
}

type Rule = (
  option: RouteOption,
  question: EligibilityQuestion,
) => { readonly code: ErrorCode; readonly reason: string } | null;

const tierRank: Readonly<Record<Tier, number>> = { economy: 0, standard: 1, premium: 2 };

/** Hard rules, in the order in which their reasons are most useful to read. Fails closed: the first reason rejects. */
const rules: readonly Rule[] = [operation, modalities, abilities, region, tier, key, context, price, ceiling, circuit];

/** Why an option may not serve the call; null when it may. */
export function rejectionOf(option: RouteOption, question: EligibilityQuestion): RejectedRoute | null {
  for (const rule of rules) {
    const rejection = rule(option, question);
    if (rejection !== null) return { target: option.target, ...rejection };
  }
  return null;
}

function operation({ manifest }: RouteOption, { call }: EligibilityQuestion) {
  if (manifest.operations.includes(call.operation)) return null;
  return { code: 'no_route', reason: `it cannot ${call.operation}` } as const;
}

function modalities({ manifest }: RouteOption, { call }: EligibilityQuestion) {
  if (call.operation === 'transcribe') return audioInput(manifest, call.request.audio);
  if (call.operation !== 'chat') return null;
  for (const message of call.request.messages) {
    for (const part of message.content) {
      const isMedia = part.type === 'image' || part.type === 'audio' || part.type === 'file_ref';
      if (isMedia && !manifest.input.includes(part.type))
        return { code: 'no_route', reason: `it takes no ${part.type} input` } as const;
    }
  }
  return null;
}

/** A model that takes files only takes the address of an audio too, but not its bytes. */
function audioInput({ input }: RouteOption['manifest'], audio: AudioPart | FileRefPart) {
  if (audio.type === 'file_ref' || input.includes('audio')) return null;
  const { data } = audio;
  if (data instanceof URL || (typeof data === 'string' && /^https?:\/\//i.test(data))) return null;
  return { code: 'no_route', reason: 'it takes the address of an audio, not its bytes' } as const;
}

function abilities({ manifest }: RouteOption, { call }: EligibilityQuestion) {
  if (call.operation !== 'chat') return null;
  if ((call.request.tools?.length ?? 0) > 0 && !manifest.tools)
    return { code: 'no_route', reason: 'it cannot call tools' } as const;
  return null;
}

/** Every place the endpoint talks to must be allowed, not only its chat API. */
function region({ endpoint }: RouteOption, question: EligibilityQuestion) {
  const allowed = allowedRegions(question);
  if (allowed === null) return null;
  for (const used of [endpoint.region, ...(endpoint.alsoUses ?? []).map((place) => place.region)]) {
    if (!used)
      return { code: 'no_route', reason: `its region is not declared, allowed are ${allowed.join(', ')}` } as const;
    if (!allowed.includes(used))
      return {
        code: 'no_route',
        reason: `region ${used} is not allowed, allowed are ${allowed.join(', ') || 'none'}`,
      } as const;
  }
  return null;
}

/** The regions of the request and of every compliance rule that matches its tags, intersected. Null: no restriction. */
function allowedRegions({ call, compliance }: EligibilityQuestion): readonly Region[] | null {
  const tags = call.request.tags ?? {};
  const matching = compliance.filter((rule) => Object.entries(rule.tags).every(([tag, value]) => tags[tag] === value));
  const lists = [
    ...(call.request.regions === undefined ? [] : [call.request.regions]),
    ...matching.map((rule) => rule.regions),
  ];
  const [first, ...others] = lists;
  if (first === undefined) return null;
  return first.filter((name) => others.every((list) => list.includes(name)));
}

function tier({ manifest }: RouteOption, { call }: EligibilityQuestion) {
  const { minTier } = call.request;
  if (minTier === undefined || tierRank[manifest.tier] >= tierRank[minTier]) return null;
  return { code: 'no_route', reason: `its tier is ${manifest.tier}, at least ${minTier} is asked for` } as const;
}

function key({ endpoint, target }: RouteOption) {
  if (endpoint.keyPresent()) return null;
  const name = endpoint.keyName ?? 'an API key';
  return { code: 'auth', reason: `${name} is not set for ${target.provider}/${target.endpoint}` } as const;
}

function context({ manifest }: RouteOption, { inputTokens }: EligibilityQuestion) {
  if (manifest.contextTokens === undefined || inputTokens <= surelyTooLong * manifest.contextTokens) return null;
  return {
    code: 'context_length',
    reason: `the input has up to ${inputTokens} tokens, its context ${manifest.contextTokens}`,
  } as const;
}

/** The count is an upper bound: only what is far beyond the context is refused before the provider has counted. */
const surelyTooLong = 2;

function price({ cost, mustBePriced }: RouteOption, { call }: EligibilityQuestion) {
  if (cost.worstCaseNanoUsd !== null || !(mustBePriced || call.request.maxCostUsd !== undefined)) return null;
  return { code: 'unpriced', reason: cost.unboundedReason ?? 'its price is not known' } as const;
}

function ceiling({ cost }: RouteOption, { call }: EligibilityQuestion) {
  const { maxCostUsd } = call.request;
  if (maxCostUsd === undefined || cost.worstCaseNanoUsd === null) return null;
  if (cost.worstCaseNanoUsd <= nanoUsdOf(maxCostUsd, 'maxCostUsd')) return null;
  const reason = `its worst case is ${formatUsd(cost.worstCaseNanoUsd)}, maxCostUsd allows ${formatUsd(nanoUsdOf(maxCostUsd))}`;
  return { code: 'budget_exceeded', reason } as const;
}

function circuit({ circuit: status }: RouteOption) {
  if (status !== 'open') return null;
  return { code: 'circuit_open', reason: 'its circuit is open after repeated failures' } as const;
}

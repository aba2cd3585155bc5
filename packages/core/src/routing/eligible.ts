import { formatUsd, nanoUsdOf } from '../money/nano-usd.js';
import type { AudioPart, FileRefPart } from '../spec/content.js';
import type { ErrorCode } from '../spec/error-code.js';
import type { Call } from '../spec/middleware.js';
import type { NanoUsd } from '../spec/money.js';
import type { ComplianceRule, RejectedRoute, RouteOption, RouterOptions } from '../spec/router.js';
import type { Region, Target } from '../spec/target.js';
import { tierRank } from './downgrade.js';

/** What a call asks of whoever serves it, and what the configuration adds. Made once per call. */
export interface EligibilityQuestion {
  readonly call: Call;
  readonly inputTokens: number;
  /** What the messages contain besides text. */
  readonly media: readonly MediaType[];
  /** The regions of the request and of every rule that matches its tags, intersected. Null: no restriction. */
  readonly regions: readonly Region[] | null;
  /** Any model would do: those that can only be asked in words for an answer by schema are then left out. */
  readonly anyModel: boolean;
  readonly ceilingNanoUsd: NanoUsd | null;
  /**
   * Everything that `lastingRules` look at: for calls of one kind their answer about a candidate is the same. Null: they
   * look into the request.
   */
  readonly kind: string | null;
}

type MediaType = 'image' | 'audio' | 'file_ref';

/** `reference`: the model that was asked for. */
export function eligibilityQuestion(
  call: Call,
  inputTokens: number,
  reference: string,
  { compliance = [] }: RouterOptions,
): EligibilityQuestion {
  const { maxCostUsd } = call.request;
  const media = mediaOf(call);
  const regions = allowedRegions(call, compliance);
  const anyModel = isAnyModel(reference);
  return {
    call,
    inputTokens,
    media,
    regions,
    anyModel,
    ceilingNanoUsd: maxCostUsd === undefined ? null : nanoUsdOf(maxCostUsd, 'maxCostUsd'),
    kind: kindOf(call, media, regions, anyModel),
  };
}

function kindOf(
  call: Call,
  media: readonly MediaType[],
  regions: readonly Region[] | null,
  anyModel: boolean,
): string | null {
  if (call.operation !== 'chat') return null;
  const { tools, output, minTier } = call.request;
  const asks = `${media.join()} ${(tools?.length ?? 0) > 0} ${anyModel && output !== undefined} ${minTier}`;
  return regions === null ? asks : `${asks} ${JSON.stringify(regions)}`;
}

/** `auto`, or `qwen/auto`. */
export function isAnyModel(reference: string): boolean {
  return reference === 'auto' || reference === '*' || reference.endsWith('/auto') || reference.endsWith('/*');
}

function mediaOf(call: Call): readonly MediaType[] {
  if (call.operation === 'paint') return (call.request.images?.length ?? 0) > 0 ? ['image'] : noMedia;
  if (call.operation !== 'chat') return noMedia;
  let media = noMedia;
  for (const { content } of call.request.messages) {
    for (const { type } of content) {
      const isMedia = type === 'image' || type === 'audio' || type === 'file_ref';
      if (isMedia && !media.includes(type)) media = [...media, type];
    }
  }
  return media;
}

const noMedia: readonly MediaType[] = [];

/** The regions of the request and of every compliance rule that matches its tags, intersected. Null: no restriction. */
function allowedRegions({ request }: Call, compliance: readonly ComplianceRule[]): readonly Region[] | null {
  let allowed = request.regions ?? null;
  for (const rule of compliance) {
    if (isBound(request.tags ?? {}, rule))
      allowed = allowed === null ? rule.regions : allowed.filter((name) => rule.regions.includes(name));
  }
  return allowed;
}

/** `*` is any value of the tag, as in budgets. */
function isBound(tags: Readonly<Record<string, string>>, rule: ComplianceRule): boolean {
  return Object.entries(rule.tags).every(
    ([tag, value]) => Object.hasOwn(tags, tag) && (value === '*' || tags[tag] === value),
  );
}

type Rule = (
  option: RouteOption,
  question: EligibilityQuestion,
) => { readonly code: ErrorCode; readonly reason: string } | null;

/** Hard rules, in the order in which their reasons are most useful to read. Fails closed: the first reason rejects. */
const lastingRules: readonly Rule[] = [operation, modalities, abilities, region, tier];
/** What may change with every call. */
const momentaryRules: readonly Rule[] = [key, context, price, ceiling, reachability, circuit];

/** Reasons that lie in the state of an endpoint, not in the call: it could go there at another time. */
export function isUnhealthy({ code }: RejectedRoute): boolean {
  return code === 'provider_unavailable' || code === 'circuit_open';
}

/** Why an option may not serve the call; null when it may. */
export function rejectionOf(option: RouteOption, question: EligibilityQuestion): RejectedRoute | null {
  return lastingRejection(option, question) ?? firstRejection(momentaryRules, option, question);
}

interface Remembered {
  readonly kind: string;
  readonly rejection: RejectedRoute | null;
}

/** The latest answer about each target: programs ask in few ways, and mostly the same way again. */
const remembered = new WeakMap<Target, Remembered>();

function lastingRejection(option: RouteOption, question: EligibilityQuestion): RejectedRoute | null {
  const { kind } = question;
  if (kind === null) return firstRejection(lastingRules, option, question);
  const known = remembered.get(option.target);
  if (known?.kind === kind) return known.rejection;
  const rejection = firstRejection(lastingRules, option, question);
  remembered.set(option.target, { kind, rejection });
  return rejection;
}

function firstRejection(
  rules: readonly Rule[],
  option: RouteOption,
  question: EligibilityQuestion,
): RejectedRoute | null {
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

function modalities({ manifest }: RouteOption, { call, media }: EligibilityQuestion) {
  if (call.operation === 'transcribe') return audioInput(manifest, call.request.audio);
  for (const type of media) {
    if (!manifest.input.includes(type)) return { code: 'no_route', reason: `it takes no ${type} input` } as const;
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

function abilities({ manifest }: RouteOption, { call, anyModel }: EligibilityQuestion) {
  if (call.operation !== 'chat') return null;
  if ((call.request.tools?.length ?? 0) > 0 && !manifest.tools)
    return { code: 'no_route', reason: 'it cannot call tools' } as const;
  // Who names such a model gets it: the schema is then put into words, and the answer is validated all the same.
  if (anyModel && call.request.output !== undefined && !manifest.structured)
    return { code: 'no_route', reason: 'it cannot be held to a schema' } as const;
  return null;
}

/** Every place the endpoint talks to must be allowed, not only its chat API. What does not say where it is, is nowhere. */
function region({ endpoint }: RouteOption, { regions }: EligibilityQuestion) {
  if (regions === null) return null;
  const refusal = refusedRegion(endpoint.region, regions);
  if (refusal !== null) return refusal;
  for (const place of endpoint.alsoUses ?? []) {
    const elsewhere = refusedRegion(place.region, regions);
    if (elsewhere !== null) return elsewhere;
  }
  return null;
}

function refusedRegion(used: Region | undefined, allowed: readonly Region[]) {
  if (used && allowed.includes(used)) return null;
  const list = allowed.join(', ') || 'none';
  if (!used) return { code: 'no_route', reason: `its region is not declared, allowed are ${list}` } as const;
  return { code: 'no_route', reason: `region ${used} is not allowed, allowed are ${list}` } as const;
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

function price({ cost, mustBePriced }: RouteOption, { ceilingNanoUsd }: EligibilityQuestion) {
  if (!(mustBePriced || ceilingNanoUsd !== null) || cost.worstCaseNanoUsd !== null) return null;
  return { code: 'unpriced', reason: cost.unboundedReason ?? 'its price is not known' } as const;
}

function ceiling({ cost }: RouteOption, { ceilingNanoUsd }: EligibilityQuestion) {
  if (ceilingNanoUsd === null || cost.worstCaseNanoUsd === null || cost.worstCaseNanoUsd <= ceilingNanoUsd) return null;
  const reason = `its worst case is ${formatUsd(cost.worstCaseNanoUsd)}, maxCostUsd allows ${formatUsd(ceilingNanoUsd)}`;
  return { code: 'budget_exceeded', reason } as const;
}

function reachability({ reach, target }: RouteOption) {
  if (reach?.state !== 'unreachable') return null;
  const why = reach.message === undefined ? '' : ` (${reach.message.replace(/\.$/, '')})`;
  const reason = `the endpoint ${target.provider}/${target.endpoint} is not reachable${why}`;
  return { code: 'provider_unavailable', reason } as const;
}

function circuit({ circuit: status }: RouteOption) {
  if (status !== 'open') return null;
  return { code: 'circuit_open', reason: 'its circuit is open after repeated failures' } as const;
}

import type { InputBound, RequestBound } from '../estimate/request-usage.js';
import { isPromise } from '../flow/is-promise.js';
import { isAmount } from '../money/usage.js';
import type { Call } from '../spec/middleware.js';
import type { ChatRequest } from '../spec/request.js';
import type { Target } from '../spec/target.js';
import type { Tokenizer } from '../spec/tokenizer.js';
import type { Usage } from '../spec/usage.js';
import type { CatalogEntry } from './catalog.js';

/**
 * What a call sends to a candidate at most. A tokenizer that counts better than the generic bound is asked first, then the
 * provider, which knows its own bill. A promise only where a plugin needs one.
 */
export function candidateInput(
  tokenizers: readonly Tokenizer[],
  call: Call,
  { provider, manifest, target }: CatalogEntry,
  bound: RequestBound,
): InputBound | Promise<InputBound> {
  const input = bound.of(provider.tokenFamily);
  const counted = call.operation === 'chat' ? countedBy(tokenizers, call.request, target, input) : input;
  if (provider.estimate === undefined) return counted;
  const { operation, request } = call;
  const bounded = (own: InputBound) => {
    const usage = provider.estimate?.(request, manifest, { operation, quantities: own.quantities }) ?? null;
    const said = (billing: Usage | null) =>
      billing === null || !areAmounts(billing) ? own : billed(billing, operation);
    return isPromise(usage) ? usage.then(said) : said(usage);
  };
  return isPromise(counted) ? counted.then(bounded) : bounded(counted);
}

function countedBy(
  tokenizers: readonly Tokenizer[],
  request: ChatRequest,
  target: Target,
  input: InputBound,
): InputBound | Promise<InputBound> {
  try {
    const tokenizer = tokenizers.find((candidate) => candidate.matches(target));
    if (tokenizer === undefined) return input;
    const withTokens = (tokens: number) =>
      isAmount(tokens) ? { ...input, quantities: { ...input.quantities, input_token: Math.ceil(tokens) } } : input;
    const tokens = tokenizer.count(request);
    // A tokenizer that fails, or counts what is no number, only counts less well: the bound stands.
    return isPromise(tokens) ? tokens.then(withTokens, () => input) : withTokens(tokens);
  } catch {
    return input;
  }
}

function areAmounts({ quantities }: Usage): boolean {
  for (const unit in quantities) if (!isAmount(quantities[unit])) return false;
  return true;
}

function billed({ quantities, serviceTier }: Usage, operation: Call['operation']): InputBound {
  const whole = operation !== 'chat';
  return { quantities, unboundedReason: null, whole, ...(serviceTier !== undefined && { serviceTier }) };
}

import type { VibeError } from '../errors/vibe-error.js';
import type { PriceBook } from '../estimate/price-book.js';
import { textTokens } from '../estimate/text-tokens.js';
import { elapsedMs } from '../flow/elapsed.js';
import type { PermittedAttempt } from '../flow/live-call.js';
import { appendPart } from '../flow/merge-content.js';
import { isAmount } from '../money/usage.js';
import type { Part } from '../spec/content.js';
import type { DeltaEvent, ProviderResult, ToolCallDeltaEvent, UsageEvent } from '../spec/event.js';
import type { Priced } from '../spec/pricing.js';
import type { AttemptRecord } from '../spec/response.js';
import type { Quantities, Usage } from '../spec/usage.js';

/** How one attempt ended. `error` is null when the consumer left. */
export type AttemptEnd =
  | { readonly status: 'ok' | 'cancelled'; readonly result: ProviderResult }
  | { readonly status: 'failed' | 'cancelled'; readonly error: VibeError | null };

/** Watches one attempt and says in the end what it consumed and cost. */
export class AttemptMeter {
  readonly #call: PermittedAttempt;
  readonly #prices: PriceBook;
  readonly #now: () => number;
  readonly #startedAtMs: number;
  #firstDeltaAtMs: number | null = null;
  #reported: Usage | null = null;
  /** Text that arrived since the provider last reported its usage. */
  #unreportedText: string[] = [];
  #unreportedReasoning: string[] = [];
  /** Deltas to come that the last report has counted already. */
  #deltasAhead = 0;

  constructor(call: PermittedAttempt, prices: PriceBook, now: () => number) {
    this.#call = call;
    this.#prices = prices;
    this.#now = now;
    this.#startedAtMs = now();
  }

  saw(event: DeltaEvent | ToolCallDeltaEvent): void {
    const nowMs = this.#now();
    this.#firstDeltaAtMs ??= nowMs;
    this.#call.state.firstDeltaAtMs ??= nowMs;
    const isCounted = this.#deltasAhead > 0;
    if (isCounted) this.#deltasAhead--;
    const counts = isCounted ? (this.#reported?.quantities ?? {}) : {};
    if (event.type === 'tool_call_delta') {
      if (counts['output_token'] === undefined) this.#unreportedText.push(event.inputText);
      return;
    }
    appendPart(this.#call.state.content, event.part);
    const { part } = event;
    if (part.type === 'text' && counts['output_token'] === undefined) this.#unreportedText.push(part.text);
    if (part.type === 'reasoning' && counts['reasoning_token'] === undefined) this.#unreportedReasoning.push(part.text);
  }

  /** The provider's own count so far replaces ours, for the units it names: some count thoughts only when they are over. */
  reported({ usage, deltasAhead = 0 }: UsageEvent): void {
    if (sane(usage) === null) return;
    this.#reported = usage;
    this.#deltasAhead = deltasAhead;
    if (usage.quantities['output_token'] !== undefined) this.#unreportedText = [];
    if (usage.quantities['reasoning_token'] !== undefined) this.#unreportedReasoning = [];
  }

  record(end: AttemptEnd): AttemptRecord {
    const result = 'result' in end ? end.result : null;
    const error = 'error' in end ? end.error : null;
    const usage =
      result === null
        ? this.#usageWithoutResult(end.status, error)
        : (this.#withTier(this.#told(result)) ?? this.#meteredWhole(result.content));
    const priced = usage === null ? null : this.#price(usage, result?.servedModel ?? null);
    const nowMs = this.#now();
    return {
      attempt: this.#call.attempt,
      startedAtMs: this.#startedAtMs,
      target: this.#call.candidate.target,
      status: end.status,
      errorCode: error?.code ?? (end.status === 'cancelled' ? 'cancelled' : null),
      errorMessage: error?.message ?? null,
      httpStatus: error?.status ?? null,
      servedModel: result?.servedModel ?? null,
      requestId: result?.requestId ?? error?.requestId ?? null,
      finishReason: end.status === 'cancelled' ? 'cancelled' : (result?.finishReason ?? null),
      rawFinishReason: result?.rawFinishReason ?? null,
      usage,
      estimatedNanoUsd: this.#call.candidate.option.cost.estimatedNanoUsd,
      // No usage at all means that the attempt provably cost nothing.
      actualNanoUsd: usage === null ? 0 : (priced?.totalNanoUsd ?? null),
      lines: priced?.lines ?? [],
      currency: priced?.currency ?? null,
      fxRate: priced?.fxRate ?? null,
      ttftMs: this.#firstDeltaAtMs === null ? null : elapsedMs(this.#startedAtMs, this.#firstDeltaAtMs),
      totalMs: elapsedMs(this.#startedAtMs, nowMs),
      waitMs: this.#call.waitedMs,
      retryMs: this.#call.backoffMs,
    };
  }

  /**
   * What the provider said about a whole answer; null when it said nothing, or nonsense. Of a chat whose input or output it
   * did not count, that side is ours: it was not free.
   */
  #told({ usage: said, content }: ProviderResult): Usage | null {
    const usage = sane(said);
    if (usage === null || !usage.unknown || this.#call.operation !== 'chat') return usage;
    // the last count on the way is all there is: words that came behind it are not in it
    const counted = usage.quantities['output_token'];
    const isOld = counted !== undefined && counted === this.#reported?.quantities['output_token'];
    if (isOld && this.#unreportedText.join('') !== '') return this.#metered();
    const units = Object.keys(usage.quantities).filter((unit) => unit.endsWith('_token'));
    const words = (type: 'text' | 'reasoning') =>
      textTokens(wordsOf(content, type), this.#call.candidate.provider.tokenFamily);
    const input = units.some(isInput) ? {} : inputOf(this.#call.candidate.option.cost.estimatedUsage.quantities);
    const written = Math.min(this.#leftOfCap(usage.quantities), words('text') + words('reasoning'));
    const output = units.every(isInput) ? { output_token: written } : {};
    return { ...usage, quantities: { ...input, ...output, ...usage.quantities } };
  }

  /** Who asked for a service tier and is not told another one was served by it. */
  #withTier(usage: Usage | null): Usage | null {
    const asked = this.#call.candidate.option.cost.estimatedUsage.serviceTier;
    return usage === null || asked === undefined || usage.serviceTier !== undefined
      ? usage
      : { ...usage, serviceTier: asked };
  }

  /** What an attempt without a result consumed. Null: provably nothing. */
  #usageWithoutResult(status: 'ok' | 'failed' | 'cancelled', error: VibeError | null): Usage | null {
    const answered = this.#firstDeltaAtMs !== null || this.#reported !== null;
    if (answered || status === 'cancelled') return this.#metered();
    if (error?.mayBeBilled !== true) return null;
    return { ...this.#call.candidate.option.cost.estimatedUsage, unknown: true, source: 'estimated' };
  }

  /** An answer of unknown usage that came without deltas was not free: its words count as if they had come in pieces. */
  #meteredWhole(content: readonly Part[]): Usage {
    if (this.#firstDeltaAtMs === null) {
      const counts = this.#reported?.quantities ?? {};
      if (counts['output_token'] === undefined) this.#unreportedText.push(wordsOf(content, 'text'));
      if (counts['reasoning_token'] === undefined) this.#unreportedReasoning.push(wordsOf(content, 'reasoning'));
    }
    return this.#metered();
  }

  /** What the provider reported, plus what arrived since; without a report the full input and what arrived. */
  #metered(): Usage {
    const { option, provider } = this.#call.candidate;
    const before = this.#reported?.quantities ?? inputOf(option.cost.estimatedUsage.quantities);
    const left = this.#leftOfCap(before);
    const output = Math.min(left, textTokens(this.#unreportedText.join(''), provider.tokenFamily));
    const reasoning = Math.min(left - output, textTokens(this.#unreportedReasoning.join(''), provider.tokenFamily));
    const quantities: Record<string, number | undefined> = { ...before };
    if (this.#billsWords(before)) quantities['output_token'] = (before['output_token'] ?? 0) + output;
    if (reasoning > 0) quantities['reasoning_token'] = (before['reasoning_token'] ?? 0) + reasoning;
    const source = this.#firstDeltaAtMs !== null || this.#reported !== null ? 'partial' : 'estimated';
    const serviceTier = this.#reported?.serviceTier ?? option.cost.estimatedUsage.serviceTier;
    return { quantities, unknown: true, source, ...(serviceTier !== undefined && { serviceTier }) };
  }

  /** Our count of words is a bound; beyond the cap that was sent, and is held, no service writes. */
  #leftOfCap({ output_token: output = 0, reasoning_token: reasoning = 0 }: Quantities): number {
    const { maxOutputTokens } = this.#call.candidate.option.cost;
    return maxOutputTokens === null ? Number.POSITIVE_INFINITY : Math.max(0, maxOutputTokens - output - reasoning);
  }

  /** Words of a chat are billed; those of a transcription only where the provider's bound of the whole bill names them. */
  #billsWords(before: Quantities): boolean {
    const { operation, candidate } = this.#call;
    if (operation === 'chat' || candidate.provider.estimate === undefined) return true;
    return [before, candidate.option.cost.estimatedUsage.quantities].some((unit) => unit['output_token'] !== undefined);
  }

  #price(usage: Usage, servedModel: string | null): Priced | null {
    return this.#prices.price(this.#call.candidate.target, servedModel, this.#startedAtMs, usage);
  }
}

/** A usage that can be billed; null when the provider said nothing, or nonsense. */
function sane(usage: Usage | null | undefined): Usage | null {
  if (typeof usage?.quantities !== 'object' || usage.quantities === null) return null;
  const counts = Object.values(usage.quantities).filter((quantity) => quantity !== undefined);
  return counts.length > 0 && counts.every(isAmount) ? usage : null;
}

/** What a model wrote; the input of a tool is written too. A part that a plugin made wrong says nothing. */
function wordsOf(content: readonly Part[], type: 'text' | 'reasoning'): string {
  const words = content.map((part) => {
    if (part?.type === 'tool_call') return type === 'text' ? jsonOf(part.input) : '';
    return part?.type === type ? part.text : '';
  });
  return words.join('');
}

/** Nothing for what is no JSON: an answer is not lost for its bill. */
function jsonOf(input: unknown): string {
  try {
    return JSON.stringify(input) ?? '';
  } catch {
    return '';
  }
}

function inputOf(quantities: Quantities): Record<string, number> {
  const input: Record<string, number> = {};
  for (const [unit, quantity] of Object.entries(quantities)) {
    if (isInput(unit) && quantity !== undefined) input[unit] = quantity;
  }
  return input;
}

function isInput(unit: string): boolean {
  return !unit.startsWith('output_') && unit !== 'reasoning_token';
}
